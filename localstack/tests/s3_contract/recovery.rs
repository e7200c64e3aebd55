//! What a crash or a damaged folder leaves.

use std::{
    fs::{self, File},
    io::Write,
    path::Path,
    process::{Command, Stdio},
    sync::Arc,
};

use berth_local::s3::SyncMode;

use crate::support::{BUCKET, Stack, client_of, noise, open_store, refusal, refused};

#[tokio::test]
async fn everything_survives_a_restart() {
    let stack = Stack::with_sync(SyncMode::Full).await;
    let content = noise(300_000);
    stack.put("small", "small").await;
    stack.put("large", content.clone()).await;
    let upload = stack.client.create_multipart_upload().bucket(BUCKET).key("upload").send().await.unwrap();
    let id = upload.upload_id().unwrap();
    let part = stack.client.upload_part().bucket(BUCKET).key("upload").upload_id(id).part_number(1);
    part.body(noise(100).into()).send().await.unwrap();
    let stack = stack.reopen();
    assert_eq!(stack.get("small").await, b"small");
    assert!(stack.get("large").await == content);
    let parts = stack.client.list_parts().bucket(BUCKET).key("upload").upload_id(id).send().await.unwrap();
    assert_eq!(parts.parts().len(), 1);
    assert_eq!(stack.data_files().len(), 2);
}

#[tokio::test]
async fn files_that_no_row_names_are_swept_at_the_start() {
    let stack = Stack::new().await;
    stack.put("large", noise(100_000)).await;
    let kept = stack.data_files();
    fs::write(stack.folder.path().join("data/00/0000000000000000000000000000ffff"), "left by a crash")
        .unwrap();
    fs::create_dir_all(stack.folder.path().join("data/ff")).unwrap();
    fs::write(stack.folder.path().join("data/ff/ff"), "left by a crash").unwrap();
    let stack = stack.reopen();
    assert_eq!(stack.data_files(), kept);
    assert!(stack.get("large").await == noise(100_000));
}

/// Set in the child process of the next test: the folder that it writes to until it is killed.
const FOLDER_VARIABLE: &str = "BERTH_TEST_S3_FOLDER";
const WRITERS: usize = 4;

fn content(number: usize) -> Vec<u8> {
    noise(number % 5 * 40_000)
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn what_was_acknowledged_before_a_kill_is_there() {
    if let Some(folder) = std::env::var_os(FOLDER_VARIABLE) {
        return write_until_killed(Path::new(&folder)).await;
    }
    let folder = tempfile::tempdir().unwrap();
    let test = ["--exact", "recovery::what_was_acknowledged_before_a_kill_is_there"];
    let mut child = Command::new(std::env::current_exe().unwrap());
    let mut child =
        child.args(test).env(FOLDER_VARIABLE, folder.path()).stdout(Stdio::null()).spawn().unwrap();
    let notes = folder.path().join("acknowledged");
    let acknowledged = || fs::read_to_string(&notes).unwrap_or_default();
    while acknowledged().lines().count() < 200 {
        assert!(child.try_wait().unwrap().is_none(), "the child ended early");
        tokio::task::yield_now().await;
    }
    child.kill().unwrap();
    child.wait().unwrap();

    let stack = Stack::left_in(folder);
    let mut files = 0;
    for number in acknowledged().lines().map(|number| number.parse::<usize>().unwrap()) {
        assert!(stack.get(&number.to_string()).await == content(number), "{number}");
        files += usize::from(content(number).len() > 65_536);
    }
    // Each writer may have been killed between its commit and its note.
    assert!((files..=files + WRITERS).contains(&stack.data_files().len()));
    let list = stack.client.list_objects_v2().bucket(BUCKET).send().await.unwrap();
    for object in list.contents() {
        stack.get(object.key().unwrap()).await;
    }
}

async fn write_until_killed(folder: &Path) {
    let client = client_of(&open_store(folder, SyncMode::Full, Arc::default()), "http://s3.local");
    client.create_bucket().bucket(BUCKET).send().await.unwrap();
    let acknowledged = File::options().create(true).append(true).open(folder.join("acknowledged")).unwrap();
    let write = async |first: usize| {
        for number in (first..).step_by(WRITERS) {
            let put = client.put_object().bucket(BUCKET).key(number.to_string());
            put.body(content(number).into()).send().await.unwrap();
            writeln!(&acknowledged, "{number}").unwrap();
        }
    };
    futures::future::join_all((0..WRITERS).map(write)).await;
}

#[tokio::test]
async fn a_missing_or_short_data_file_is_an_error_of_that_object_alone() {
    let stack = Stack::new().await;
    for length in [100_000, 3_000_000] {
        for damage in [|path: &Path| fs::remove_file(path), |path: &Path| fs::write(path, "")] {
            stack.put("damaged", noise(length)).await;
            stack.until_data_files(1).await;
            damage(&stack.data_files()[0]).unwrap();
            let get = stack.client.get_object().bucket(BUCKET).key("damaged").send().await;
            if length < 200_000 {
                assert_eq!(refusal(get), refused(500, "InternalError"));
            } else {
                // The headers went out before the damage was met, so the body breaks off.
                assert!(get.unwrap().body.collect().await.is_err());
            }
            stack.put("other", "content").await;
            assert_eq!(stack.get("other").await, b"content");
            stack.client.delete_object().bucket(BUCKET).key("damaged").send().await.unwrap();
            stack.until_data_files(0).await;
        }
    }
}
