//! The audit function on Lambda.

use std::sync::Arc;

use berth_audit::AuditLog;
use berth_function_audit::{LogsEvent, handle};
use berth_function_registry::{RandomIds, SystemClock, lambda_aws, open_table, retention_days};
use lambda_runtime::{Error, LambdaEvent, run, service_fn};

#[tokio::main(flavor = "current_thread")]
async fn main() -> Result<(), Error> {
    tracing_subscriber::fmt().json().with_target(false).without_time().init();
    let days = retention_days(|name| std::env::var(name).ok())?;
    let records = Arc::new(open_table(&lambda_aws(), std::env::var("BERTH_TABLE")?));
    // Without lines: they would come back to it.
    let log = AuditLog::new(records.clone(), records, Arc::new(SystemClock), Arc::new(RandomIds), days);
    run(service_fn(|event: LambdaEvent<LogsEvent>| async {
        handle(&log, event.payload).await.map_err(|failure| {
            let error = &failure as &dyn std::error::Error;
            tracing::error!(error, "a batch of lines failed");
            Error::from(failure)
        })
    }))
    .await
}
