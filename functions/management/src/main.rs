//! The management function on Lambda.

use berth_function_management::Function;
use berth_function_registry::{Config, Storage, event, lambda_aws, lambda_settings, start};
use berth_registry::Delivery;
use lambda_http::Error;

#[tokio::main(flavor = "current_thread")]
async fn main() -> Result<(), Error> {
    tracing_subscriber::fmt().json().with_target(false).without_time().init();
    let mut config = Config::read(|name| std::env::var(name).ok())?;
    // It delivers no blobs, so it must not look for networks where it may not read.
    config.delivery = Delivery::Edge;
    let (service, origin) = start(&lambda_aws(), config, lambda_settings(), Storage::without_uploads).await;
    let function = Function::new(service.administration);
    event::serve(origin, move |request| {
        let function = function.clone();
        async move { function.answer(request).await }
    })
    .await
}
