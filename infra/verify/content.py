"""V16 to V34: blobs and manifests on their way out, what holds for all answers, and what only a person can see."""

import concurrent.futures
import secrets
import threading
import time

from .registry import Failed, NotChecked, digest_of, manifest
from .world import MIB, check, only_by_hand

LARGEST_MANIFEST_BYTES = 4 * MIB
OURS = ["x-berth-status", "x-berth-www-authenticate", "x-berth-content-length", "x-berth-origin", "x-berth-url",
        "x-berth-viewer"]


# --- Blob links ---

@check("V16", "A blob link gives the bytes to whoever has it", needs=["V7"])
def link(world):
    link = world.link()
    answer = world.registry.ask("GET", link, authorization=False).must_be(200)
    if answer.body != world.layer:
        raise Failed(f"the link gave {len(answer.body)} other bytes")
    return "delivered by " + ("CloudFront" if world.is_edge(link) else "S3")


@check("V17", "A blob link takes Range and If-None-Match", needs=["V16"])
def link_range(world):
    registry, link = world.registry, world.link()
    answer = registry.ask("GET", link, headers={"Range": "bytes=1000-1999"}, authorization=False).must_be(206)
    answer.must_have("Content-Range", f"bytes 1000-1999/{len(world.layer)}")
    if answer.body != world.layer[1000:2000]:
        raise Failed("the range has other bytes")
    registry.ask("GET", link, headers={"If-None-Match": answer.must_have("ETag")["ETag"]}, authorization=False).must_be(304)


@check("V18", "An altered blob link is refused", needs=["V16"])
def altered_link(world):
    link = world.link()
    # A character of the signature; not the last one of a MAC, some bits of which mean nothing in base64.
    at = link.find("X-Amz-Signature=") + len("X-Amz-Signature=") if "X-Amz-Signature=" in link else len(link) - 5
    altered = link[:at] + ("a" if link[at] != "a" else "b") + link[at + 1:]
    world.registry.ask("GET", altered, authorization=False).must_be(403)


@check("V19", "One copy in the cache serves all links to a blob", needs=["V16"])
def cached(world):
    if not world.is_edge(world.link()):
        raise NotChecked("this registry delivers from S3")
    if world.is_local:
        raise NotChecked("a local stack caches nothing")
    for _ in range(6):
        link = world.link()
        if (world.registry.ask("GET", link, authorization=False).must_be(200)["x-cache"] or "").startswith("Hit"):
            return None
        time.sleep(1.1)  # another second, another link
    raise Failed("six links in a row were fetched from S3")


@check("V20", "Encoded colons and slashes mean what they say", needs=["V16"])
def encoded(world):
    registry, link = world.registry, world.link()
    content = secrets.token_bytes(1000)
    answer = registry.ask("PUT", f"{registry.session()}?digest={digest_of(content).replace(':', '%3A')}", content)
    registry.keep(answer, "blobs", digest_of(content)).must_be(201)
    if world.is_edge(link):
        registry.ask("GET", link.replace("sha256:", "sha256%3A"), authorization=False).must_be(200)
    other = registry.repository + "-mount"
    path = registry.api(f"blobs/uploads/?mount={digest_of(content)}&from={registry.repository.replace('/', '%2F')}", repository=other)
    registry.keep(registry.ask("POST", path, b""), "blobs", digest_of(content), other).must_be(201)


# --- Manifests ---

@check("V21", "That something is absent is not cached", needs=["V7"])
def absence(world):
    registry, content = world.registry, manifest(world.layer)
    path = registry.api("manifests/1")
    registry.put_blob(b"{}").must_be(201)
    registry.ask("GET", path).must_be(404)
    registry.ask("HEAD", path).must_be(404)
    registry.put_manifest("1", content).must_be(201)
    answer = registry.ask("HEAD", path).must_be(200)
    answer.must_have("Content-Length", str(len(content))).must_have("Docker-Content-Digest", digest_of(content))
    if registry.ask("GET", path).must_be(200).body != content:
        raise Failed("the manifest came back changed")


