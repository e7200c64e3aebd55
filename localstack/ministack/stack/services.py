"""What runs: MiniStack, the front, the gateway. All of it listens on 127.0.0.1 and writes below the data folder only."""

import json
import os
import pathlib
import shutil
import subprocess
import sys
import time
import urllib.error
import urllib.request

from .processes import Failure, free_port

HERE = pathlib.Path(__file__).resolve().parent.parent
REGION = "us-east-1"
# MiniStack's root key: IAM does not hold for it, as on AWS for whoever deploys.
CREDENTIALS = {"AWS_ACCESS_KEY_ID": "test", "AWS_SECRET_ACCESS_KEY": "test", "AWS_DEFAULT_REGION": REGION, "AWS_REGION": REGION}
START_TIMEOUT_S = 60
# The domain of the template's gateway origin; the front knows what stands for it.
GATEWAY_DOMAIN = "gateway.berth.internal"


def temporary_folder(folder):
    """Code of functions and the like; gone when the stack stops."""
    return folder / "tmp"


def clean_environment(folder):
    """Functions inherit MiniStack's environment, so nothing of the caller's may be in it."""
    temporary = temporary_folder(folder)
    temporary.mkdir(exist_ok=True)
    return {"PATH": os.environ["PATH"], "HOME": str(temporary), "TMPDIR": str(temporary), "LANG": "C.UTF-8"}


def start_ministack(processes, folder, token):
    """Answers MiniStack's URL."""
    port = free_port()
    url = f"http://127.0.0.1:{port}"
    environment = {
        **clean_environment(folder), **CREDENTIALS,
        "PYTHONPATH": str(HERE), "PYTHONDONTWRITEBYTECODE": "1",
        "GATEWAY_PORT": str(port), "BIND_HOST": "127.0.0.1", "AWS_ENDPOINT_URL": url,
        "AUTH": "true", "IOT_MTLS_ENABLED": "0", "SFTP_ENABLED": "0", "LOG_LEVEL": "WARNING",
        "STATE_DIR": str(temporary_folder(folder) / "state"),
        "BERTH_EVENTS": str(folder / "events.jsonl"), "BERTH_FRONT_TOKEN": token,
    }
    (folder / "events.jsonl").write_text("", encoding="utf-8")
    processes.start("MiniStack", [sys.executable, "-m", "emulator"], environment)
    wait_until(processes, lambda: get(f"{url}/_ministack/health"), "MiniStack")
    return url


def start_front(processes, folder, token, ministack, distribution, port, origins):
    """Answers the URL of the front; `origins` maps domain names to `host:port`."""
    node = shutil.which("node") or fail("node is missing: install Node.js 20 or later")
    command = [node, HERE / "front" / "main.mjs", "--ministack", ministack, "--distribution", distribution, "--port", port]
    command += [f"--origin={domain}={address}" for domain, address in origins.items()]
    environment = {**clean_environment(folder), "BERTH_FRONT_TOKEN": token}
    process = processes.start("the front", command, environment, stdout=subprocess.PIPE)
    line = process.stdout.readline()
    if not line:
        fail(f"the front did not start (its log is above); is port {port} free?")
    return f"http://127.0.0.1:{json.loads(line)['port']}"


def start_gateway(processes, folder, ministack, binary, settings):
    """Answers `host:port`; `settings` is the environment of the registry function."""
    port = free_port()
    environment = {
        **clean_environment(folder), **settings, **CREDENTIALS, "AWS_ENDPOINT_URL": ministack,
        "BERTH_BIND": "127.0.0.1", "BERTH_PORT": str(port),
    }
    processes.start("the gateway", [binary], environment)
    address = f"127.0.0.1:{port}"
    wait_until(processes, lambda: get(f"http://{address}/v2/"), "the gateway")
    return address


def get(url, headers=None):
    """(status, headers) of an answer, or None when nobody answers."""
    try:
        with urllib.request.urlopen(urllib.request.Request(url, headers=headers or {}), timeout=30) as answer:
            return answer.status, answer.headers
    except urllib.error.HTTPError as answer:
        return answer.code, answer.headers
    except OSError:
        return None


def wait_until(processes, condition, what):
    deadline = time.monotonic() + START_TIMEOUT_S
    while not condition():
        if processes.ended():
            fail(f"{processes.ended()} ended while it started (its log is above)")
        if time.monotonic() > deadline:
            fail(f"{what} does not answer after {START_TIMEOUT_S} s (its log is above)")
        time.sleep(0.05)


def fail(sentence):
    raise Failure(sentence)
