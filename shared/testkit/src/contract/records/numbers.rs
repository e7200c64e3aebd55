//! Numbers.

use std::time::Duration;

use berth_records::{Change, Expect, Key, Range, Written};
use futures::future::{try_join, try_join_all};

use super::super::{Clause, World};
use super::{TTL_SECS, key, put};

/// Until something is added.
pub async fn an_absent_number_is_0(world: &impl World) -> Clause {
    let records = world.records();
    assert_eq!(records.read.numbers(&[]).await?, Vec::<u64>::new());
    assert_eq!(records.read.numbers(&[key("a")]).await?, [0]);
    records.write.add(&key("b"), 1, None).await?;
    assert_eq!(records.read.numbers(&[key("a"), key("bb")]).await?, [0, 0]);
    Ok(())
}

/// Each addition answers the sum, and every handle reads it. Adding nothing is an addition too.
pub async fn additions_answer_the_sum(world: &impl World) -> Clause {
    let records = world.records();
    for (amount, sum) in [(0, 0), (1, 1), (41, 42), (0, 42), (1 << 53, (1 << 53) + 42), (1, (1 << 53) + 43)] {
        assert_eq!(records.write.add(&key("a"), amount, None).await?, sum);
        assert_eq!(world.records().read.numbers(&[key("a")]).await?, [sum]);
    }
    Ok(())
}

/// All 64 bits.
pub async fn a_number_is_exact_to_the_last_bit(world: &impl World) -> Clause {
    let records = world.records();
    assert_eq!(records.write.add(&key("a"), u64::MAX - 2, None).await?, u64::MAX - 2);
    assert_eq!(records.write.add(&key("a"), 1, None).await?, u64::MAX - 1);
    assert_eq!(records.read.numbers(&[key("a")]).await?, [u64::MAX - 1]);
    Ok(())
}

/// Whatever the order of the sort keys, with gaps, of several partitions, and as many as one read takes.
pub async fn numbers_come_in_the_order_of_the_keys_asked_for(world: &impl World) -> Clause {
    let records = world.records();
    let keys: Vec<Key> = (0..100).rev().map(|n| Key::new(format!("p{}", n % 2), format!("{n:03}"))).collect();
    for (n, key) in (1..).zip(&keys).step_by(9) {
        records.write.add(key, n, None).await?;
    }
    let expected: Vec<u64> = (1..=100).map(|n| if n % 9 == 1 { n } else { 0 }).collect();
    assert_eq!(records.read.numbers(&keys).await?, expected);
    assert_eq!(records.read.numbers(&[keys[9].clone(), keys[1].clone(), keys[0].clone()]).await?, [10, 0, 1]);
    Ok(())
}

/// Those at the same time too, and each of them saw another sum.
pub async fn every_addition_counts(world: &impl World) -> Clause {
    let records = world.records();
    let name = key("a");
    let additions = (0..20).map(|_| records.write.add(&name, 3, None));
    let mut sums = try_join_all(additions).await?;
    sums.sort_unstable();
    assert_eq!(sums, (1..=20).map(|n| n * 3).collect::<Vec<u64>>());
    assert_eq!(records.read.numbers(&[name]).await?, [60]);
    Ok(())
}

/// A number and a record of the same key have nothing to do with each other.
pub async fn numbers_and_records_are_apart(world: &impl World) -> Clause {
    let records = world.records();
    let name = key("a");
    assert_eq!(records.write.add(&name, 5, None).await?, 5);
    assert_eq!(records.one(&name).await?, None);
    assert_eq!(records.read.list("partition", Range::default(), 9).await?.records, []);
    records.write_all(vec![put(&name, "1", Expect::Absent)]).await?;
    let revision = records.one(&name).await?.expect("it was put").revision;
    assert_eq!(records.write.add(&name, 5, None).await?, 10, "the put took nothing from the number");
    let record = records.one(&name).await?.expect("an addition takes no record");
    assert_eq!((record.document.as_str(), &record.revision), ("1", &revision));
    records.write_all(vec![Change::Delete { key: name.clone(), expect: Expect::Revision(revision) }]).await?;
    assert_eq!(records.read.numbers(&[name.clone(), key("b")]).await?, [10, 0]);
    let check = Change::Check { key: name.clone(), expect: Expect::Present };
    assert_eq!(records.write.write(vec![check]).await?, Written::Conflict, "a number is no record");
    records.put(&key("b"), "7").await?;
    assert_eq!(records.read.numbers(&[key("b")]).await?, [0], "a record is no number");
    Ok(())
}

/// Names of partitions that begin alike, or that end where sort keys begin.
pub async fn numbers_of_partitions_do_not_mix(world: &impl World) -> Clause {
    let records = world.records();
    let keys = [("a", "b#c"), ("a#b", "c"), ("ab", "c"), ("b", "b#c")].map(|(p, s)| Key::new(p, s));
    for (n, key) in (1..).zip(&keys) {
        assert_eq!(records.write.add(key, n, None).await?, n, "{key:?}");
    }
    assert_eq!(records.read.numbers(&keys).await?, [1, 2, 3, 4]);
    Ok(())
}

/// From its second on it is 0, and additions begin again, also those at the same time.
pub async fn an_expired_number_begins_again(world: &impl World) -> Clause {
    let records = world.records();
    let name = key("a");
    for round in 0..3 {
        let expires_at_secs = Some(world.ports().clock.now_secs() + TTL_SECS);
        let additions = (0..5).map(|_| records.write.add(&name, 1, expires_at_secs));
        let mut sums = try_join_all(additions).await?;
        sums.sort_unstable();
        assert_eq!(sums, [1, 2, 3, 4, 5], "round {round}");
        world.advance(Duration::from_secs(TTL_SECS - 1));
        assert_eq!(records.read.numbers(&[name.clone(), key("b")]).await?, [5, 0], "round {round}");
        world.advance(Duration::from_secs(1));
        assert_eq!(world.records().read.numbers(&[name.clone(), key("b")]).await?, [0, 0], "round {round}");
        assert_eq!(world.records().read.numbers(std::slice::from_ref(&name)).await?, [0], "round {round}");
    }
    Ok(())
}

/// An addition says anew when the number expires.
pub async fn the_last_addition_decides_about_expiry(world: &impl World) -> Clause {
    let records = world.records();
    let in_secs = |secs: u64| Some(world.ports().clock.now_secs() + secs);
    for name in ["longer", "for ever", "shorter"] {
        records.write.add(&key(name), 1, in_secs(10)).await?;
    }
    records.write.add(&key("longer"), 1, in_secs(30)).await?;
    records.write.add(&key("for ever"), 1, None).await?;
    records.write.add(&key("shorter"), 1, in_secs(5)).await?;
    for (advance_secs, expected) in [(5, [2, 2, 0]), (15, [2, 2, 0]), (10, [0, 2, 0])] {
        world.advance(Duration::from_secs(advance_secs));
        let found = records.read.numbers(&["longer", "for ever", "shorter"].map(key)).await?;
        assert_eq!(found, expected, "after {advance_secs} more seconds");
    }
    Ok(())
}

/// Additions and changes of the record of the same key do not get in each other's way.
pub async fn additions_beside_changes(world: &impl World) -> Clause {
    let records = world.records();
    let name = key("a");
    for round in 1..10 {
        let change = records
            .write
            .write(vec![put(&name, "1", Expect::Anything), put(&key("b"), "1", Expect::Anything)]);
        let (written, sum) = try_join(change, records.write.add(&name, 1, None)).await?;
        assert_eq!((written, sum), (Written::Written, round));
    }
    Ok(())
}
