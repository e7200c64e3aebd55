"""Harbor's own way through its API, by the client `harborapi`: makes, reads, changes and removes whatever an administrator keeps.

Usage: walk.py URL, with the administrator's password on standard input. Exits with 1 and says what differs.
"""

import asyncio
import hashlib
import json
import sys

import httpx
from harborapi import HarborAsyncClient
from harborapi.exceptions import Conflict, Forbidden, HarborAPIException, NotFound, Unauthorized
from harborapi.models import (
    Access, Label, ProjectMetadata, ProjectReq, Repository, RobotCreate, RobotPermission, Tag, UserCreationReq,
)

PASSWORD = "Password1"
DEVELOPER, MAINTAINER = 2, 4
IMAGE = "application/vnd.oci.image.manifest.v1+json"
CONFIG = "application/vnd.oci.image.config.v1+json"
LAYER = "application/vnd.oci.image.layer.v1.tar+gzip"


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


async def push(url, password, repository, tag, layer):
    """Pushes an image of one layer, as any client of the registry does, and answers its digest."""
    history = [{"created": "2026-01-02T03:04:05Z", "created_by": f"ADD {tag}"}]
    config = {"architecture": "arm64", "os": "linux", "config": {}, "history": history}
    auth = ("admin", password)
    async with httpx.AsyncClient(base_url=f"{url}/v2/{repository}", auth=auth) as registry:
        descriptors = []
        for media_type, content in ((CONFIG, json.dumps(config).encode()), (LAYER, layer)):
            digest = f"sha256:{hashlib.sha256(content).hexdigest()}"
            headers = {"Content-Type": "application/octet-stream"}
            answer = await registry.post(
                "/blobs/uploads/", params={"digest": digest}, content=content, headers=headers
            )
            same(f"pushing {digest}", answer.status_code, 201)
            descriptors.append({"mediaType": media_type, "digest": digest, "size": len(content)})
        manifest = {
            "schemaVersion": 2, "mediaType": IMAGE, "config": descriptors[0], "layers": descriptors[1:],
        }
        body, headers = json.dumps(manifest), {"Content-Type": IMAGE}
        answer = await registry.put(f"/manifests/{tag}", content=body, headers=headers)
        same(f"pushing {repository}:{tag}", answer.status_code, 201)
        return answer.headers["Docker-Content-Digest"]


async def repositories(admin, url, password):
    digest = await push(url, password, "walk/web/app", "v1", b"one")
    await push(url, password, "walk/web/app", "v2", b"two")
    (found,) = await admin.get_repositories("walk")
    same("repository", (found.name, found.artifact_count), ("walk/web/app", 2))
    await admin.update_repository("walk", "web/app", Repository(description="of the walk"))
    same("description", (await admin.get_repository("walk", "web/app")).description, "of the walk")
    await refused("no such repository", admin.get_repository("walk", "none"), NotFound)

    listed = await admin.get_artifacts("walk", "web/app", sort="push_time")
    same("artifacts", sorted(tag.name for found in listed for tag in found.tags), ["v1", "v2"])
    (found,) = await admin.get_artifacts("walk", "web/app", query="tags=v1")
    same("by tag", (found.digest, found.type), (digest, "IMAGE"))
    same("its size is known", found.size > len(b"one"), True)
    by_digest = await admin.get_artifact("walk", "web/app", digest)
    same("of the config", by_digest.extra_attrs.root["architecture"], "arm64")
    (step,) = await admin.get_artifact_build_history("walk", "web/app", "v1")
    same("build history", step.created_by, "ADD v1")
    same("accessories", await admin.get_artifact_accessories("walk", "web/app", "v1"), [])

    await admin.create_artifact_tag("walk", "web/app", "v1", Tag(name="stable"))
    await refused("a tag twice", admin.create_artifact_tag("walk", "web/app", "v2", Tag(name="stable")), Conflict)
    names = [tag.name for tag in await admin.get_artifact_tags("walk", "web/app", digest)]
    same("tags", names, ["stable", "v1"])
    await admin.delete_artifact_tag("walk", "web/app", "v1", "v1")
    await refused("a tag that is gone", admin.get_artifact("walk", "web/app", "v1"), NotFound)

    await admin.create_label(Label(name="good", scope="g"))
    (label,) = await admin.get_labels(scope="g")
    await admin.add_artifact_label("walk", "web/app", "stable", label)
    labeled = await admin.get_artifact("walk", "web/app", "stable", with_label=True)
    same("labels", [label.name for label in labeled.labels], ["good"])
    await admin.delete_artifact_label("walk", "web/app", "stable", label.id)
    await admin.delete_label(label.id)

    await admin.copy_artifact("walk", "copy", f"walk/web/app@{digest}")
    same("copied", (await admin.get_artifact("walk", "copy", "stable")).digest, digest)
    await admin.delete_artifact("walk", "web/app", "v2")
    same("left", [found.digest for found in await admin.get_artifacts("walk", "web/app")], [digest])
    await refused("a project with repositories", admin.delete_project("walk"), HarborAPIException)
    for name in ("copy", "web/app"):
        await admin.delete_repository("walk", name)
    same("repositories at the end", await admin.get_repositories("walk"), [])


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
    await repositories(admin, url, password)
    await system(admin)
    await admin.delete_project("walk")
    same("projects at the end", await admin.get_projects(), [])
    print("walked")


if __name__ == "__main__":
    asyncio.run(walk(sys.argv[1], sys.stdin.readline().strip()))
