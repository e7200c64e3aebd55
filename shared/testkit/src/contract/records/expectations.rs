//! What a change expects.

use std::time::Duration;

use berth_records::{Change, Expect, Key, Written};
use berth_registry::StoreError;

use super::super::{Clause, Records, World};
use super::{TTL_SECS, key, passing, put};

/// What is at a key before the change.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Before {
    Deleted,
    Present,
    Expired,
}

struct Case {
    key: Key,
    before: Before,
    expect: Expect,
    /// Whether the expectation holds.
    holds: bool,
    /// Whether another record is put with it, at the key and "+".
    in_company: bool,
}

/// Puts happen exactly if what they expect holds.
pub async fn a_put_happens_if_its_expectation_holds(world: &impl World) -> Clause {
    check(world, |key, expect| put(&key, "\"new\"", expect), |_| Some("\"new\"")).await
}

/// Deletions happen exactly if what they expect holds; deleting nothing is a success if nothing is expected.
pub async fn a_deletion_happens_if_its_expectation_holds(world: &impl World) -> Clause {
    check(world, |key, expect| Change::Delete { key, expect }, |_| None).await
}

/// A check changes nothing, and decides about what is with it.
pub async fn a_check_decides_about_the_others(world: &impl World) -> Clause {
    check(world, |key, expect| Change::Check { key, expect }, document).await
}

/// A revision is of one record: it is worth nothing at another key.
pub async fn a_revision_of_another_record_is_a_conflict(world: &impl World) -> Clause {
    let records = world.records();
    records.put(&key("a"), "1").await?;
    let other = records.put(&key("b"), "1").await?;
    let change = put(&key("a"), "2", Expect::Revision(other));
    assert_eq!(records.write.write(vec![change]).await?, Written::Conflict);
    assert_eq!(records.document(&key("a")).await?.as_deref(), Some("1"));
    Ok(())
}

/// Every expectation on everything that can be there, alone and with another change. `after` is what a change that
/// happens leaves.
async fn check(
    world: &impl World,
    change: impl Fn(Key, Expect) -> Change,
    after: impl Fn(Before) -> Option<&'static str>,
) -> Clause {
    let records = world.records();
    let cases = prepare(world, &records).await?;
    world.advance(Duration::from_secs(TTL_SECS));
    for Case { key, before, expect, holds, in_company } in cases {
        let companion = Key::new(&*key.partition, format!("{}+", key.sort));
        let mut changes = vec![change(key.clone(), expect.clone())];
        if in_company {
            changes.push(put(&companion, "\"company\"", Expect::Absent));
        }
        let written = records.write.write(changes).await?;
        let case = format!("{before:?}, expects {expect:?}, in company: {in_company}");
        assert_eq!(written, if holds { Written::Written } else { Written::Conflict }, "{case}");
        let left = if holds { after(before) } else { document(before) };
        assert_eq!(world.records().document(&key).await?.as_deref(), left, "{case}");
        assert_eq!(records.one(&companion).await?.is_some(), holds && in_company, "{case}");
    }
    Ok(())
}

async fn prepare(world: &impl World, records: &Records) -> Result<Vec<Case>, StoreError> {
    let mut cases = Vec::new();
    for before in [Before::Deleted, Before::Present, Before::Expired] {
        for (name, is_met) in [
            ("anything", true),
            ("absent", before != Before::Present),
            ("present", before == Before::Present),
            ("its revision", before == Before::Present),
            ("an old revision", false),
            ("a revision that never was", false),
        ] {
            for in_company in [false, true] {
                let key = key(&format!("{before:?} {name} {in_company}"));
                let [old, last] = make(world, records, &key, before).await?;
                let expect = match name {
                    "anything" => Expect::Anything,
                    "absent" => Expect::Absent,
                    "present" => Expect::Present,
                    "its revision" => Expect::Revision(last),
                    "an old revision" => Expect::Revision(old),
                    _ => Expect::Revision("never".to_owned()),
                };
                cases.push(Case { key, before, expect, holds: is_met, in_company });
            }
        }
    }
    Ok(cases)
}

/// Puts the record twice and lets it come to `before`, once the clock has moved on. Answers its revisions.
async fn make(
    world: &impl World,
    records: &Records,
    key: &Key,
    before: Before,
) -> Result<[String; 2], StoreError> {
    let old = records.put(key, "\"older\"").await?;
    if before == Before::Expired {
        records.write_all(vec![passing(world, key, "\"old\"", TTL_SECS)]).await?;
    } else {
        records.put(key, "\"old\"").await?;
    }
    let last = records.one(key).await?.expect("it has not expired yet").revision;
    if before == Before::Deleted {
        records.write_all(vec![Change::delete(key.clone())]).await?;
    }
    Ok([old, last])
}

fn document(before: Before) -> Option<&'static str> {
    (before == Before::Present).then_some("\"old\"")
}
