//! Revisions, writes of several records, and writers side by side.

use std::collections::BTreeSet;
use std::time::Duration;

use berth_records::{Change, Expect, Key, Range, Stored, Written};
use berth_registry::StoreError;
use futures::future::try_join_all;

use super::super::{Clause, Records, World};
use super::{TTL_SECS, key, passing, put};

/// As many as one write takes.
const MANY: usize = 100;
const WRITERS: usize = 8;

/// Not by another change of the record, nor after it was deleted or has expired, nor by another record.
pub async fn a_revision_is_never_used_twice(world: &impl World) -> Clause {
    let records = world.records();
    let mut seen = BTreeSet::new();
    for round in 0..4 {
        for document in ["1", "1", "2"] {
            assert!(seen.insert(records.put(&key("a"), document).await?), "round {round}");
            assert!(seen.insert(world.records().put(&key("b"), document).await?), "round {round}");
        }
        if round % 2 == 0 {
            records.write_all(vec![Change::delete(key("a")), Change::delete(key("b"))]).await?;
        } else {
            let both = ["a", "b"].map(|name| passing(world, &key(name), "3", TTL_SECS));
            records.write_all(both.to_vec()).await?;
            world.advance(Duration::from_secs(TTL_SECS));
        }
        assert_eq!(records.read.get(&[key("a"), key("b")]).await?, [None, None]);
    }
    Ok(())
}

/// Reading, checking and being refused are no changes.
pub async fn a_revision_stays_while_nothing_changes(world: &impl World) -> Clause {
    let records = world.records();
    let revision = records.put(&key("a"), "1").await?;
    let check = Change::Check { key: key("a"), expect: Expect::Revision(revision.clone()) };
    records.write_all(vec![check.clone()]).await?;
    records.write_all(vec![check, put(&key("b"), "1", Expect::Absent)]).await?;
    let refused = records.write.write(vec![put(&key("a"), "2", Expect::Absent)]).await?;
    assert_eq!(refused, Written::Conflict);
    assert_eq!(records.one(&key("a")).await?.map(|record| record.revision), Some(revision.clone()));
    let listed = records.read.list("partition", Range::default(), 1).await?;
    assert_eq!(listed.records[0].revision, revision, "the list tells the same");
    Ok(())
}

/// Each read and change once, by turns.
pub async fn changes_follow_one_another(world: &impl World) -> Clause {
    let records = world.records();
    let mut revision = records.put(&key("a"), "0").await?;
    for n in 1..5 {
        let change = put(&key("a"), &n.to_string(), Expect::Revision(revision.clone()));
        records.write_all(vec![change.clone()]).await?;
        assert_eq!(records.write.write(vec![change]).await?, Written::Conflict, "it was read before");
        let record = world.records().one(&key("a")).await?.expect("it was put");
        assert_eq!(record.document, n.to_string());
        revision = record.revision;
    }
    Ok(())
}

/// All or nothing: one expectation that does not hold stops all, wherever it stands.
pub async fn one_unmet_expectation_stops_all(world: &impl World) -> Clause {
    let records = world.records();
    records.put(&key("there"), "1").await?;
    let unmet = [
        put(&key("there"), "2", Expect::Absent),
        put(&key("absent"), "2", Expect::Present),
        Change::Delete { key: key("there"), expect: Expect::Revision("never".to_owned()) },
        Change::Check { key: key("absent"), expect: Expect::Present },
    ];
    for (n, change) in unmet.iter().enumerate() {
        for place in 0..=2 {
            let mut changes = vec![put(&key("new"), "2", Expect::Absent), Change::delete(key("other"))];
            records.put(&key("other"), "1").await?;
            changes.insert(place, change.clone());
            assert_eq!(records.write.write(changes).await?, Written::Conflict, "{n} at {place}");
            let found = world.records().read.get(&["there", "absent", "new", "other"].map(key)).await?;
            let found: Vec<_> =
                found.iter().map(|record| record.as_ref().map(|record| &*record.document)).collect();
            assert_eq!(found, [Some("1"), None, None, Some("1")], "{n} at {place}");
        }
    }
    Ok(())
}

/// Puts, deletions and checks, of several partitions.
pub async fn several_changes_at_once(world: &impl World) -> Clause {
    let records = world.records();
    let far = Key::new("another partition", "a");
    let revision = records.put(&key("replaced"), "1").await?;
    records.put(&key("deleted"), "1").await?;
    records.put(&key("checked"), "1").await?;
    records
        .write_all(vec![
            put(&far, "2", Expect::Absent),
            put(&key("replaced"), "2", Expect::Revision(revision)),
            Change::Delete { key: key("deleted"), expect: Expect::Present },
            Change::delete(key("never was")),
            Change::Check { key: key("checked"), expect: Expect::Present },
            Change::Check { key: key("nothing"), expect: Expect::Anything },
        ])
        .await?;
    let keys = [far, key("replaced"), key("deleted"), key("never was"), key("checked"), key("nothing")];
    let found = world.records().read.get(&keys).await?;
    let found: Vec<_> = found.iter().map(|record| record.as_ref().map(|record| &*record.document)).collect();
    assert_eq!(found, [Some("2"), Some("2"), None, None, Some("1"), None]);
    Ok(())
}

/// Nothing to do, or nothing that could fail, is done.
pub async fn writing_nothing_succeeds(world: &impl World) -> Clause {
    let records = world.records();
    records.write_all(Vec::new()).await?;
    let check = |name| Change::Check { key: key(name), expect: Expect::Anything };
    records.write_all(vec![check("a")]).await?;
    records.write_all(vec![check("a"), check("b")]).await?;
    assert_eq!(records.read.get(&[key("a"), key("b")]).await?, [None, None]);
    Ok(())
}

