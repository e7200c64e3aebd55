//! What an implementation of the ports must do: one function for each promise that the ports make.
//!
//! [`contract_tests!`](crate::contract_tests) makes a test of each of them, for one implementation:
//!
//! ```ignore
//! contract_tests!(memory, async { MemoryWorld::new() });
//! ```

pub mod artifacts;
pub mod blobs;
pub mod commit;
pub mod delete;
pub mod links;
pub mod lists;
pub mod manifests;
pub mod races;
pub mod records;
pub mod referrers;
pub mod repositories;
pub mod staging;
pub mod upload_data;
pub mod upload_states;

mod support;

use std::sync::Arc;
use std::time::Duration;

use berth_protocol::{Digest, RepositoryName};
use berth_records::{RecordRead, RecordWrite};
use berth_registry::{Ports, StoreError};
use bytes::Bytes;

use crate::Memory;

/// How a clause ends: storage may fail only when a test wants it to.
pub type Clause = Result<(), StoreError>;

/// An implementation under test, empty at first, and what its surroundings do to it.
pub trait World: Send + Sync {
    /// A new handle on the data. Two handles see the same.
    fn ports(&self) -> Ports;

    /// A new handle on the records among the data.
    fn records(&self) -> Records;

    /// Puts `content` into the staging area as a client does at the edge, unverified.
    fn stage(
        &self,
        repository: &RepositoryName,
        digest: &Digest,
        content: Bytes,
    ) -> impl Future<Output = Clause> + Send;

    /// Moves the clock on.
    fn advance(&self, by: Duration);
}

/// The ports for records.
#[derive(Clone)]
pub struct Records {
    /// Reads records.
    pub read: Arc<dyn RecordRead>,
    /// Writes records.
    pub write: Arc<dyn RecordWrite>,
}

impl Records {
    /// Both ports, which are one thing.
    pub fn on(ports: Arc<impl RecordRead + RecordWrite + 'static>) -> Self {
        Self { read: ports.clone(), write: ports }
    }
}

impl World for Memory {
    fn ports(&self) -> Ports {
        self.ports()
    }

    fn records(&self) -> Records {
        Records::on(self.records())
    }

    async fn stage(&self, repository: &RepositoryName, digest: &Digest, content: Bytes) -> Clause {
        self.stage(repository, digest, content);
        Ok(())
    }

    fn advance(&self, by: Duration) {
        self.clock().advance(by);
    }
}

