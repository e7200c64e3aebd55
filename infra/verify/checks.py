"""The checks, in the order in which they run. Ids and titles are those of the table in docs/operations.md.

A check passes by returning; what it returns is said beside `ok`. `Failed` and `NotChecked` say why. A check that needs others
is not made when one of them did not pass.
"""

import concurrent.futures
import hashlib
import http.client
import json
import secrets
import select
import threading
import time
import urllib.parse

from .registry import Failed, NotChecked, digest_of, host_of, manifest

MIB = 1024 * 1024
LARGEST_PIECE_BYTES = 4_500_000  # max_body_bytes in infra/edge/viewer-request.js
LARGEST_MANIFEST_BYTES = 4 * MIB
LARGEST_PUT_MIB = 5 * 1024  # what S3 takes in one PUT
OURS = ["x-berth-status", "x-berth-www-authenticate", "x-berth-content-length", "x-berth-origin", "x-berth-url",
        "x-berth-viewer"]

CHECKS = []  # (id, title, ids that it needs, function)


def check(number, title, needs=()):
    def register(function):
        CHECKS.append((number, title, needs, function))
        return function
    return register


def only_by_hand(number, title, how):
    def refuse(world):
        raise NotChecked(how)
    CHECKS.append((number, title, (), refuse))


class World:
    """What the checks share: the registry, the options, and what earlier checks have pushed."""

    def __init__(self, registry, options):
        self.registry, self.options = registry, options
        self.layer = secrets.token_bytes(2 * MIB)
        self.is_local = not registry.url.startswith("https://")

    def must_have_password(self):
        if not self.registry.credentials:
            raise NotChecked("access to this registry is open")

    def link(self):
        """Where a GET of the layer sends its caller."""
        registry = self.registry
        answer = registry.ask("GET", registry.api("blobs", digest_of(self.layer))).must_be(307)
        return urllib.parse.urljoin(registry.url, answer["Location"])

    def is_edge(self, link):
        return host_of(link) == host_of(self.registry.url)


# --- Access ---

@check("V1", "CloudFront reaches the registry function")
def reaches(world):
    started = time.monotonic()
    answer = world.registry.ask("GET", "/v2/", authorization="Bearer none").must_be(200, 401).must_have("x-berth-version")
    return f"version {answer['x-berth-version']}, first answer after {(time.monotonic() - started) * 1000:.0f} ms"


@check("V2", "The edge challenges a request without credentials")
def edge_challenges(world):
    world.must_have_password()
    answer = world.registry.ask("GET", "/v2/", authorization=False).must_be(401)
    must_be_challenge(world, answer)
    if answer["x-berth-version"]:
        raise Failed("the function answered, not the edge: has `infra/keys STACK` been run?")


@check("V3", "A challenge of the function arrives under its own name", needs=["V1"])
def function_challenges(world):
    world.must_have_password()
    answer = world.registry.ask("GET", "/v2/", authorization="Bearer none").must_be(401).must_have("x-berth-version")
    must_be_challenge(world, answer)


def must_be_challenge(world, answer):
    challenge = answer.must_have("www-authenticate")["www-authenticate"]
    if not challenge.startswith(f'Bearer realm="{world.registry.url}/token",service="{host_of(world.registry.url)}"'):
        raise Failed(f"the challenge does not name this registry: {challenge}")


@check("V4", "A password gives a token, and Authorization reaches the function", needs=["V1"])
def signs_in(world):
    registry = world.registry
    if registry.credentials:
        registry.ask("GET", "/token", authorization="Basic bm9ib2R5Om5vdGhpbmc=").must_be(401)
    registry.ask("GET", "/v2/").must_be(200)


@check("V5", "Plain HTTP is refused")
def tls_only(world):
    if world.is_local:
        raise NotChecked("this registry is on plain HTTP itself")
    plain = "http://" + host_of(world.registry.url).split(":")[0] + "/v2/"
    world.registry.ask("GET", plain, authorization=False).must_be(403)


@check("V6", "The function's own address answers the distribution alone")
def direct_call(world):
    url = world.options.function_url
    if not url:
        raise NotChecked("give --function-url, the stack's output RegistryFunctionUrl")
    answer = world.registry.ask("GET", urllib.parse.urljoin(url, "/v2/")).must_be(403)
    if b"distribution alone" not in answer.body:
        raise Failed(f"somebody else refused it: {answer}")


# --- Uploads ---

@check("V7", "A PUT goes to S3 through OAC, without a hash from the client", needs=["V4"])
def one_put(world):
    answer = world.registry.put_blob(world.layer).must_be(201)
    answer.must_have("Docker-Content-Digest", digest_of(world.layer)).must_have("Location")
    if answer["x-berth-version"]:
        raise Failed("the function took it, not S3: has `infra/keys STACK` been run?")


@check("V8", "S3 checks the digest that the edge function added", needs=["V7"])
def lying_digest(world):
    registry, lie = world.registry, digest_of(secrets.token_bytes(8))
    registry.put_blob(b"something else", digest=lie).must_be(400)
    registry.ask("HEAD", registry.api("blobs", lie)).must_be(404)


