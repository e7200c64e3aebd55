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
    pub what: String,
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
        write!(f, "{}: {}", self.what, self.cell())
    }
}

impl Row {
    /// The time that the registry took to start.
    pub fn start_up(running: &Running) -> Self {
        Self {
            what: "start to the first answer".to_owned(),
            count: 1.0,
            unit: "ms",
            wall_secs: running.start_secs,
            cpu_secs: running.cpu_secs(),
            peak_bytes: running.peak_bytes(),
        }
    }

    /// The rate, and the rate per CPU second of the registry; or the time, where that was measured.
    pub fn cell(&self) -> String {
        if self.unit == "ms" {
            return format!("{:.0} ms", self.wall_secs * 1000.0);
        }
        let rate = self.count / self.wall_secs;
        let per_cpu = self.count / self.cpu_secs.max(0.01);
        format!("{rate:.0} {} ({per_cpu:.0}/CPU s)", self.unit)
    }
}

/// Times `work`, which counts `count` units.
#[expect(clippy::disallowed_methods, reason = "a benchmark measures time")]
pub async fn timed<T>(
    running: &Running,
    what: impl Into<String>,
    count: usize,
    unit: &'static str,
    work: impl Future<Output = T>,
) -> Row {
    let (cpu, start) = (running.cpu_secs(), Instant::now());
    work.await;
    #[expect(clippy::cast_precision_loss, reason = "a count far below 2^52")]
    let count = count as f64;
    Row {
        what: what.into(),
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

/// Does `job` for every number below `count`, `at_once` at a time.
pub async fn for_all<F: Future<Output = ()>>(count: usize, at_once: usize, job: impl Fn(usize) -> F) {
    let next = AtomicUsize::new(0);
    let worker = async || loop {
        let number = next.fetch_add(1, Ordering::Relaxed);
        if number >= count {
            return;
        }
        job(number).await;
    };
    futures::future::join_all((0..at_once).map(|_| worker())).await;
}
