"""`up`: starts everything, says where it listens, stays until it is told to stop."""

import argparse
import pathlib
import secrets
import shutil
import signal
import subprocess
import sys
import tempfile
import time

from . import services
from .deploy import ROOT, Deployment
from .processes import Failure, Processes


def main():
    options = parse_arguments()
    processes = Processes()
    # An exception, so that whatever is under way is left in order.
    for number in (signal.SIGTERM, signal.SIGINT):
        signal.signal(number, stop)
    temporary = None if options.data else tempfile.mkdtemp(prefix="berth-ministack-")
    try:
        folder = pathlib.Path(options.data or temporary).resolve()
        folder.mkdir(parents=True, exist_ok=True)
        run(options, folder, processes)
    except Failure as failure:
        print(f"up: {failure}", file=sys.stderr)
        return 1
    except SystemExit:
        return 0
    finally:
        for number in (signal.SIGTERM, signal.SIGINT):
            signal.signal(number, signal.SIG_IGN)
        processes.stop()
        shutil.rmtree(temporary or services.temporary_folder(pathlib.Path(options.data)), ignore_errors=True)


def stop(number, frame):
    raise SystemExit(0)


def run(options, folder, processes):
    gateway = options.binaries / "berth-gateway"
    if options.gateway and not gateway.is_file():
        services.fail(f"{gateway} is missing: run `cargo build --release --bins`, or start without --gateway")
    token = secrets.token_hex(16)
    ministack = services.start_ministack(processes, folder, token)
    deployment = Deployment(ministack)
    parameters = {"Architecture": "x86_64", "Emulator": "true", "Access": "projects" if options.users else "open"}
    if options.gateway:
        parameters["GatewayDomain"] = services.GATEWAY_DOMAIN
    parameters.update(options.parameter)
    deployment.create(options.template, options.binaries, parameters, options.without)
    fill_key_value_store(deployment, folder)
    if options.users:
        write_admin_password(deployment, folder)

    origins = {}
    if options.gateway:
        settings = deployment.function_settings("RegistryFunction")
        origins[services.GATEWAY_DOMAIN] = services.start_gateway(processes, folder, ministack, gateway, settings)
    (distribution,) = deployment.resources("AWS::CloudFront::Distribution").values()
    url = services.start_front(processes, folder, token, ministack, distribution, options.port, origins)
    services.wait_until(processes, lambda: is_berth(f"{url}/v2/"), "the registry function")
    if options.users:
        services.wait_until(processes, lambda: is_berth(f"{url}/api/v2.0/ping"), "the management function")
    print(f"up: AWS_ENDPOINT_URL={ministack}", file=sys.stderr)
    print(f"berth is listening on {url}", flush=True)
    while not processes.ended():
        time.sleep(0.2)
    services.fail(f"{processes.ended()} ended (its log is above)")


def is_berth(url):
    """Whether the answer is our function's: MiniStack has a registry of its own, and the edge answers who has no credentials."""
    answer = services.get(url, {"Authorization": "Bearer none"})
    if answer and answer[0] < 500 and not answer[1].get("x-berth-version"):
        services.fail(f"{url} answers {answer[0]} without x-berth-version: that is not this registry's function")
    return answer and answer[0] < 500


def fill_key_value_store(deployment, folder):
    environment = {**services.clean_environment(folder), **services.CREDENTIALS, "AWS_ENDPOINT_URL": deployment.endpoint}
    environment["PATH"] = f"{services.HERE / 'bin'}:{environment['PATH']}"
    done = subprocess.run([ROOT / "infra" / "keys", deployment.name], env=environment, stdout=sys.stderr, check=False)
    if done.returncode:
        services.fail(f"infra/keys ended with {done.returncode} (its log is above)")


def write_admin_password(deployment, folder):
    path = folder / "admin-password"
    path.touch(mode=0o600)
    path.write_text(deployment.function_settings("RegistryFunction")["BERTH_ADMIN_PASSWORD"], encoding="utf-8")


def parse_arguments():
    parser = argparse.ArgumentParser(prog="up", description="Runs the production stack of template.yaml on this machine.")
    parser.add_argument("--data", metavar="FOLDER", help="logs and temporary files; default: a temporary folder")
    parser.add_argument("--port", type=int, default=5000, help="where the registry listens; 0 for any free port")
    parser.add_argument("--binaries", type=pathlib.Path, default=ROOT / "target" / "release", metavar="FOLDER",
                        help="the functions' programs; default: target/release")
    parser.add_argument("--gateway", action="store_true", help="with the gateway, which takes uploads of any size")
    parser.add_argument("--users", action="store_true", help="with users and projects; FOLDER/admin-password has the first password")
    parser.add_argument("--parameter", type=pair, action="append", default=[], metavar="NAME=VALUE", help="a parameter of the template")
    parser.add_argument("--without", type=role_action, action="append", default=[], metavar="ROLE:ACTION",
                        help="takes an action from a role, as in RegistryRole:s3:ListBucket, to see what breaks")
    parser.add_argument("--template", type=pathlib.Path, default=ROOT / "template.yaml", help=argparse.SUPPRESS)
    options = parser.parse_args()
    if options.users and not options.data:
        parser.error("--users needs --data: the password is written to FOLDER/admin-password")
    options.binaries = options.binaries.resolve()
    return options


def pair(text):
    name, _, value = text.partition("=")
    return name, value


def role_action(text):
    role, _, action = text.partition(":")
    return role, action


sys.exit(main())