@check("V22", "If-None-Match of a manifest is answered 304", needs=["V21"])
def not_modified(world):
    registry = world.registry
    etag = registry.ask("GET", registry.api("manifests/1")).must_have("ETag")["ETag"]
    registry.ask("GET", registry.api("manifests/1"), headers={"If-None-Match": etag}).must_be(304)


@check("V23", "A manifest of 4 MiB passes in both directions", needs=["V21"])
def large_manifest(world):
    registry, content = world.registry, manifest(world.layer, b"large", LARGEST_MANIFEST_BYTES)
    registry.put_manifest("large", content).must_be(201)
    if registry.ask("GET", registry.api("manifests/large")).must_be(200).body != content:
        raise Failed("the manifest came back changed")


@check("V24", "A header with several values arrives whole", needs=["V21"])
def several_values(world):
    registry, content = world.registry, manifest(world.layer, b"tags")
    answer = registry.put_manifest(f"{digest_of(content)}?tag=a&tag=b", content).must_be(201)
    values = ", ".join(answer.headers.get_all("OCI-Tag") or [])
    if values != "a, b":
        raise Failed(f"OCI-Tag is {values!r}, expected 'a, b'")


@check("V25", "Callers who ask at once never get each other's answers", needs=["V21"])
def callers(world):
    world.must_have_password()
    registry = world.registry
    registry.bearer()
    callers = [(True, 200), ("Bearer none", 401), (False, 401)] * 5
    start = threading.Barrier(len(callers))

    def ask(caller):
        start.wait()
        return registry.ask("GET", registry.api("manifests/1"), authorization=caller[0]).must_be(caller[1])

    for _ in range(2):
        with concurrent.futures.ThreadPoolExecutor(len(callers)) as pool:
            list(pool.map(ask, callers))


# --- The end ---

@check("V26", "What is deleted is gone at once", needs=["V4"])
def deleted(world):
    registry = world.registry
    for (repository, kind, digest), answer in list(registry.delete_pushed()):
        answer.must_be(202)
        registry.ask("GET", registry.api(kind, digest, repository=repository)).must_be(404)


@check("V27", "No answer shows what is between us and AWS", needs=["V7"])
def nothing_leaks(world):
    for answer in world.registry.answers:
        for name in answer.headers:
            if name.lower() in OURS or name.lower() == "x-amzn-remapped-www-authenticate":
                raise Failed(f"{answer} carries {name}")


@check("V28", "The roles suffice: no answer was 500 or above")
def no_server_errors(world):
    for answer in world.registry.answers:
        if answer.status >= 500:
            raise Failed(f"{answer}: see the functions' logs")
    return f"{len(world.registry.answers)} answers"


only_by_hand("V29", "S3's event promotes a staged blob", "`aws s3 ls --recursive s3://BUCKET/uploads/` must be empty two minutes later")
only_by_hand("V30", "A new key reaches the edge", "run `infra/rotate-key STACK upload`, then this once more")
only_by_hand("V31", "A cold start takes less than a second", "wait half an hour, run this, read initDurationMs in the function's log")
only_by_hand("V32", "Docker and its like push and pull, over HTTP/2", "this speaks HTTP/1.1: push and pull with each client that you use")
only_by_hand("V33", "An alarm reaches somebody", "`aws cloudwatch set-alarm-state` on one alarm; see docs/operations.md")
only_by_hand("V34", "Delivery auto tells the region from elsewhere", "with BlobDelivery=auto run this inside and outside: V16 says who delivers")
only_by_hand("V35", "A pull is in the audit log", "pull, and a minute later `berth admin audit export` must have it, once")
only_by_hand("V36", "Audit lines reach Firehose", "with AuditForwardArn: pull, and look where the stream delivers")
