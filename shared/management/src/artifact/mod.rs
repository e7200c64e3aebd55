//! Harbor's tag `artifact`: what repositories hold, its tags and labels, and what belongs to it.

mod accessories;
mod additions;
mod chart;
mod contents;
mod copy;
mod delete;
mod detail;
mod find;
mod get;
mod kind;
mod labels;
mod list;
mod list_of_project;
mod listing;
mod tags;
mod view;
mod wanted;

use berth_projects::{Action, Resource};
use berth_protocol::Digest;

#[cfg(test)]
pub(crate) use chart::tests::packed as packed_chart;
pub(crate) use contents::Contents;

use crate::route::{Route, Verb, run};

const TAG: &str = "artifact";
const ALL: &str = "/projects/{project_name}/repositories/{repository_name}/artifacts";
const OF_PROJECT: &str = "/projects/{project_name_or_id}/artifacts";
const ONE: &str = "/projects/{project_name}/repositories/{repository_name}/artifacts/{reference}";
const TAGS: &str = "/projects/{project_name}/repositories/{repository_name}/artifacts/{reference}/tags";
const ONE_TAG: &str =
    "/projects/{project_name}/repositories/{repository_name}/artifacts/{reference}/tags/{tag_name}";
const ACCESSORIES: &str =
    "/projects/{project_name}/repositories/{repository_name}/artifacts/{reference}/accessories";
const ADDITION: &str =
    "/projects/{project_name}/repositories/{repository_name}/artifacts/{reference}/additions/{addition}";
const LABELS: &str = "/projects/{project_name}/repositories/{repository_name}/artifacts/{reference}/labels";
const ONE_LABEL: &str =
    "/projects/{project_name}/repositories/{repository_name}/artifacts/{reference}/labels/{label_id}";

pub(crate) const ROUTES: &[Route] = &[
    Route::new(Verb::Get, ALL, "listArtifacts", TAG)
        .about("The artifacts of a repository")
        .listing()
        .project(Resource::Artifact, Action::List, run!(list::answer)),
    Route::new(Verb::Get, OF_PROJECT, "listArtifactsOfProject", "project")
        .about("The artifacts of a project, or the newest of each repository (latest_in_repository)")
        .listing()
        .project(Resource::Artifact, Action::List, run!(list_of_project::answer)),
    Route::new(Verb::Post, ALL, "CopyArtifact", TAG)
        .about("Copy an artifact here, with its tags and what belongs to it (from=project/repository:tag or @digest)")
        .audited("create", "artifact")
        .project(Resource::Artifact, Action::Create, run!(copy::answer)),
    Route::new(Verb::Get, ONE, "getArtifact", TAG)
        .about("An artifact, by its digest or a tag")
        .project(Resource::Artifact, Action::Read, run!(get::answer)),
    Route::new(Verb::Delete, ONE, "deleteArtifact", TAG)
        .about("Delete an artifact with its tags and what belongs to it")
        .audited("delete", "artifact")
        .project(Resource::Artifact, Action::Delete, run!(delete::answer)),
    Route::new(Verb::Get, TAGS, "listTags", TAG)
        .about("The tags of an artifact")
        .listing()
        .project(Resource::Tag, Action::List, run!(tags::list)),
    Route::new(Verb::Post, TAGS, "createTag", TAG)
        .about("Tag an artifact; the tag must be free")
        .audited("create", "tag")
        .project(Resource::Tag, Action::Create, run!(tags::create)),
    Route::new(Verb::Delete, ONE_TAG, "deleteTag", TAG)
        .about("Take a tag from an artifact")
        .audited("delete", "tag")
        .project(Resource::Tag, Action::Delete, run!(tags::delete)),
    Route::new(Verb::Get, ACCESSORIES, "listAccessories", TAG)
        .about("Signatures, SBOMs and others that refer to an artifact")
        .listing()
        .project(Resource::Accessory, Action::List, run!(accessories::answer)),
    Route::new(Verb::Get, ADDITION, "getAddition", TAG)
        .about("What an artifact has to show: build_history of an image; readme.md, values.yaml, dependencies of a chart")
        .project(Resource::ArtifactAddition, Action::Read, run!(additions::answer)),
    Route::new(Verb::Post, LABELS, "addLabel", TAG)
        .about("Label an artifact")
        .audited("add", "artifact-label")
        .project(Resource::ArtifactLabel, Action::Create, run!(labels::add)),
    Route::new(Verb::Delete, ONE_LABEL, "removeLabel", TAG)
        .about("Take a label from an artifact")
        .audited("remove", "artifact-label")
        .project(Resource::ArtifactLabel, Action::Delete, run!(labels::remove)),
];

/// The number of what has this digest: positive, the same for the same digest everywhere, and small enough for JavaScript.
pub(crate) fn number_of(digest: &Digest) -> u64 {
    const DIGITS: usize = 13;
    let digits = digest.hex().get(..DIGITS).unwrap_or_default();
    u64::from_str_radix(digits, 16).unwrap_or_default().max(1)
}

#[cfg(test)]
mod number_tests {
    use berth_protocol::Digest;

    #[test]
    fn numbers_are_positive_and_fit_a_double() {
        let zeros: Digest = format!("sha256:{}", "0".repeat(64)).parse().unwrap();
        let ones: Digest = format!("sha512:{}", "f".repeat(128)).parse().unwrap();
        assert_eq!(super::number_of(&zeros), 1);
        assert_eq!(super::number_of(&ones), (1 << 52) - 1);
        assert_eq!(super::number_of(&Digest::sha256(b"a")), 0xc_a978_112c_a1bb);
    }
}
