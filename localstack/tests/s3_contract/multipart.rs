//! Multipart uploads.

use aws_sdk_s3::{
    operation::complete_multipart_upload::builders::CompleteMultipartUploadFluentBuilder,
    types::{
        ChecksumAlgorithm, ChecksumMode, ChecksumType, CompletedMultipartUpload, CompletedPart,
        MultipartUpload, ObjectAttributes, Part,
    },
};

use crate::support::{BUCKET, MIB, Stack, noise, refusal, refused, sha256};

const KEY: &str = "large";

struct Upload<'a> {
    stack: &'a Stack,
    id: String,
}

impl<'a> Upload<'a> {
    async fn new(stack: &'a Stack) -> Self {
        let created = stack.client.create_multipart_upload().bucket(BUCKET).key(KEY).send().await.unwrap();
        Self { stack, id: created.upload_id.unwrap() }
    }

    async fn with_checksum(stack: &'a Stack, algorithm: ChecksumAlgorithm, of: ChecksumType) -> Self {
        let create = stack.client.create_multipart_upload().bucket(BUCKET).key(KEY);
        let created = create.checksum_algorithm(algorithm).checksum_type(of).send().await.unwrap();
        Self { stack, id: created.upload_id.unwrap() }
    }

    async fn part(&self, number: i32, content: Vec<u8>) -> CompletedPart {
        let part =
            self.stack.client.upload_part().bucket(BUCKET).key(KEY).upload_id(&self.id).part_number(number);
        let part = part.body(content.into()).send().await.unwrap();
        CompletedPart::builder().part_number(number).set_e_tag(part.e_tag).build()
    }

    async fn copied_part(&self, number: i32, source: &str, range: Option<&str>) -> CompletedPart {
        let part = self.stack.client.upload_part_copy().bucket(BUCKET).key(KEY).upload_id(&self.id);
        let part = part.part_number(number).copy_source(format!("{BUCKET}/{source}"));
        let part = part.set_copy_source_range(range.map(str::to_owned)).send().await.unwrap();
        let etag = part.copy_part_result.unwrap().e_tag;
        CompletedPart::builder().part_number(number).set_e_tag(etag).build()
    }

    fn complete(&self, parts: Vec<CompletedPart>) -> CompleteMultipartUploadFluentBuilder {
        let parts = CompletedMultipartUpload::builder().set_parts(Some(parts)).build();
        let complete = self.stack.client.complete_multipart_upload().bucket(BUCKET).key(KEY);
        complete.upload_id(&self.id).multipart_upload(parts)
    }
}

#[tokio::test]
async fn parts_become_one_object_without_a_copy() {
    let stack = Stack::new().await;
    let content = noise(11 * MIB);
    let upload = Upload::new(&stack).await;
    let second = upload.part(2, content[5 * MIB..10 * MIB].to_vec()).await;
    let first = upload.part(1, content[..5 * MIB].to_vec()).await;
    let third = upload.part(7, content[10 * MIB..].to_vec()).await;
    assert!(!stack.exists(KEY).await);
    let files = stack.data_files();
    let done = upload.complete(vec![first, second, third]).send().await.unwrap();
    assert!(done.e_tag().unwrap().ends_with("-3\""));
    assert_eq!(stack.data_files(), files);
    assert!(stack.get(KEY).await == content);
    let range = stack
        .client
        .get_object()
        .bucket(BUCKET)
        .key(KEY)
        .range("bytes=5242870-5242889")
        .send()
        .await
        .unwrap();
    assert!(range.body.collect().await.unwrap().to_vec() == content[5_242_870..5_242_890]);
    let again = upload.complete(Vec::new()).send().await;
    assert_eq!(refusal(again), refused(404, "NoSuchUpload"));
}

#[tokio::test]
async fn a_part_is_replaced_and_an_unnamed_one_dropped() {
    let stack = Stack::new().await;
    let upload = Upload::new(&stack).await;
    upload.part(1, noise(100_000)).await;
    upload.part(2, noise(100_000)).await;
    let first = upload.part(1, noise(200_000)).await;
    stack.until_data_files(2).await;
    upload.complete(vec![first]).send().await.unwrap();
    stack.until_data_files(1).await;
    assert!(stack.get(KEY).await == noise(200_000));
}

#[tokio::test]
async fn an_aborted_upload_leaves_nothing() {
    let stack = Stack::new().await;
    let upload = Upload::new(&stack).await;
    upload.part(1, noise(100)).await;
    let abort = || stack.client.abort_multipart_upload().bucket(BUCKET).key(KEY).upload_id(&upload.id).send();
    abort().await.unwrap();
    stack.until_data_files(0).await;
    assert_eq!(refusal(abort().await), refused(404, "NoSuchUpload"));
    let part =
        stack.client.upload_part().bucket(BUCKET).key(KEY).upload_id(&upload.id).part_number(1).send().await;
    assert_eq!(refusal(part), refused(404, "NoSuchUpload"));
}

