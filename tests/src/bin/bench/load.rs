//! Load: many requests, a few at a time.

use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::Instant;

use reqwest::Client;

use crate::peers::Running;

/// What a scenario came to.
#[derive(Debug, Clone)]
pub struct Row {
    /// The scenario.
    pub what: &'static str,
    /// Requests, or whatever else is counted.
    pub count: f64,
    /// The unit of `count` per second.
    pub unit: &'static str,
    /// Wall time in seconds.
    pub wall_secs: f64,
    /// CPU time of the registry in seconds.
    pub cpu_secs: f64,
    /// The most memory that the registry has held so far.
    pub peak_bytes: u64,
}

impl std::fmt::Display for Row {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        let rate = self.count / self.wall_secs;
        let per_cpu = self.count / self.cpu_secs.max(0.01);
        write!(f, "{}: {rate:.0} {}, {per_cpu:.0} per CPU second", self.what, self.unit)
    }
}

/// Times `work`, which counts `count` units.
#[expect(clippy::disallowed_methods, reason = "a benchmark measures time")]
pub async fn timed<T>(
    running: &Running,
    what: &'static str,
    count: f64,
    unit: &'static str,
    work: impl Future<Output = T>,
) -> Row {
    let (cpu, start) = (running.cpu_secs(), Instant::now());
    work.await;
    Row {
        what,
        count,
        unit,
        wall_secs: start.elapsed().as_secs_f64(),
        cpu_secs: running.cpu_secs() - cpu,
        peak_bytes: running.peak_bytes(),
    }
}

/// Gets `urls` in turn, `requests` times in all, `at_once` at a time. Every answer must be a success.
pub async fn get_many(client: &Client, urls: Arc<Vec<String>>, requests: usize, at_once: usize) {
    let next = Arc::new(AtomicUsize::new(0));
    let workers: Vec<_> = (0..at_once)
        .map(|_| {
            let (client, urls, next) = (client.clone(), Arc::clone(&urls), Arc::clone(&next));
            tokio::spawn(async move {
                loop {
                    let number = next.fetch_add(1, Ordering::Relaxed);
                    if number >= requests {
                        return;
                    }
                    get_one(&client, &urls[number % urls.len()]).await;
                }
            })
        })
        .collect();
    for worker in workers {
        worker.await.expect("a worker ends");
    }
}

async fn get_one(client: &Client, url: &str) {
    let accept = "application/vnd.oci.image.manifest.v1+json, application/octet-stream, */*";
    let mut answer = client.get(url).header("accept", accept).send().await.expect("an answer");
    assert!(answer.status().is_success(), "{url}: {}", answer.status());
    while answer.chunk().await.expect("a body").is_some() {}
}
