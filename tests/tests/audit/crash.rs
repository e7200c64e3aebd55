//! `kill -9` among pulls: every one that was answered is in the log, once.

use std::collections::BTreeMap;
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};
use std::sync::{Arc, Mutex};
use std::thread;
use std::time::Duration;

use reqwest::blocking::Client;

use crate::process::{PASSWORD, Registry};

const READERS: u64 = 4;
const ROUNDS: usize = 3;
/// How many pulls are answered before a process is killed.
const PULLS: usize = 60;

/// Pulls again and again, each time as another program, until the registry is gone; notes which were answered.
fn pull(url: &str, serial: &AtomicU64, answered: &Mutex<Vec<String>>, stop: &AtomicBool) {
    let client = Client::new();
    while !stop.load(Ordering::Relaxed) {
        let name = format!("reader/{}", serial.fetch_add(1, Ordering::Relaxed));
        let request = client.get(format!("{url}/v2/team/app/manifests/1")).basic_auth("ann", Some(PASSWORD));
        let Ok(answer) = request.header("user-agent", &name).send() else { return };
        assert_eq!(answer.status(), 200);
        answered.lock().expect("no reader panicked").push(name);
    }
}

/// [audit-before-answer] [audit-once]
#[test]
fn audit_what_was_answered_is_there_once_after_kills() {
    let folder = tempfile::tempdir().expect("a folder");
    let data = folder.path().join("data");
    let (answered, serial) = (Arc::new(Mutex::new(Vec::new())), Arc::new(AtomicU64::new(0)));
    let mut password = String::new();
    for round in 0..ROUNDS {
        let registry = Registry::start(&data, &[]);
        if round == 0 {
            registry.set_up();
            registry.push("1");
            registry.password.clone_into(&mut password);
        }
        let stop = Arc::new(AtomicBool::new(false));
        let before = answered.lock().expect("no reader panicked").len();
        let readers: Vec<_> = (0..READERS)
            .map(|_| {
                let (url, serial) = (registry.url.clone(), Arc::clone(&serial));
                let (answered, stop) = (Arc::clone(&answered), Arc::clone(&stop));
                thread::spawn(move || pull(&url, &serial, &answered, &stop))
            })
            .collect();
        while answered.lock().expect("no reader panicked").len() < before + PULLS {
            thread::sleep(Duration::from_millis(5));
        }
        registry.kill();
        stop.store(true, Ordering::Relaxed);
        for reader in readers {
            reader.join().expect("a reader ends when its registry is gone");
        }
    }
    let registry = Registry::start(&data, &[]);
    let answered = answered.lock().expect("no reader panicked");
    let missing = |found: &BTreeMap<String, usize>| {
        answered.iter().filter(|name| !found.contains_key(*name)).cloned().collect::<Vec<_>>()
    };
    let mut found = BTreeMap::new();
    for _ in 0..3000 {
        found.clear();
        for entry in registry.export(&password, "/projects/team/logs/export") {
            if entry["operation"] == "pull" {
                let name = entry["user_agent"].as_str().expect("a program").to_owned();
                *found.entry(name).or_insert(0) += 1;
            }
        }
        if missing(&found).is_empty() {
            break;
        }
        thread::sleep(Duration::from_millis(20));
    }
    assert_eq!(missing(&found), [""; 0], "pulls that were answered and are not in the log");
    assert!(answered.len() >= ROUNDS * PULLS);
    assert!(found.values().all(|count| *count == 1), "{found:?}");
}
