//! What a crash or a damaged folder leaves.

use std::fs;

use berth_local::s3::SyncMode;

use crate::support::{BUCKET, Stack, noise, refusal, refused};

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

/// A copy of the folder at any moment between two writes is what a killed process leaves.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn what_was_acknowledged_before_a_kill_is_there() {
    let stack = Stack::new().await;
    let image = tempfile::tempdir().unwrap();
    for number in 0..20 {
        stack.put(&format!("{number}"), noise(1000 + number * 10_000)).await;
    }
    for file in ["index.db", "index.db-wal"] {
        fs::copy(stack.folder.path().join(file), image.path().join(file)).unwrap();
    }
    for file in stack.data_files() {
        let target = image.path().join(file.strip_prefix(stack.folder.path()).unwrap());
        fs::create_dir_all(target.parent().unwrap()).unwrap();
        fs::copy(file, target).unwrap();
    }
    let stack = stack.moved_to(image);
    for number in 0..20 {
        assert!(stack.get(&format!("{number}")).await == noise(1000 + number * 10_000), "{number}");
    }
}

#[tokio::test]
async fn a_missing_or_short_data_file_is_an_error_of_that_object_alone() {
    let stack = Stack::new().await;
    for length in [100_000, 3_000_000] {
        for damage in
            [|path: &std::path::Path| fs::remove_file(path), |path: &std::path::Path| fs::write(path, "")]
        {
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
