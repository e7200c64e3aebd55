"""The same by a command line: what an administrator does with the program `harbor` of harbor-cli (PyPI), a process for each command.

Usage: cli.py URL, with the administrator's password on standard input. Exits with 1 and says what differs.
"""

import asyncio
import json
import pathlib
import subprocess
import sys
import tempfile

from walk import PASSWORD, push, same

HARBOR = pathlib.Path(sys.executable).parent / "harbor"
CONFIG = """
[harbor]
url = "{url}/api/v2.0"
username = "{name}"
secret = "{password}"
retry.enabled = false
[general]
confirm_deletion = false
confirm_enumeration = false
[output]
format = "json"
[logging]
enabled = false
"""


class Harbor:
    """Runs commands with one user's credentials, in a home of its own."""

    def __init__(self, folder, url, name, password):
        self.home, self.config = folder, pathlib.Path(folder) / f"{name}.toml"
        self.config.write_text(CONFIG.format(url=url, name=name, password=password), encoding="utf-8")

    def finish(self, *words):
        command = [HARBOR, "--config", self.config, *words]
        environment = {"HOME": self.home, "PATH": "/usr/bin:/bin", "COLUMNS": "500", "NO_COLOR": "1"}
        return subprocess.run(command, env=environment, capture_output=True, text=True, timeout=120, check=False)

    def __call__(self, *words):
        """What the command prints as JSON; `None` if it prints nothing."""
        run = self.finish(*words)
        if run.returncode:
            raise SystemExit(f"harbor {' '.join(words)}: {run.stdout}{run.stderr}")
        return json.loads(run.stdout) if run.stdout.strip() else None

    def refused(self, what, *words):
        run = self.finish(*words)
        if not run.returncode or what not in run.stdout + run.stderr:
            raise SystemExit(f"harbor {' '.join(words)}: {run.stdout}{run.stderr}, expected {what!r}")


def projects(harbor):
    harbor("project", "create", "walk", "--public", "false")
    harbor.refused("409", "project", "create", "walk")
    same("exists", harbor("project", "exists", "walk"), True)
    harbor("project", "update", "walk", "--public", "true")
    same("metadata", harbor("project", "metadata", "field", "get", "walk", "public"), {"public": "true"})
    harbor("project", "metadata", "field", "set", "walk", "auto_scan", "true")
    found = harbor("project", "get", "walk")
    same("project", (found["name"], found["metadata"]["auto_scan"]), ("walk", "true"))
    same("listed", [project["name"] for project in harbor("project", "list")], ["walk"])
    harbor.refused("404", "project", "get", "absent")


def users_and_members(harbor, other):
    harbor("user", "create", "dev", "--password", PASSWORD, "--email", "dev@example.org", "--realname", "D")
    harbor("user", "update", "dev", "--realname", "A developer", "--email", "dev@example.org")
    same("real name", harbor("user", "get", "dev")["realname"], "A developer")
    same("found", [user["username"] for user in harbor("user", "search", "dev")], ["dev"])
    same("who", other("dev", PASSWORD)("user", "get-current")["username"], "dev")
    harbor("project", "member", "add-user", "walk", "dev", "guest")
    harbor("project", "member", "update-role", "walk", "dev", "developer")
    roles = {member["entity_name"]: member["role_name"] for member in harbor("project", "member", "list", "walk")}
    same("roles", roles, {"admin": "projectAdmin", "dev": "developer"})
    other("dev", PASSWORD).refused("403", "project", "update", "walk", "--public", "false")
    harbor("project", "member", "remove", "walk", "dev")
    harbor("user", "delete", "dev")
    # As in Harbor, the first administrator is not listed.
    same("users", harbor("user", "list"), [])


def groups(harbor):
    harbor("usergroup", "create", "readers", "HTTP")
    (group,) = harbor("usergroup", "list")
    same("group", group["group_name"], "readers")
    harbor("project", "member", "add-group", "walk", f"id:{group['id']}", "guest")
    harbor("usergroup", "delete", str(group["id"]))


def artifacts(harbor, url, password):
    digest = asyncio.run(push(url, password, "walk/app", "v1", b"one"))
    (repository,) = harbor("repository", "list", "walk")
    same("repository", (repository["name"], repository["artifact_count"]), ("walk/app", 1))
    harbor("repository", "update", "walk", "app", "--description", "what it is")
    same("description", harbor("repository", "get", "walk", "app")["description"], "what it is")
    one = "walk/app:v1"
    same("artifact", harbor("artifact", "get", one)["artifact"]["digest"], digest)
    harbor("artifact", "tag", "create", one, "stable")
    same("tags", sorted(tag["name"] for tag in harbor("artifact", "tag", "list", one)), ["stable", "v1"])
    harbor("artifact", "tag", "delete", one, "stable")
    (entry,) = harbor("artifact", "buildhistory", one)
    same("history", entry["created_by"], "ADD v1")
    harbor("artifact", "copy", one, "walk", "copy")
    listed = harbor("artifact", "list", "--project", "walk")
    same("artifacts", [found["artifact"]["digest"] for found in listed], [digest, digest])
    harbor("artifact", "delete", one)
    for name in ("app", "copy"):
        harbor("repository", "delete", "walk", name)
    same("repositories at the end", harbor("repository", "list", "walk"), [])


def system(harbor):
    same("health", harbor("system", "health")["status"], "healthy")
    same("auth mode", harbor("system", "info")["auth_mode"], "db_auth")
    same("projects", harbor("system", "statistics")["private_project_count"], 0)
    same("search", [project["name"] for project in harbor("search", "walk")["project"]], ["walk"])
    same("quota", harbor("quota", "list")[0]["ref"]["name"], "walk")
    same("setting", harbor("config", "get")["auth_mode"], "db_auth")
    (entry,) = harbor("auditlog", "list", "--operation", "create", "--resource-type", "user")
    same("audit", (entry["username"], entry["resource"]), ("admin", "dev"))


def walk(folder, url, password):
    def other(name, password):
        return Harbor(folder, url, name, password)

    harbor = other("admin", password)
    projects(harbor)
    users_and_members(harbor, other)
    groups(harbor)
    artifacts(harbor, url, password)
    system(harbor)
    harbor("project", "delete", "walk")
    same("projects at the end", harbor("project", "list"), [])
    print("walked")


if __name__ == "__main__":
    with tempfile.TemporaryDirectory() as home:
        walk(home, sys.argv[1], sys.stdin.readline().strip())