#[tokio::test]
async fn a_wrong_list_of_parts_is_refused_and_changes_nothing() {
    let stack = Stack::new().await;
    let upload = Upload::new(&stack).await;
    let first = upload.part(1, noise(5 * MIB)).await;
    let second = upload.part(2, noise(100)).await;
    let third = upload.part(3, noise(100)).await;
    let other = CompletedPart::builder().part_number(2).e_tag("\"0\"").build();
    let sum = CompletedPart::builder().part_number(2).checksum_sha256(sha256(b"other")).build();
    let missing = CompletedPart::builder().part_number(9).build();
    for (parts, code) in [
        (vec![first.clone(), other], "InvalidPart"),
        (vec![first.clone(), sum], "InvalidPart"),
        (vec![first.clone(), missing], "InvalidPart"),
        (vec![second.clone(), first.clone()], "InvalidPartOrder"),
        (vec![first.clone(), first.clone()], "InvalidPartOrder"),
        (vec![first.clone(), second.clone(), third], "EntityTooSmall"),
        (Vec::new(), "MalformedXML"),
    ] {
        assert_eq!(refusal(upload.complete(parts).send().await), refused(400, code));
        assert!(!stack.exists(KEY).await);
    }
    let size = upload.complete(vec![first.clone(), second.clone()]).mpu_object_size(1).send().await;
    assert_eq!(refusal(size), refused(400, "InvalidRequest"));
    upload.complete(vec![first, second]).send().await.unwrap();
}

#[tokio::test]
async fn a_part_number_must_be_in_bounds() {
    let stack = Stack::new().await;
    let upload = Upload::new(&stack).await;
    for number in [0, 10_001] {
        let part =
            stack.client.upload_part().bucket(BUCKET).key(KEY).upload_id(&upload.id).part_number(number);
        assert_eq!(refusal(part.send().await), refused(400, "InvalidArgument"));
    }
}

#[tokio::test]
async fn a_part_with_a_wrong_checksum_is_refused() {
    let stack = Stack::new().await;
    let upload = Upload::new(&stack).await;
    let part = stack.client.upload_part().bucket(BUCKET).key(KEY).upload_id(&upload.id).part_number(1);
    let part = part.checksum_sha256(sha256(b"other")).body(noise(100_000).into()).send().await;
    assert_eq!(refusal(part), refused(400, "BadDigest"));
    let parts = stack.client.list_parts().bucket(BUCKET).key(KEY).upload_id(&upload.id).send().await.unwrap();
    assert!(parts.parts().is_empty());
    stack.until_data_files(0).await;
}

#[tokio::test]
async fn completion_may_be_conditional() {
    let stack = Stack::new().await;
    let upload = Upload::new(&stack).await;
    let part = upload.part(1, noise(100)).await;
    stack.put(KEY, "first").await;
    let complete = upload.complete(vec![part.clone()]).if_none_match("*").send().await;
    assert_eq!(refusal(complete), refused(412, "PreconditionFailed"));
    stack.client.delete_object().bucket(BUCKET).key(KEY).send().await.unwrap();
    upload.complete(vec![part]).if_none_match("*").send().await.unwrap();
}

#[tokio::test]
async fn a_sha256_upload_has_a_composite_checksum_until_it_is_copied() {
    let stack = Stack::new().await;
    let content = noise(6 * MIB);
    let upload = Upload::with_checksum(&stack, ChecksumAlgorithm::Sha256, ChecksumType::Composite).await;
    let first = upload.part(1, content[..5 * MIB].to_vec()).await;
    let second = upload.part(2, content[5 * MIB..].to_vec()).await;
    let done = upload.complete(vec![first, second]).send().await.unwrap();
    assert!(done.checksum_sha256().unwrap().ends_with("-2"));
    assert_eq!(done.checksum_type(), Some(&ChecksumType::Composite));
    let copy = stack.client.copy_object().bucket(BUCKET).key("copy").copy_source(format!("{BUCKET}/{KEY}"));
    let copy = copy.checksum_algorithm(ChecksumAlgorithm::Sha256).send().await.unwrap();
    let copy = copy.copy_object_result().unwrap();
    assert_eq!(copy.checksum_sha256(), Some(&*sha256(&content)));
    assert_eq!(copy.checksum_type(), Some(&ChecksumType::FullObject));
}

#[tokio::test]
async fn a_plain_upload_has_the_checksum_of_a_plain_object() {
    let stack = Stack::new().await;
    let content = noise(6 * MIB);
    stack.put("plain", content.clone()).await;
    let upload = Upload::new(&stack).await;
    let first = upload.part(1, content[..5 * MIB].to_vec()).await;
    let second = upload.part(2, content[5 * MIB..].to_vec()).await;
    let done = upload.complete(vec![first, second]).send().await.unwrap();
    let plain = stack.client.head_object().bucket(BUCKET).key("plain").checksum_mode(ChecksumMode::Enabled);
    assert_eq!(done.checksum_crc64_nvme(), plain.send().await.unwrap().checksum_crc64_nvme());
    assert!(done.checksum_crc64_nvme().is_some());
    let attributes = stack.client.get_object_attributes().bucket(BUCKET).key(KEY);
    let attributes = attributes.object_attributes(ObjectAttributes::ObjectParts).send().await.unwrap();
    assert_eq!(attributes.object_parts().unwrap().total_parts_count(), Some(2));
}