@check("V9", "A HEAD tells the length", needs=["V7"])
def head_length(world):
    registry = world.registry
    answer = registry.ask("HEAD", registry.api("blobs", digest_of(world.layer))).must_be(200).must_have("x-berth-version")
    answer.must_have("Content-Length", str(len(world.layer)))


@check("V10", "Expect: 100-continue does no harm", needs=["V7"])
def expect_continue(world):
    registry, content = world.registry, secrets.token_bytes(MIB)
    url = urllib.parse.urljoin(registry.url, f"{registry.session()}?digest={digest_of(content)}")
    connection = registry.connect(url)
    try:
        connection.putrequest("PUT", url.split(host_of(url), 1)[1])
        for name, value in [("Content-Length", len(content)), ("Expect", "100-continue"), ("Authorization", registry.bearer())]:
            if value:
                connection.putheader(name, value)
        connection.endheaders()
        # As curl does: wait for a word, but not for long.
        invited = bool(select.select([connection.sock], [], [], 2)[0])
        connection.send(content)
        registry.keep(registry.read(connection, "PUT", url), "blobs", digest_of(content)).must_be(201)
    finally:
        connection.close()
    return "the edge said 100" if invited else "the edge said nothing; the body was sent after 2 s"


@check("V11", "A PUT without a length is taken by the function or refused with 411", needs=["V7"])
def chunked_put(world):
    registry, content = world.registry, secrets.token_bytes(1000)
    answer = registry.ask("PUT", f"{registry.session()}?digest={digest_of(content)}", iter([content[:500], content[500:]]),
                          {"Transfer-Encoding": "chunked"}, encode_chunked=True)
    registry.keep(answer, "blobs", digest_of(content)).must_be(201, 411)
    return f"answered {answer.status}"


@check("V12", "S3 answers a PUT of 5 GiB within CloudFront's 120 s", needs=["V7"])
def large_put(world):
    size_mib = world.options.large
    if not size_mib:
        raise NotChecked("give --large to send 5 GiB, which stay in the bucket until you remove them")
    block = secrets.token_bytes(MIB)

    def content():
        return (number.to_bytes(8, "big") + block[8:] for number in range(size_mib))

    digest = hashlib.sha256()
    for piece in content():
        digest.update(piece)
    digest = "sha256:" + digest.hexdigest()
    registry = world.registry
    location, started = registry.session(), time.monotonic()
    answer = registry.ask("PUT", f"{location}?digest={digest}", content(), {"Content-Length": str(size_mib * MIB)})
    registry.keep(answer, "blobs", digest).must_be(201)
    sent = time.monotonic()
    registry.ask("HEAD", registry.api("blobs", digest)).must_be(200).must_have("Content-Length", str(size_mib * MIB))
    if size_mib < LARGEST_PUT_MIB:
        raise NotChecked(f"{size_mib} MiB went well, which proves nothing about 5 GiB")
    return (f"{size_mib} MiB sent in {sent - started:.0f} s, there after {time.monotonic() - sent:.1f} s more; remove it in the end: "
            f"aws s3 rm s3://BUCKET/blobs/{digest.replace(':', '/')}")


@check("V13", "Pieces of 4.5 MB reach the function byte for byte", needs=["V7"])
def pieces(world):
    registry, content = world.registry, secrets.token_bytes(LARGEST_PIECE_BYTES + MIB)
    location, at = registry.session(), 0
    for piece in [content[:LARGEST_PIECE_BYTES], content[LARGEST_PIECE_BYTES:]]:
        answer = registry.ask("PATCH", location, piece, {"Content-Range": f"{at}-{at + len(piece) - 1}"}).must_be(202)
        location, at = answer["Location"], at + len(piece)
        answer.must_have("Range", f"0-{at - 1}")
    registry.ask("GET", location).must_be(204).must_have("Range", f"0-{at - 1}")
    registry.keep(registry.ask("PUT", f"{location}?digest={digest_of(content)}", b""), "blobs", digest_of(content)).must_be(201)


@check("V14", "A larger piece is refused at the edge, and the refusal arrives", needs=["V7"])
def large_piece(world):
    registry = world.registry
    location = registry.session()
    answer = arrives(lambda: registry.ask("PATCH", location, secrets.token_bytes(8 * MIB))).must_be(413, 202)
    return outcome(world, answer)


@check("V15", "A layer sent as a stream is refused at the edge, and the refusal arrives", needs=["V7"])
def stream(world):
    registry = world.registry
    location = registry.session()
    headers = {"Transfer-Encoding": "chunked", "User-Agent": "docker/29.0"}
    pieces = (secrets.token_bytes(MIB) for _ in range(8))
    answer = arrives(lambda: registry.ask("PATCH", location, pieces, headers, encode_chunked=True)).must_be(413, 202)
    return outcome(world, answer)


def arrives(request):
    try:
        return request()
    except (OSError, http.client.HTTPException) as error:
        raise Failed(f"the connection broke before the refusal came ({error!r}): clients will not see the reason") from error


def outcome(world, answer):
    if answer.status == 202:
        world.registry.ask("DELETE", answer["Location"]).must_be(204)
        return "taken: this registry has a gateway"
    if json.loads(answer.body)["errors"][0]["code"] != "UNSUPPORTED":
        raise Failed(f"not our refusal: {answer}")
    return "refused with 413: no gateway"


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
