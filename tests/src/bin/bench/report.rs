//! The table.

use std::fmt::Write;

use crate::load::Row;

/// Everything that was measured.
#[derive(Default)]
pub struct Report {
    /// Peers that were not installed.
    pub missing: Vec<&'static str>,
    peers: Vec<&'static str>,
    rows: Vec<(&'static str, Row)>,
}

impl Report {
    /// Adds what one peer came to.
    pub fn add(&mut self, peer: &'static str, row: Row) {
        if !self.peers.contains(&peer) {
            self.peers.push(peer);
        }
        self.rows.push((peer, row));
    }

    /// The document. Each cell: rate, rate per CPU second of the registry, and both against the first column.
    pub fn text(&self, quick: bool) -> String {
        let mut text = String::from(INTRODUCTION);
        if quick {
            text.push_str("**This was a quick run, with a tenth of the work.**\n\n");
        }
        if !self.missing.is_empty() {
            writeln!(text, "Not installed here, and so not measured: {}.\n", self.missing.join(", "))
                .expect("a string grows");
        }
        writeln!(text, "| scenario | {} |", self.peers.join(" | ")).expect("a string grows");
        writeln!(text, "|---|{}", "---|".repeat(self.peers.len())).expect("a string grows");
        let mut scenarios: Vec<&str> = Vec::new();
        for (_, row) in &self.rows {
            if !scenarios.contains(&row.what.as_str()) {
                scenarios.push(&row.what);
            }
        }
        for what in scenarios {
            let cells: Vec<String> = self.peers.iter().map(|peer| self.cell(peer, what)).collect();
            writeln!(text, "| {what} | {} |", cells.join(" | ")).expect("a string grows");
        }
        let peaks: Vec<String> = self.peers.iter().map(|peer| self.peak(peer)).collect();
        writeln!(text, "| peak memory | {} |", peaks.join(" | ")).expect("a string grows");
        text
    }

    fn cell(&self, peer: &str, what: &str) -> String {
        let row = self.rows.iter().find(|(of, row)| *of == peer && row.what == what);
        row.map_or_else(|| "–".to_owned(), |(_, row)| row.cell())
    }

    fn peak(&self, peer: &str) -> String {
        let of_peer = self.rows.iter().filter(|(of, _)| *of == peer);
        let peak = of_peer.map(|(_, row)| row.peak_bytes).max().unwrap_or_default();
        format!("{} MiB", peak >> 20)
    }
}

const INTRODUCTION: &str = "# Benchmarks

All registries on one machine with two cores, one after the other in one run, each on a fresh folder, access logs off; the client shares the two
cores. `cargo run --release --bin bench -- --write` repeats it and rewrites this page. Absolute figures hold for that machine and that
hour; compare columns. In brackets: the same per second of the registry's own CPU time.

`berth` flushes every acknowledged write to the disk; the others do not, and `berth --sync off` does as they do.

";