#[tokio::test]
async fn parts_can_be_copied_from_objects() {
    let stack = Stack::new().await;
    let content = noise(6 * MIB);
    stack.put("source", content.clone()).await;
    stack.put("small", "tail").await;
    let upload = Upload::new(&stack).await;
    let first = upload.copied_part(1, "source", Some("bytes=1048576-6291455")).await;
    let second = upload.copied_part(2, "source", None).await;
    let third = upload.copied_part(3, "small", Some("bytes=1-2")).await;
    upload.complete(vec![first, second, third]).send().await.unwrap();
    stack.client.delete_object().bucket(BUCKET).key("source").send().await.unwrap();
    assert!(stack.get(KEY).await == [&content[MIB..], &content, b"ai"].concat());
    assert_eq!(stack.data_files().len(), 2);
    stack.client.delete_object().bucket(BUCKET).key(KEY).send().await.unwrap();
    stack.until_data_files(0).await;
}

#[tokio::test]
async fn a_copied_part_gets_the_checksum_that_the_upload_wants() {
    let stack = Stack::new().await;
    let content = noise(MIB);
    stack.put("source", content.clone()).await;
    let upload = Upload::with_checksum(&stack, ChecksumAlgorithm::Sha256, ChecksumType::Composite).await;
    upload.copied_part(1, "source", Some("bytes=0-99999")).await;
    let parts = stack.client.list_parts().bucket(BUCKET).key(KEY).upload_id(&upload.id).send().await.unwrap();
    assert_eq!(parts.parts()[0].checksum_sha256(), Some(&*sha256(&content[..100_000])));
}

#[tokio::test]
async fn the_range_of_a_copied_part_must_lie_within_the_source() {
    let stack = Stack::new().await;
    stack.put("source", noise(100)).await;
    let upload = Upload::new(&stack).await;
    for (range, code, status) in [
        ("bytes=0-100", "InvalidRange", 416),
        ("bytes=-5", "InvalidArgument", 400),
        ("0-5", "InvalidArgument", 400),
    ] {
        let part =
            stack.client.upload_part_copy().bucket(BUCKET).key(KEY).upload_id(&upload.id).part_number(1);
        let part = part.copy_source(format!("{BUCKET}/source")).copy_source_range(range).send().await;
        assert_eq!(refusal(part), refused(status, code), "{range}");
    }
}

#[tokio::test]
async fn parts_are_listed_in_pages() {
    let stack = Stack::new().await;
    let upload = Upload::new(&stack).await;
    for number in [5, 1, 3] {
        upload.part(number, noise(10)).await;
    }
    let list = |after: Option<String>| {
        let list = stack.client.list_parts().bucket(BUCKET).key(KEY).upload_id(&upload.id).max_parts(2);
        list.set_part_number_marker(after).send()
    };
    let first = list(None).await.unwrap();
    let numbers: Vec<_> = first.parts().iter().filter_map(Part::part_number).collect();
    assert_eq!((numbers, first.is_truncated()), (vec![1, 3], Some(true)));
    assert_eq!(first.parts()[0].size(), Some(10));
    assert!(first.parts()[0].e_tag().is_some());
    let second = list(first.next_part_number_marker).await.unwrap();
    let numbers: Vec<_> = second.parts().iter().filter_map(Part::part_number).collect();
    assert_eq!((numbers, second.is_truncated()), (vec![5], Some(false)));
}

#[tokio::test]
async fn uploads_are_listed_in_pages() {
    let stack = Stack::new().await;
    for key in ["a/2", "b", "a/1", "a/1", "a/3"] {
        stack.client.create_multipart_upload().bucket(BUCKET).key(key).send().await.unwrap();
    }
    let list = |key: Option<String>, id: Option<String>| {
        let list = stack.client.list_multipart_uploads().bucket(BUCKET).prefix("a/").max_uploads(3);
        list.set_key_marker(key).set_upload_id_marker(id).send()
    };
    let first = list(None, None).await.unwrap();
    let keys: Vec<_> = first.uploads().iter().filter_map(MultipartUpload::key).collect();
    assert_eq!((keys, first.is_truncated()), (vec!["a/1", "a/1", "a/2"], Some(true)));
    let second = list(first.next_key_marker, first.next_upload_id_marker).await.unwrap();
    let keys: Vec<_> = second.uploads().iter().filter_map(MultipartUpload::key).collect();
    assert_eq!((keys, second.is_truncated()), (vec!["a/3"], Some(false)));
    let behind = list(Some("a/1".to_owned()), None).await.unwrap();
    let keys: Vec<_> = behind.uploads().iter().filter_map(MultipartUpload::key).collect();
    assert_eq!(keys, ["a/2", "a/3"]);
}
