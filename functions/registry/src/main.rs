//! The registry function on Lambda.

use berth_function_registry::{Config, Storage, event, gateway_settings, lambda_aws, lambda_settings, start};
use lambda_http::Error;

#[tokio::main(flavor = "current_thread")]
async fn main() -> Result<(), Error> {
    tracing_subscriber::fmt().json().with_target(false).without_time().init();
    let config = Config::read(|name| std::env::var(name).ok())?;
    let settings = if config.has_gateway { gateway_settings() } else { lambda_settings() };
    let (service, origin) = start(&lambda_aws(), config, settings, Storage::of).await;
    event::serve(origin, move |request| {
        let oci = service.oci.clone();
        async move { oci.answer(request).await }
    })
    .await
}
