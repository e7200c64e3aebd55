//! Robots, in memory.

use std::sync::Arc;
use std::time::Duration;

use berth_projects::{Action, Resource, Scope};
use berth_testkit::Memory;

use super::*;

struct World {
    memory: Arc<Memory>,
    robots: Robots,
}

fn world() -> World {
    let memory = Arc::new(Memory::new());
    let ports = memory.ports();
    World { robots: Robots::new(memory.clone(), memory.clone(), ports.clock, ports.ids), memory }
}

fn pull(scope: Scope) -> Vec<Permission> {
    vec![Permission { scope, rights: vec![(Resource::Repository, Action::Pull)] }]
}

fn new(name: &str) -> NewRobot {
    NewRobot {
        name: name.to_owned(),
        level: Level::System,
        description: String::new(),
        duration_days: 30,
        is_disabled: false,
        permissions: pull(Scope::AllProjects),
        creator: "admin".to_owned(),
    }
}

async fn created(world: &World, new: NewRobot) -> (Robot, String) {
    match world.robots.create(new).await.unwrap() {
        CreateRobot::Created { robot, secret } => (robot, secret),
        other => panic!("{other:?}"),
    }
}

#[tokio::test]
async fn a_robot_signs_in_with_the_secret_that_was_shown() {
    let world = world();
    let (robot, secret) = created(&world, new("ci")).await;
    assert_eq!(robot.full_name, "robot$ci");
    let now_secs = robot.created_at_secs;
    assert!(robot.knows(&secret, now_secs) && !robot.knows("other", now_secs) && !robot.knows("", now_secs));
    assert_eq!(world.robots.get("robot$ci").await.unwrap(), Some(robot.clone()));
    assert_eq!(world.robots.get_by_id(robot.id).await.unwrap(), Some(robot));
    assert_eq!(world.robots.create(new("ci")).await.unwrap(), CreateRobot::Taken);
}

#[tokio::test]
async fn a_robot_ends_with_its_days_and_can_be_kept_out() {
    let world = world();
    let (robot, _) = created(&world, new("ci")).await;
    let start_secs = robot.created_at_secs;
    assert!(robot.is_active(start_secs + 30 * 86_400 - 1) && !robot.is_active(start_secs + 30 * 86_400));
    let change = UpdateRobot {
        description: "d".to_owned(),
        duration_days: -1,
        is_disabled: true,
        permissions: pull(Scope::AllProjects),
    };
    assert!(world.robots.update(robot.id, &change).await.unwrap());
    let robot = world.robots.get_by_id(robot.id).await.unwrap().unwrap();
    assert!(robot.expires_at_secs.is_none() && !robot.is_active(start_secs));
    assert!(!world.robots.update(99, &change).await.unwrap());
}

#[tokio::test]
async fn an_old_secret_lives_on_for_as_long_as_was_asked() {
    let world = world();
    let (robot, first) = created(&world, new("ci")).await;
    let second = world.robots.renew_secret(robot.id, 60).await.unwrap().unwrap();
    let robot = world.robots.get_by_id(robot.id).await.unwrap().unwrap();
    let now_secs = robot.updated_at_secs;
    assert!(robot.knows(&first, now_secs + 59) && !robot.knows(&first, now_secs + 60));
    assert!(robot.knows(&second, now_secs + 60));
    let third = world.robots.renew_secret(robot.id, 0).await.unwrap().unwrap();
    let robot = world.robots.get_by_id(robot.id).await.unwrap().unwrap();
    assert!(
        robot.knows(&third, now_secs) && !robot.knows(&first, now_secs) && !robot.knows(&second, now_secs)
    );
}

#[tokio::test]
async fn robots_are_listed_by_whose_they_are() {
    let world = world();
    let (first, _) = created(&world, new("one")).await;
    let (second, _) = created(&world, new("two")).await;
    let (found, more) = world.robots.list(0, None, 1).await.unwrap();
    assert!(found == [first.clone()] && more);
    let (found, more) = world.robots.list(0, Some(first.id), 10).await.unwrap();
    assert!(found == [second.clone()] && !more);
    assert!(world.robots.list(7, None, 10).await.unwrap().0.is_empty());
    assert!(world.robots.delete(second.id).await.unwrap());
    assert!(!world.robots.delete(second.id).await.unwrap());
    assert_eq!(world.robots.list(0, Some(first.id), 10).await.unwrap().0, []);
}

#[tokio::test]
async fn a_robot_of_a_project_needs_the_project() {
    let world = world();
    let level = Level::Project { id: 7, name: "team".to_owned() };
    let robot = NewRobot { level, permissions: pull(Scope::Project(7)), ..new("ci") };
    assert_eq!(world.robots.create(robot).await.unwrap(), CreateRobot::ProjectGone);
}

#[tokio::test]
async fn the_last_use_is_noted_to_the_hour() {
    let world = world();
    let start_secs = world.memory.clock().now_secs();
    assert_eq!(world.robots.last_used_secs(1).await.unwrap(), None);
    for (minutes, expected_secs) in [(0, start_secs), (59, start_secs), (1, start_secs + 3600)] {
        world.memory.clock().advance(Duration::from_secs(minutes * 60));
        world.robots.note_use(1).await.unwrap();
        assert_eq!(world.robots.last_used_secs(1).await.unwrap(), Some(expected_secs));
    }
}

#[test]
fn robots_that_cannot_be() {
    let project = Level::Project { id: 7, name: "team".to_owned() };
    assert!(new("a-b.c_d0").check().is_ok());
    for bad in ["", "A", "a..b", "-a", "a+b", "a$b", "a b"] {
        assert_eq!(new(bad).check(), Err(InvalidRobot::Name), "{bad}");
    }
    for (robot, error) in [
        (NewRobot { duration_days: 0, ..new("a") }, InvalidRobot::Duration),
        (NewRobot { duration_days: i64::MAX, ..new("a") }, InvalidRobot::Duration),
        (NewRobot { permissions: vec![], ..new("a") }, InvalidRobot::NoPermissions),
        (NewRobot { level: project.clone(), ..new("a") }, InvalidRobot::Level),
        (
            NewRobot { level: project.clone(), permissions: pull(Scope::Project(8)), ..new("a") },
            InvalidRobot::Level,
        ),
    ] {
        assert_eq!(robot.check(), Err(error));
    }
    assert!(NewRobot { level: project, permissions: pull(Scope::Project(7)), ..new("a") }.check().is_ok());
    let push_in_system = NewRobot { permissions: pull(Scope::System), ..new("a") };
    assert!(matches!(push_in_system.check(), Err(InvalidRobot::Permission(_))));
}
