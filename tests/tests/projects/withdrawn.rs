//! What is left of a right that was withdrawn, and how long.

use berth_identity::robots::{Level, UpdateRobot};
use berth_projects::Action;

use super::robots::in_project;
use super::*;

const ALL: [Action; 3] = [Action::Pull, Action::Push, Action::Delete];

const SCOPE: &str = "repository:team/app:pull,push,delete";

/// Ways to withdraw the rights of `who`, who has all of them in `team`.
#[derive(Debug, Clone, Copy)]
enum Way {
    RemoveTheMember,
    LowerTheRole,
    DeleteTheUser,
    SetAnotherPassword,
    TakeAdministrationAway,
    DisableTheRobot,
    DeleteTheRobot,
    NarrowTheRobot,
    ReplaceItsSecret,
}

const WAYS: [Way; 9] = [
    Way::RemoveTheMember,
    Way::LowerTheRole,
    Way::DeleteTheUser,
    Way::SetAnotherPassword,
    Way::TakeAdministrationAway,
    Way::DisableTheRobot,
    Way::DeleteTheRobot,
    Way::NarrowTheRobot,
    Way::ReplaceItsSecret,
];

/// Somebody who may pull, push and delete, and how that ends.
struct Somebody {
    basic: String,
    member: u64,
    robot: u64,
}

impl World {
    async fn somebody(&self, team: &Project, way: Way) -> Somebody {
        let (mut name, mut secret, mut member, mut robot) = ("maintainer", PASSWORD.to_owned(), 0, 0);
        match way {
            Way::DisableTheRobot | Way::DeleteTheRobot | Way::NarrowTheRobot | Way::ReplaceItsSecret => {
                name = "robot$team+ci";
                let level = Level::Project { id: team.id, name: team.name.to_string() };
                (robot, secret) = self.robot("ci", level, in_project(team, &ALL)).await;
            }
            Way::TakeAdministrationAway => {
                self.user(name).await;
                self.change_user(name, |user| user.is_admin = true).await;
            }
            _ => member = self.member(team, name, Role::Maintainer).await,
        }
        let basic = format!("Basic {}", STANDARD.encode(format!("{name}:{secret}")));
        Somebody { basic, member, robot }
    }

    async fn change_user(&self, name: &str, change: impl Fn(&mut berth_identity::users::User) + Send + Sync) {
        let users = self.administration.directory.users();
        users.update(name, change).await.expect("memory");
    }

    async fn withdraw(&self, team: &Project, who: &Somebody, way: Way) {
        let Administration { directory, projects, .. } = &self.administration;
        let robots = directory.robots();
        let update = |is_disabled: bool, actions: &[Action]| UpdateRobot {
            description: String::new(),
            duration_days: 30,
            is_disabled,
            permissions: vec![in_project(team, actions)],
        };
        let is_done = match way {
            Way::RemoveTheMember => projects.remove_member(team, who.member).await,
            Way::LowerTheRole => projects.set_role(team.id, who.member, Role::LimitedGuest).await,
            Way::DeleteTheUser => directory.users().delete("maintainer").await,
            Way::SetAnotherPassword => {
                let other = directory.hash_password("Password2").await;
                self.change_user("maintainer", |user| user.password.clone_from(&other)).await;
                Ok(true)
            }
            Way::TakeAdministrationAway => {
                self.change_user("maintainer", |user| user.is_admin = false).await;
                Ok(true)
            }
            Way::DisableTheRobot => robots.update(who.robot, &update(true, &ALL)).await,
            Way::DeleteTheRobot => robots.delete(who.robot).await,
            Way::NarrowTheRobot => robots.update(who.robot, &update(false, &ALL[..1])).await,
            Way::ReplaceItsSecret => robots.renew_secret(who.robot, 0).await.map(|secret| secret.is_some()),
        };
        assert!(is_done.expect("memory"), "{way:?}");
    }

    /// What a push and a delete are answered.
    async fn changes(&self, authorization: &str) -> [u16; 2] {
        let push = self.request("POST", "/v2/team/app/blobs/uploads/", authorization, "").await;
        let delete = self.request("DELETE", "/v2/team/app/manifests/v1", authorization, "").await;
        [push, delete].map(|told| told.status.as_u16())
    }
}

/// [right-ends]
#[tokio::test]
async fn projects_withdrawn_rights_end_with_the_token_and_at_once_for_everything_else() {
    for way in WAYS {
        let world = World::new();
        let team = world.project("team", false).await;
        let who = world.somebody(&team, way).await;
        let token = world.token_of(Some(&who.basic), SCOPE).await;
        assert_eq!(world.changes(&token).await, [202, 404], "{way:?}: the control");
        assert_eq!(world.changes(&who.basic).await, [202, 404], "{way:?}: the control");

        world.withdraw(&team, &who, way).await;
        // Credentials are looked at anew with every request, and no new token has the right.
        let told = world.changes(&who.basic).await;
        assert!(told.iter().all(|status| [401, 403].contains(status)), "{way:?}: {told:?}");
        let request = Request::get(format!("/token?scope={SCOPE}")).header("host", HOST);
        let told = world.send(request.header("authorization", &who.basic), "").await;
        if told.status == 200 {
            let new = format!("Bearer {}", told.body["token"].as_str().expect("a token"));
            assert_eq!(world.changes(&new).await, [403, 403], "{way:?}");
        }
        // The token that there was keeps what it says, for as long as it is good and no longer.
        world.memory.clock().advance(Duration::from_secs(TTL_SECS - 1));
        assert_eq!(world.changes(&token).await, [202, 404], "{way:?}");
        world.memory.clock().advance(Duration::from_secs(1));
        assert_eq!(world.changes(&token).await, [401, 401], "{way:?}");
    }
}