/// Makes a module `$name` of tests, one for each clause, each in a new world that the expression `$world` makes.
#[macro_export]
macro_rules! contract_tests {
    ($name:ident, $world:expr) => {
        mod $name {
            use super::*;

            $crate::contract_tests!(@module $world, blobs: [
                an_absent_blob_is_none, a_blob_reads_back, a_blob_stays_as_it_is, an_empty_blob_is_a_blob,
                sha512_blobs, ranges, a_blob_of_many_chunks,
            ]);
            $crate::contract_tests!(@module $world, staging: [
                nothing_staged_is_absent, matching_content_is_promoted, promoting_twice_succeeds,
                other_content_is_not_promoted, good_content_after_bad, a_staged_object_is_of_one_repository,
                removing_takes_the_staged_object_alone, a_large_object_is_promoted, promoting_beside_itself,
            ]);
            $crate::contract_tests!(@module $world, links: [
                an_absent_link_is_none, a_link_is_visible_at_once, putting_twice_succeeds,
                a_link_is_of_one_repository, a_link_is_removed_once, an_absent_link_is_not_removed,
                a_blob_of_a_manifest_is_needed, a_blob_of_an_old_manifest_is_needed,
                a_blob_of_a_push_under_way_is_needed, a_push_that_broke_off_needs_nothing_later,
                a_deleted_manifest_needs_nothing, a_shared_blob_is_needed_until_the_last_manifest_goes,
                needs_of_another_repository_do_not_count, one_live_need_among_many_stale_ones_counts,
                a_refused_removal_leaves_the_blob_to_pushes, a_link_can_be_put_again,
            ]);
            $crate::contract_tests!(@module $world, lists: [
                a_repository_that_does_not_exist_has_no_list, a_repository_without_tags_has_an_empty_list,
                tags_are_in_byte_order, tags_in_pages, a_page_begins_after_a_tag_that_does_not_exist,
                tags_are_of_one_repository, no_tags_are_a_page_too, many_tags,
                no_repositories_at_first, repositories_are_in_byte_order, repositories_in_pages,
            ]);
            $crate::contract_tests!(@module $world, referrers: [
                an_unknown_subject_has_none, referrers_keep_their_descriptors, referrers_are_in_order_of_digests,
                referrers_in_pages, referrers_are_of_one_subject_and_repository, large_annotations, many_referrers,
                pushing_a_referrer_again_keeps_one_entry,
            ]);
            $crate::contract_tests!(@module $world, artifacts: [
                no_artifacts_at_first, artifacts_are_in_order_of_digests, artifacts_are_of_one_repository,
                an_artifact_is_as_it_was_pushed, an_artifact_keeps_the_time_of_its_first_push,
                tags_of_all_artifacts, tags_of_one_artifact, parents_are_those_that_are_made_of_it,
                a_push_under_way_is_a_parent,
            ]);
            $crate::contract_tests!(@module $world, repositories: [
                a_repository_is_made_by_its_first_push, an_absent_repository_is_not_removed,
                a_repository_with_manifests_is_not_removed, an_empty_repository_is_removed,
                the_name_of_a_removed_repository_is_kept,
                a_push_around_a_removal_is_in_a_repository, pushes_beside_removals_are_in_a_repository,
                a_push_that_broke_off_is_not_in_the_way_forever,
            ]);
            $crate::contract_tests!(@module $world, manifests: [
                an_absent_manifest_is_none, tag_and_digest_name_the_same_manifest, a_small_body_reads_back,
                a_large_body_reads_back, a_body_without_a_commit_is_invisible, a_manifest_under_sha512,
                a_survey_of_nothing, a_survey_tells_what_is_there, a_survey_of_hundreds,
                a_survey_without_wishes,
            ]);
            $crate::contract_tests!(@module $world, commit: [
                everything_is_visible_at_once, a_manifest_without_tags, a_tag_moves, a_tag_stays_where_it_is,
                thirty_tags_at_once, thirty_tags_move_at_once, one_moved_tag_stops_all,
                a_tag_that_came_meanwhile_is_a_conflict, a_tag_that_went_meanwhile_is_a_conflict,
                a_manifest_that_came_meanwhile_is_a_conflict, an_old_manifest_is_tagged_by_two_at_once, a_manifest_that_was_made_anew_meanwhile_is_a_conflict,
                a_manifest_that_went_meanwhile_is_a_conflict, committing_again_does_no_damage,
                a_commit_into_a_project_that_exists, a_commit_into_a_project_that_is_gone,
                a_commit_into_a_project_that_never_was, a_commit_asks_for_one_project_alone,
                an_old_manifest_is_not_tagged_in_a_project_that_is_gone,
                a_conflict_in_a_project_that_exists_is_a_conflict, commits_beside_the_deletion_of_their_project,
            ]);
            $crate::contract_tests!(@module $world, delete: [
                an_absent_tag_is_not_deleted, a_tag_goes_alone, an_absent_manifest_is_not_deleted,
                a_manifest_goes_with_its_tags, a_manifest_goes_without_tags_that_have_moved,
                a_manifest_goes_from_one_repository, a_deleted_manifest_can_be_pushed_again,
                a_referrer_is_no_longer_listed, a_subject_goes_and_its_referrers_stay,
            ]);
            $crate::contract_tests!(@module $world, races: [
                one_of_many_commits_wins, one_of_many_saves_wins, pushes_beside_a_deletion,
                a_manifest_pushed_twice_at_once_keeps_its_needs, deletions_side_by_side,
                links_removed_beside_pushes, links_removed_side_by_side,
            ]);
            $crate::contract_tests!(@module $world, records: [
                an_absent_record_is_none, a_record_reads_back, records_come_in_the_order_of_the_keys_asked_for,
                a_hundred_records_are_read_at_once, any_text_reads_back, the_longest_keys_and_documents,
                partitions_do_not_mix, an_expired_record_is_absent, the_last_put_decides_about_expiry,
                a_put_happens_if_its_expectation_holds, a_deletion_happens_if_its_expectation_holds,
                a_check_decides_about_the_others, a_revision_of_another_record_is_a_conflict,
                a_revision_is_never_used_twice, a_revision_stays_while_nothing_changes, changes_follow_one_another,
                one_unmet_expectation_stops_all, several_changes_at_once, writing_nothing_succeeds,
                a_hundred_changes_at_once, one_of_many_writers_wins, one_of_many_writers_of_several_records_wins,
                no_change_is_lost, checks_hold_until_the_others_are_written,
                an_empty_partition_has_an_empty_list, records_are_listed_in_byte_order, a_list_keeps_to_its_prefix,
                a_list_goes_on_after_a_place, a_list_comes_in_pages, a_page_of_no_records,
                expired_records_are_not_listed, a_list_of_large_documents,
                an_absent_number_is_0, additions_answer_the_sum, a_number_is_exact_to_the_last_bit,
                numbers_come_in_the_order_of_the_keys_asked_for, every_addition_counts,
                numbers_and_records_are_apart, numbers_of_partitions_do_not_mix, an_expired_number_begins_again,
                the_last_addition_decides_about_expiry, additions_beside_changes,
            ]);
            $crate::contract_tests!(@module $world, upload_states: [
                an_upload_without_state_is_none, a_state_reads_back, a_state_without_anything_reads_back,
                closed_states_read_back, a_version_is_saved_once, versions_have_no_gaps,
                a_state_is_forgotten_when_it_expires, a_state_with_all_the_parts_there_can_be,
            ]);
            $crate::contract_tests!(@module $world, upload_data: [
                parts_are_joined_in_order, parts_may_arrive_in_any_order, a_part_may_be_repeated,
                a_replaced_part_is_lost, a_part_that_never_came_is_lost, an_upload_that_never_was_is_lost,
                joining_twice_finds_the_first, joined_content_is_placed, placing_twice_succeeds,
                tails_read_back, an_absent_tail_is_none, discarding_takes_everything,
                discarding_nothing_succeeds, uploads_do_not_mix,
            ]);
        }
    };
    (@module $world:expr, $module:ident: [$($clause:ident),+ $(,)?]) => {
        mod $module {
            use super::*;

            $(#[tokio::test]
            async fn $clause() -> $crate::contract::Clause {
                $crate::contract::$module::$clause(&$world.await).await
            })+
        }
    };
}

#[cfg(test)]
mod tests {
    /// A clause that is not in the macro above would never run.
    #[test]
    fn every_clause_becomes_a_test() {
        let stamped = include_str!("mod.rs");
        let modules = [
            include_str!("artifacts.rs"),
            include_str!("blobs.rs"),
            include_str!("commit.rs"),
            include_str!("delete.rs"),
            include_str!("links.rs"),
            include_str!("lists.rs"),
            include_str!("manifests.rs"),
            include_str!("races.rs"),
            include_str!("records.rs"),
            include_str!("records/expectations.rs"),
            include_str!("records/lists.rs"),
            include_str!("records/numbers.rs"),
            include_str!("records/writes.rs"),
            include_str!("referrers.rs"),
            include_str!("repositories.rs"),
            include_str!("staging.rs"),
            include_str!("upload_data.rs"),
            include_str!("upload_states.rs"),
        ];
        let clauses = modules.iter().flat_map(|module| module.split("pub async fn ").skip(1));
        for clause in clauses.filter_map(|rest| rest.split('(').next()) {
            assert!(stamped.contains(&format!(" {clause},")), "{clause} is not stamped");
        }
    }
}
