//! The registry function on Lambda.

use std::sync::Arc;

use berth_function_registry::{Config, event, gateway_settings, lambda_settings, start};
use lambda_http::{Error, Request, run, service_fn};

#[tokio::main(flavor = "current_thread")]
async fn main() -> Result<(), Error> {
    tracing_subscriber::fmt().json().with_target(false).without_time().init();
    let config = Config::read(|name| std::env::var(name).ok())?;
    let settings = if config.has_gateway { gateway_settings() } else { lambda_settings() };
    let (oci, origin) = start(config, settings).await;
    let origin = Arc::new(origin);
    run(service_fn(move |request: Request| {
        let (oci, origin) = (oci.clone(), Arc::clone(&origin));
        async move { Ok::<_, Error>(event::answer(&oci, &origin, request).await) }
    }))
    .await
}
