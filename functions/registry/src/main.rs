//! The registry function on Lambda.

use std::sync::Arc;

use berth_function_registry::{
    Config, RandomIds, Surroundings, SystemClock, event, gateway_settings, lambda_settings, service,
    with_networks,
};
use berth_store::Store;
use lambda_http::{Error, Request, run, service_fn};

#[tokio::main(flavor = "current_thread")]
async fn main() -> Result<(), Error> {
    tracing_subscriber::fmt().json().with_target(false).without_time().init();
    let config = Config::read(|name| std::env::var(name).ok())?;
    let aws = aws_config::load_from_env().await;
    let store = Store::new(
        aws_sdk_s3::Client::new(&aws),
        aws_sdk_dynamodb::Client::new(&aws),
        config.bucket,
        config.table,
        Arc::new(SystemClock),
        Arc::new(RandomIds),
    );
    let surroundings = Surroundings {
        config: berth_registry::Config::new(config.signer, with_networks(config.delivery, &store).await),
        access: config.access,
        settings: if config.has_gateway { gateway_settings() } else { lambda_settings() },
    };
    let (oci, _) = service(store.ports(), surroundings);
    let origin = Arc::new(config.origin);
    run(service_fn(move |request: Request| {
        let (oci, origin) = (oci.clone(), Arc::clone(&origin));
        async move { Ok::<_, Error>(event::answer(&oci, &origin, request).await) }
    }))
    .await
}
