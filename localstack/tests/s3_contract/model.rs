//! Random histories against a model that holds everything in memory.

use std::collections::BTreeMap;

use aws_sdk_s3::types::{CompletedMultipartUpload, CompletedPart};
use proptest::prelude::*;

use crate::support::{BUCKET, Stack, noise, refusal};

/// On both sides of what the index keeps by itself, and of what one buffer answers.
const LENGTHS: [usize; 4] = [0, 1_000, 100_000, 400_000];

#[derive(Clone, Debug)]
enum Step {
    Put {
        key: &'static str,
        length: usize,
    },
    Create {
        key: &'static str,
        length: usize,
    },
    Copy {
        from: &'static str,
        to: &'static str,
    },
    /// A multipart upload of one part, which is the second half of an object.
    CopyHalf {
        from: &'static str,
        to: &'static str,
    },
    Delete {
        key: &'static str,
    },
    Reopen,
}

fn steps() -> impl Strategy<Value = Vec<Step>> {
    let key = || prop::sample::select(vec!["a", "b", "c"]);
    let length = || prop::sample::select(LENGTHS.to_vec());
    let step = prop_oneof![
        3 => (key(), length()).prop_map(|(key, length)| Step::Put { key, length }),
        2 => (key(), length()).prop_map(|(key, length)| Step::Create { key, length }),
        3 => (key(), key()).prop_map(|(from, to)| Step::Copy { from, to }),
        3 => (key(), key()).prop_map(|(from, to)| Step::CopyHalf { from, to }),
        2 => key().prop_map(|key| Step::Delete { key }),
        1 => Just(Step::Reopen),
    ];
    prop::collection::vec(step, 1..40)
}

type Model = BTreeMap<&'static str, Vec<u8>>;

async fn take(stack: Stack, model: &mut Model, step: &Step) -> Stack {
    match *step {
        Step::Put { key, length } => {
            stack.put(key, noise(length)).await;
            model.insert(key, noise(length));
        }
        Step::Create { key, length } => {
            let put = stack.client.put_object().bucket(BUCKET).key(key).if_none_match("*");
            let put = put.body(noise(length).into()).send().await;
            if model.contains_key(key) {
                assert_eq!(refusal(put).0, 412);
            } else {
                put.unwrap();
                model.insert(key, noise(length));
            }
        }
        Step::Copy { from, to } => {
            let copy =
                stack.client.copy_object().bucket(BUCKET).key(to).copy_source(format!("{BUCKET}/{from}"));
            match (copy.send().await, model.get(from).cloned()) {
                (Ok(_), Some(content)) => drop(model.insert(to, content)),
                (copy, _) => assert_eq!(refusal(copy).0, 404),
            }
        }
        Step::CopyHalf { from, to } => {
            if let Some(content) = model.get(from).filter(|content| content.len() > 1).cloned() {
                let half = content.len() / 2;
                copy_range(&stack, from, to, &format!("bytes={half}-{}", content.len() - 1)).await;
                model.insert(to, content[half..].to_vec());
            }
        }
        Step::Delete { key } => {
            stack.client.delete_object().bucket(BUCKET).key(key).send().await.unwrap();
            model.remove(key);
        }
        Step::Reopen => return stack.reopen(),
    }
    stack
}

async fn copy_range(stack: &Stack, from: &str, to: &str, range: &str) {
    let upload = stack.client.create_multipart_upload().bucket(BUCKET).key(to).send().await.unwrap();
    let id = upload.upload_id().unwrap();
    let part = stack.client.upload_part_copy().bucket(BUCKET).key(to).upload_id(id).part_number(1);
    let part = part.copy_source(format!("{BUCKET}/{from}")).copy_source_range(range).send().await.unwrap();
    let part =
        CompletedPart::builder().part_number(1).set_e_tag(part.copy_part_result.unwrap().e_tag).build();
    let complete = stack.client.complete_multipart_upload().bucket(BUCKET).key(to).upload_id(id);
    complete.multipart_upload(CompletedMultipartUpload::builder().parts(part).build()).send().await.unwrap();
}

async fn run(steps: Vec<Step>) {
    let mut stack = Stack::new().await;
    let mut model = Model::new();
    for step in &steps {
        stack = take(stack, &mut model, step).await;
        for key in ["a", "b", "c"] {
            match model.get(key) {
                Some(content) => assert!(stack.get(key).await == *content, "{key} after {step:?}"),
                None => assert!(!stack.exists(key).await, "{key} after {step:?}"),
            }
        }
    }
    for key in ["a", "b", "c"] {
        stack.client.delete_object().bucket(BUCKET).key(key).send().await.unwrap();
    }
    stack.until_data_files(0).await;
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 24, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn every_history_ends_as_the_model_says_and_leaves_no_file(steps in steps()) {
        tokio::runtime::Runtime::new().unwrap().block_on(run(steps));
    }
}
