"""V1 to V15: access, and blobs on their way in."""

import hashlib
import http.client
import json
import secrets
import select
import time
import urllib.parse

from .registry import Failed, NotChecked, digest_of, host_of
from .world import MIB, check

LARGEST_PIECE_BYTES = 4_500_000  # max_body_bytes in infra/edge/viewer-request.js
LARGEST_PUT_MIB = 5 * 1024  # what S3 takes in one PUT


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
