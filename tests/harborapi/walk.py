"""Harbor's own way through its API, by the client `harborapi`: makes, reads, changes and removes whatever an administrator keeps.

Usage: walk.py URL, with the administrator's password on standard input. Exits with 1 and says what differs.
"""

import asyncio
import sys

from harborapi import HarborAsyncClient
from harborapi.exceptions import Conflict, Forbidden, HarborAPIException, NotFound, Unauthorized
from harborapi.models import (
    Access, Label, ProjectMetadata, ProjectReq, RobotCreate, RobotPermission, UserCreationReq,
)

PASSWORD = "Password1"
DEVELOPER, MAINTAINER = 2, 4


def client(url, name, password):
    # Requests that fail are not repeated: they are what is looked at.
    return HarborAsyncClient(url=f"{url}/api/v2.0", username=name, secret=password, retry=None)


def same(what, found, expected):
    if found != expected:
        raise SystemExit(f"{what}: {found!r}, expected {expected!r}")


async def refused(what, awaitable, *kinds):
    try:
        found = await awaitable
    except kinds:
        return
    except HarborAPIException as error:
        raise SystemExit(f"{what}: {type(error).__name__}, expected {kinds}") from error
    raise SystemExit(f"{what}: {found!r}, expected {kinds}")


async def projects(admin):
    await admin.create_project(ProjectReq(project_name="walk", metadata=ProjectMetadata(public="false")))
    await refused("the same project", admin.create_project(ProjectReq(project_name="walk")), Conflict)
    found = await admin.get_project("walk")
    same("name", found.name, "walk")
    same("by number", (await admin.get_project(found.project_id)).name, "walk")
    same("listed", [project.name for project in await admin.get_projects()], ["walk"])
    await admin.update_project("walk", ProjectReq(metadata=ProjectMetadata(public="true", auto_scan="true")))
    metadata = (await admin.get_project("walk")).metadata
    same("metadata", (metadata.public, metadata.auto_scan), ("true", "true"))
    same("deletable", (await admin.get_project_deletable("walk")).deletable, True)
    await refused("no such project", admin.get_project("absent"), NotFound, Forbidden)


async def users_and_members(admin, url):
    for name in ("dev", "other"):
        await admin.create_user(
            UserCreationReq(username=name, email=f"{name}@example.org", realname=name, password=PASSWORD)
        )
    users = {user.username: user for user in await admin.get_users()}
    # As in Harbor, the first administrator is not listed.
    same("users", sorted(users), ["dev", "other"])
    await admin.add_project_member_user("walk", "dev", DEVELOPER)
    (member,) = [member for member in await admin.get_project_members("walk") if member.entity_name == "dev"]
    same("role", member.role_id, DEVELOPER)
    await admin.update_project_member_role("walk", member.id, MAINTAINER)
    (member,) = [member for member in await admin.get_project_members("walk") if member.entity_name == "dev"]
    same("new role", member.role_id, MAINTAINER)

    dev = client(url, "dev", PASSWORD)
    same("who it is", (await dev.get_current_user()).username, "dev")
    await refused("a user lists users", dev.get_users(), Forbidden)
    await refused("a maintainer deletes the project", dev.delete_project("walk"), Forbidden)
    await refused("a wrong password", client(url, "dev", "wrong").get_current_user(), Unauthorized)

    await admin.set_user_admin(users["other"].user_id, True)
    same("an administrator", (await admin.get_user(users["other"].user_id)).sysadmin_flag, True)
    await admin.set_user_password(users["dev"].user_id, "Another1pw", PASSWORD)
    await refused("the old password", dev.get_current_user(), Unauthorized)
    same("the new one", (await client(url, "dev", "Another1pw").get_current_user()).username, "dev")
    await admin.remove_project_member("walk", member.id)
    for name in ("dev", "other"):
        await admin.delete_user(users[name].user_id)
    same("users at the end", [user.username for user in await admin.get_users()], [])


async def robots(admin, url):
    access = [Access(resource="repository", action=action) for action in ("pull", "push")]
    permission = RobotPermission(kind="project", namespace="walk", access=access)
    made = await admin.create_robot(
        RobotCreate(name="ci", level="system", duration=30, description="d", permissions=[permission])
    )
    same("full name", made.name, "robot$ci")
    (listed,) = await admin.get_robots()
    same("listed", (listed.id, listed.name, listed.disable), (made.id, "robot$ci", False))
    robot = await admin.get_robot(made.id)
    same("no secret", robot.secret or None, None)
    robot.description, robot.disable = "changed", True
    await admin.update_robot(made.id, robot)
    found = await admin.get_robot(made.id)
    same("changed", (found.description, found.disable), ("changed", True))
    await admin.refresh_robot_secret(made.id, "Chosen1secret")
    await admin.delete_robot(made.id)
    same("robots at the end", await admin.get_robots(), [])


async def labels(admin):
    project_id = (await admin.get_project("walk")).project_id
    await admin.create_label(Label(name="stable", scope="g", color="#00AB9A"))
    await admin.create_label(Label(name="mine", scope="p", project_id=project_id))
    (label,) = await admin.get_labels(scope="g")
    same("label", (label.name, label.color), ("stable", "#00AB9A"))
    same("of the project", [found.name for found in await admin.get_labels(scope="p", project_id=project_id)], ["mine"])
    label.description = "changed"
    await admin.update_label(label.id, label)
    same("changed label", (await admin.get_label(label.id)).description, "changed")
    await admin.delete_label(label.id)
    same("labels at the end", await admin.get_labels(scope="g"), [])


async def system(admin):
    same("ping", await admin.ping(), "Pong")
    same("health", (await admin.health_check()).status, "healthy")
    same("auth mode", (await admin.get_system_info()).auth_mode, "db_auth")
    await admin.get_statistics()
    found = await admin.search("walk")
    same("search", [project.name for project in found.project], ["walk"])


async def walk(url, password):
    admin = client(url, "admin", password)
    await projects(admin)
    await users_and_members(admin, url)
    await robots(admin, url)
    await labels(admin)
    await system(admin)
    await admin.delete_project("walk")
    same("projects at the end", await admin.get_projects(), [])
    print("walked")


if __name__ == "__main__":
    asyncio.run(walk(sys.argv[1], sys.stdin.readline().strip()))
