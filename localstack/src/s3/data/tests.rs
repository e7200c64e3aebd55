use proptest::prelude::*;

use super::*;

fn folder() -> (tempfile::TempDir, Arc<DataFolder>) {
    let root = tempfile::tempdir().unwrap();
    let folder = DataFolder::open(root.path().join("data"), SyncMode::Off).unwrap();
    (root, Arc::new(folder))
}

fn id(number: usize) -> FileId {
    FileId(format!("{number:032x}"))
}

fn write(folder: &Arc<DataFolder>, number: usize, bytes: &[u8]) -> NewFile {
    let (mut file, guard) = folder.create(id(number)).unwrap();
    std::io::Write::write_all(&mut file, bytes).unwrap();
    guard
}

fn whole(number: usize, length: usize) -> Segment {
    Segment { file: id(number), offset: 0, length: length as u64 }
}

#[test]
fn a_new_file_stays_only_when_kept() {
    let (_root, folder) = folder();
    write(&folder, 1, b"kept").keep();
    drop(write(&folder, 2, b"dropped"));
    assert_eq!(folder.read(&whole(1, 4)).unwrap(), b"kept");
    assert_eq!(folder.read(&whole(2, 7)).unwrap_err().kind(), io::ErrorKind::NotFound);
}

#[test]
fn a_name_is_never_used_twice() {
    let (_root, folder) = folder();
    let _first = write(&folder, 1, b"first");
    assert_eq!(folder.create(id(1)).unwrap_err().kind(), io::ErrorKind::AlreadyExists);
}

#[test]
fn a_short_file_is_an_error() {
    let (_root, folder) = folder();
    let _guard = write(&folder, 1, b"short");
    assert_eq!(folder.read(&whole(1, 6)).unwrap_err().kind(), io::ErrorKind::UnexpectedEof);
}

#[test]
fn a_sweep_removes_what_is_not_named() {
    let (_root, folder) = folder();
    for number in 0..4 {
        write(&folder, number, b"x").keep();
    }
    let swept = folder.sweep(|name| Ok::<_, io::Error>(name == id(2).0)).unwrap();
    assert_eq!(swept, 3);
    assert!(folder.read(&whole(2, 1)).is_ok());
    assert!(folder.read(&whole(1, 1)).is_err());
}

#[test]
fn a_doomed_file_outlives_the_reads_that_began_before() {
    let (_root, folder) = folder();
    write(&folder, 1, b"doomed").keep();
    let leases = Leases::new(folder.clone()).unwrap();
    let early = leases.begin();
    leases.doom(vec![id(1)]);
    let late = leases.begin();
    assert!(folder.read(&whole(1, 6)).is_ok());
    drop(late);
    assert!(folder.read(&whole(1, 6)).is_ok());
    drop(early);
    drop(leases);
    assert!(folder.read(&whole(1, 6)).is_err());
}

#[test]
fn a_later_read_does_not_hold_an_older_removal() {
    let (_root, folder) = folder();
    write(&folder, 1, b"doomed").keep();
    let leases = Leases::new(folder.clone()).unwrap();
    let early = leases.begin();
    leases.doom(vec![id(1)]);
    let _late = leases.begin();
    drop(early);
    while folder.read(&whole(1, 6)).is_ok() {
        std::thread::yield_now();
    }
}

proptest! {
    #[test]
    fn a_slice_of_segments_is_the_slice_of_the_content(
        parts in prop::collection::vec(prop::collection::vec(any::<u8>(), 0..40), 0..6),
        start in 0_usize..250,
        length in 0_usize..250,
    ) {
        let (_root, folder) = folder();
        let content = parts.concat();
        let guards: Vec<_> = parts.iter().enumerate().map(|(number, part)| write(&folder, number, part)).collect();
        let segments: Vec<_> = parts.iter().enumerate().map(|(number, part)| whole(number, part.len())).collect();
        let start = start.min(content.len());
        let end = (start + length).min(content.len());
        let slices = slice(&segments, start as u64..end as u64);
        prop_assert_eq!(&read_all(&folder, &slices).unwrap()[..], &content[start..end]);
        drop(guards);
    }
}
