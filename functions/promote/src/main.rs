//! The promote function on Lambda.

use berth_function_promote::{Batch, handle};
use berth_function_registry::{RandomIds, lambda_aws, open_store};
use berth_registry::upload::Signer;
use berth_registry::{Config, Delivery, Ids, Registry};
use lambda_runtime::{Error, LambdaEvent, run, service_fn};

#[tokio::main(flavor = "current_thread")]
async fn main() -> Result<(), Error> {
    tracing_subscriber::fmt().json().with_target(false).without_time().init();
    let (bucket, table) = (std::env::var("BERTH_BUCKET")?, std::env::var("BERTH_TABLE")?);
    let store = open_store(&lambda_aws(), bucket, table);
    // Promotion signs nothing: a key that nobody knows will do.
    let registry =
        Registry::new(store.ports(), Config::new(Signer::new(RandomIds.next(), None), Delivery::Edge));
    run(service_fn(|event: LambdaEvent<Batch>| async {
        Ok::<_, Error>(handle(&registry, event.payload).await)
    }))
    .await
}
