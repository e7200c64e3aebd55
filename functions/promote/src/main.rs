//! The promote function on Lambda.

use std::sync::Arc;

use berth_function_promote::{Batch, handle};
use berth_function_registry::{RandomIds, SystemClock};
use berth_registry::upload::Signer;
use berth_registry::{Config, Delivery, Ids, Registry};
use berth_store::Store;
use lambda_runtime::{Error, LambdaEvent, run, service_fn};

#[tokio::main(flavor = "current_thread")]
async fn main() -> Result<(), Error> {
    tracing_subscriber::fmt().json().with_target(false).without_time().init();
    let (bucket, table) = (std::env::var("BERTH_BUCKET")?, std::env::var("BERTH_TABLE")?);
    let aws = aws_config::load_from_env().await;
    let (s3, dynamodb) = (aws_sdk_s3::Client::new(&aws), aws_sdk_dynamodb::Client::new(&aws));
    let store = Store::new(s3, dynamodb, bucket, table, Arc::new(SystemClock), Arc::new(RandomIds));
    // Promotion signs nothing: a key that nobody knows will do.
    let registry =
        Registry::new(store.ports(), Config::new(Signer::new(RandomIds.next(), None), Delivery::Edge));
    run(service_fn(|event: LambdaEvent<Batch>| async {
        Ok::<_, Error>(handle(&registry, event.payload).await)
    }))
    .await
}
