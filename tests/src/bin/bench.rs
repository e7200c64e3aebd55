//! Compares `berth` with other registries on this machine, side by side in one run, and writes docs/benchmarks.md.
//!
//! `cargo run --release --bin bench -- [--quick] [--write]`. Peers that are not installed are left out, and said to be.
#![expect(clippy::print_stdout, reason = "a program that prints a table")]

#[path = "bench/load.rs"]
mod load;
#[path = "bench/peers.rs"]
mod peers;
#[path = "bench/report.rs"]
mod report;
#[path = "bench/scenarios.rs"]
mod scenarios;

use std::env;
use std::fs;

use berth_tests::repository_root;

fn main() {
    let quick = env::args().any(|argument| argument == "--quick");
    let runtime = tokio::runtime::Builder::new_multi_thread().enable_all().build().expect("a runtime");
    let mut report = report::Report::default();
    for peer in peers::all() {
        let Some(running) = peer.start() else {
            println!("{}: not installed, left out", peer.name);
            report.missing.push(peer.name);
            continue;
        };
        println!("{}", peer.name);
        for row in runtime.block_on(scenarios::run(&running, quick)) {
            println!("  {row}");
            report.add(peer.name, row);
        }
    }
    let text = report.text(quick);
    println!("\n{text}");
    if env::args().any(|argument| argument == "--write") {
        fs::write(repository_root().join("docs/benchmarks.md"), text).expect("docs is writable");
    }
}
