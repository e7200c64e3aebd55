//! The name of a repository that was deleted.

use berth_identity::robots::Level;
use berth_projects::Action;
use berth_registry::ports::{NAME_RETENTION_SECS, RepositoryRemoval};
use berth_registry::{Authorizer, Caller, OpenAccess};

use super::robots::in_project;
use super::*;

const INDEX: &str = "application/vnd.oci.image.index.v1+json";
const BODY: &str =
    r#"{"schemaVersion":2,"mediaType":"application/vnd.oci.image.index.v1+json","manifests":[]}"#;
const SCOPE: &str = "repository:team/app:pull,push";

impl World {
    /// `team/app` was pushed to by the administrator, and deleted. Answers what everybody signs in with.
    async fn with_a_deleted_repository(&self) -> Vec<(&'static str, String)> {
        let team = self.project("team", false).await;
        let mut everybody = vec![("admin", basic("admin", ADMIN_PASSWORD))];
        for (name, role) in
            [("developer", Role::Developer), ("maintainer", Role::Maintainer), ("chief", Role::ProjectAdmin)]
        {
            self.member(&team, name, role).await;
            everybody.push((name, basic(name, PASSWORD)));
        }
        for (name, actions) in [
            ("pusher", &[Action::Pull, Action::Push][..]),
            ("keeper", &[Action::Pull, Action::Push, Action::Delete]),
        ] {
            let level = Level::Project { id: team.id, name: team.name.to_string() };
            let (_, secret) = self.robot(name, level, in_project(&team, actions)).await;
            everybody.push((name, basic(&format!("robot$team+{name}"), &secret)));
        }
        assert_eq!(self.push(&everybody[0].1).await.status, 201);
        self.delete_repository().await;
        everybody
    }

    async fn delete_repository(&self) {
        let repository = "team/app".parse().expect("a name");
        let permit = OpenAccess.delete(&Caller::Anonymous, &repository).await.expect("open access");
        let registry = &self.administration.registry;
        assert!(registry.clear_repository(&permit, u64::MAX).await.expect("memory").is_done);
        let removal = registry.remove_repository(&permit).await.expect("memory");
        assert_eq!(removal, RepositoryRemoval::Removed);
    }

    async fn push(&self, authorization: &str) -> Told {
        let request = Request::put("/v2/team/app/manifests/v1").header("host", HOST);
        let request = request.header("authorization", authorization).header("content-type", INDEX);
        self.send(request, BODY).await
    }
}

fn basic(name: &str, password: &str) -> String {
    format!("Basic {}", STANDARD.encode(format!("{name}:{password}")))
}

/// [name-kept]
#[tokio::test]
async fn projects_a_deleted_repository_is_brought_back_by_those_who_could_have_deleted_it() {
    for (who, expected) in [
        ("developer", 403),
        ("pusher", 403),
        ("keeper", 201),
        ("maintainer", 201),
        ("chief", 201),
        ("admin", 201),
    ] {
        for with_token in [true, false] {
            let world = World::new();
            let everybody = world.with_a_deleted_repository().await;
            let of = |name| everybody.iter().find(|(known, _)| *known == name).expect("somebody").1.clone();
            let mut authorization = of(who);
            if with_token {
                authorization = world.token_of(Some(&authorization), SCOPE).await;
            }
            let told = world.push(&authorization).await;
            assert_eq!(told.status, expected, "{who}: {told:?}");
            if expected == 403 {
                assert!(
                    told.message().contains("was deleted") && told.message().contains("maintainer"),
                    "{told:?}"
                );
            }
            // Once it is there, it is there for everybody.
            let told = world.push(&of("developer")).await;
            assert_eq!(told.status, expected, "a developer after {who}: {told:?}");
        }
    }
}

/// [name-kept] Also from who has a token already.
#[tokio::test]
async fn projects_a_name_is_kept_from_the_deletion_to_its_time() {
    let world = World::new();
    let everybody = world.with_a_deleted_repository().await;
    let (maintainer, developer) = (basic("maintainer", PASSWORD), basic("developer", PASSWORD));
    assert_eq!(everybody[2].1, maintainer);
    assert_eq!(world.push(&maintainer).await.status, 201);
    let token = world.token_of(Some(&developer), SCOPE).await;
    assert_eq!(world.push(&token).await.status, 201);
    world.delete_repository().await;
    assert_eq!(world.push(&token).await.status, 403);

    world.memory.clock().advance(Duration::from_secs(NAME_RETENTION_SECS - 1));
    assert_eq!(world.push(&developer).await.status, 403);
    world.memory.clock().advance(Duration::from_secs(1));
    assert_eq!(world.push(&developer).await.status, 201);
}