/// All hundred, or none if one of them may not be.
pub async fn a_hundred_changes_at_once(world: &impl World) -> Clause {
    let records = world.records();
    let keys: Vec<Key> = (0..MANY).map(|n| key(&format!("{n:03}"))).collect();
    let all = |document: &str, expect: Expect| -> Vec<Change> {
        keys.iter().map(|key| put(key, document, expect.clone())).collect()
    };
    records.put(&keys[61], "0").await?;
    assert_eq!(records.write.write(all("1", Expect::Absent)).await?, Written::Conflict);
    assert_eq!(records.read.list("partition", Range::default(), 200).await?.records.len(), 1);
    records.write_all(vec![Change::delete(keys[61].clone())]).await?;
    records.write_all(all("1", Expect::Absent)).await?;
    records.write_all(all("2", Expect::Present)).await?;
    let found = world.records().read.get(&keys).await?;
    assert!(found.iter().flatten().all(|record| record.document == "2"));
    let revisions: BTreeSet<String> = found.into_iter().flatten().map(|record| record.revision).collect();
    assert_eq!(revisions.len(), MANY);
    records.write_all(keys.iter().cloned().map(Change::delete).collect()).await?;
    assert_eq!(records.read.list("partition", Range::default(), 200).await?.records, []);
    Ok(())
}

/// Of writers that make the same record, that have read the same revision, or that delete it, one wins.
pub async fn one_of_many_writers_wins(world: &impl World) -> Clause {
    let records = world.records();
    for round in 0..9 {
        let name = key(&format!("round {round}"));
        let made = |n: usize| vec![put(&name, &n.to_string(), Expect::Absent)];
        let winner = one_wins(&records, (0..WRITERS).map(made).collect()).await?;
        assert_eq!(records.document(&name).await?, Some(winner.to_string()), "round {round}");

        let read = records.one(&name).await?.expect("somebody has made it").revision;
        let expect = Expect::Revision(read);
        let changed = |n: usize| vec![put(&name, &format!("1{n}"), expect.clone())];
        let winner = one_wins(&records, (0..WRITERS).map(changed).collect()).await?;
        assert_eq!(records.document(&name).await?, Some(format!("1{winner}")), "round {round}");

        let deleted = |_| vec![Change::Delete { key: name.clone(), expect: Expect::Present }];
        one_wins(&records, (0..WRITERS).map(deleted).collect()).await?;
        assert_eq!(records.one(&name).await?, None, "round {round}");
    }
    Ok(())
}

/// The same with writes of several records: all records are of the same writer.
pub async fn one_of_many_writers_of_several_records_wins(world: &impl World) -> Clause {
    let records = world.records();
    for round in 0..9 {
        let names: Vec<Key> = (0..3).map(|n| key(&format!("round {round} record {n}"))).collect();
        let made = |n: usize| -> Vec<Change> {
            let mut changes: Vec<Change> =
                names.iter().map(|key| put(key, &n.to_string(), Expect::Absent)).collect();
            changes.rotate_left(n % names.len());
            changes
        };
        let winner = one_wins(&records, (0..WRITERS).map(made).collect()).await?.to_string();
        let found = world.records().read.get(&names).await?;
        assert!(
            found.iter().all(|record| record.as_ref().is_some_and(|record| record.document == winner)),
            "round {round}: {found:?}"
        );
    }
    Ok(())
}

/// Writers that read again after a conflict, alone or with a second record: every change counts.
pub async fn no_change_is_lost(world: &impl World) -> Clause {
    let records = world.records();
    records.put(&key("sum"), "0").await?;
    let writer = |n: usize| {
        let records = world.records();
        async move {
            loop {
                let read: Stored<usize> =
                    berth_records::get(&*records.read, key("sum")).await?.expect("is there");
                let mut changes = vec![berth_records::put(key("sum"), &(read.value + 1), read.unchanged())];
                if n.is_multiple_of(2) {
                    changes.push(put(&key(&format!("writer {n}")), "1", Expect::Absent));
                }
                if records.write.write(changes).await? == Written::Written {
                    return Ok::<(), StoreError>(());
                }
            }
        }
    };
    try_join_all((0..WRITERS).map(writer)).await?;
    assert_eq!(records.document(&key("sum")).await?, Some(WRITERS.to_string()));
    Ok(())
}

/// Two writes that each check what the other one changes: not both happen.
pub async fn checks_hold_until_the_others_are_written(world: &impl World) -> Clause {
    let records = world.records();
    for round in 0..20 {
        let [one, other] = ["one", "other"].map(|name| key(&format!("{round} {name}")));
        let write = |put_at: &Key, checked: &Key| {
            let check = Change::Check { key: checked.clone(), expect: Expect::Absent };
            records.write.write(vec![put(put_at, "1", Expect::Absent), check])
        };
        let (first, second) = futures::future::try_join(write(&one, &other), write(&other, &one)).await?;
        let happened = [first, second].map(|written| written == Written::Written);
        assert_ne!(happened, [true, true], "round {round}");
        let found = records.read.get(&[one, other]).await?;
        assert_eq!([found[0].is_some(), found[1].is_some()], happened, "round {round}");
    }
    Ok(())
}

/// Makes all the writes at once and answers which one of them happened.
async fn one_wins(records: &Records, writes: Vec<Vec<Change>>) -> Result<usize, StoreError> {
    let written = try_join_all(writes.into_iter().map(|changes| records.write.write(changes))).await?;
    let winners: Vec<usize> = (0..written.len()).filter(|&n| written[n] == Written::Written).collect();
    assert_eq!(winners.len(), 1, "{written:?}");
    Ok(winners[0])
}
