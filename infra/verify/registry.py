"""A registry as seen from outside: one connection for each request, tokens, and a record of every answer."""

import base64
import dataclasses
import hashlib
import http.client
import json
import secrets
import time
import urllib.parse

TIMEOUT_SECS = 130  # more than the 120 s that CloudFront waits for an origin
MANIFEST_TYPE = "application/vnd.oci.image.manifest.v1+json"


class Failed(Exception):
    """A check found something else than it must."""


class NotChecked(Exception):
    """A check cannot be made here; the text says why, and what to do instead."""


@dataclasses.dataclass
class Answer:
    method: str
    url: str
    status: int
    headers: http.client.HTTPMessage
    body: bytes

    def __getitem__(self, name):
        return self.headers.get(name)

    def __str__(self):
        text = " ".join(self.body[:300].decode(errors="replace").split())
        shown = f": {text}" if text.isprintable() and text else ""
        return f"{self.method} {urllib.parse.urlsplit(self.url).path} answered {self.status}{shown}"

    def must_be(self, *statuses):
        if self.status not in statuses:
            raise Failed(f"{self}; expected {' or '.join(map(str, statuses))}")
        return self

    def must_have(self, name, value=None):
        if self[name] is None or (value is not None and self[name] != value):
            raise Failed(f"{self.method} {self.url}: {name} is {self[name]!r}" + (f", expected {value!r}" if value else ""))
        return self


def digest_of(content):
    return "sha256:" + hashlib.sha256(content).hexdigest()


def host_of(url):
    return urllib.parse.urlsplit(url).netloc


class Registry:
    def __init__(self, url, user=None, password=None):
        self.url = url.rstrip("/")
        self.credentials = password and "Basic " + base64.b64encode(f"{user}:{password}".encode()).decode()
        self.repository = f"berth-verify/{secrets.token_hex(6)}"
        self.token, self.token_until = None, 0.0
        self.answers = []  # all but the bodies
        self.pushed = []  # (repository, "manifests" or "blobs", digest)

    # --- requests ---

    def ask(self, method, path, body=None, headers=None, authorization=True, **options):
        """`authorization` is True for our token, False for none, or the header's value."""
        url = urllib.parse.urljoin(self.url, path)
        headers = dict(headers or {})
        if authorization is True:
            authorization = self.bearer()
        if authorization:
            headers["Authorization"] = authorization
        connection = self.connect(url)
        try:
            try:
                connection.request(method, target_of(url), body, headers, **options)
            except (BrokenPipeError, ConnectionResetError):
                pass  # whoever refuses a body early may close while we still send; the answer is then waiting
            return self.read(connection, method, url)
        finally:
            connection.close()

    def connect(self, url):
        parts = urllib.parse.urlsplit(url)
        kind = http.client.HTTPSConnection if parts.scheme == "https" else http.client.HTTPConnection
        return kind(parts.netloc, timeout=TIMEOUT_SECS)

    def read(self, connection, method, url):
        response = connection.getresponse()
        answer = Answer(method, url, response.status, response.headers, response.read())
        self.answers.append(dataclasses.replace(answer, body=b""))
        return answer

    def bearer(self):
        """A token that lives long enough, or None where access is open."""
        if not self.credentials:
            return None
        if time.monotonic() > self.token_until:
            answer = self.ask("GET", f"/token?service={host_of(self.url)}", authorization=self.credentials).must_be(200)
            token = json.loads(answer.body)
            self.token = "Bearer " + token["token"]
            self.token_until = time.monotonic() + token["expires_in"] / 2
        return self.token

    # --- pushes ---

    def api(self, *parts, repository=None):
        return "/".join(["/v2", repository or self.repository, *parts])

    def session(self):
        return self.ask("POST", self.api("blobs/uploads/"), b"").must_be(202).must_have("Location")["Location"]

    def put_blob(self, content, digest=None, location=None, **options):
        """One POST, one PUT with all of it. `digest` may be a lie."""
        digest = digest or digest_of(content)
        answer = self.ask("PUT", f"{location or self.session()}?digest={digest}", content, **options)
        return self.keep(answer, "blobs", digest)

    def put_manifest(self, reference, content):
        answer = self.ask("PUT", self.api("manifests", reference), content, {"Content-Type": MANIFEST_TYPE})
        return self.keep(answer, "manifests", digest_of(content))

    def keep(self, answer, kind, digest, repository=None):
        """Notes what must be deleted in the end."""
        if answer.status == 201 and (repository or self.repository, kind, digest) not in self.pushed:
            self.pushed.append((repository or self.repository, kind, digest))
        return answer

    def delete_pushed(self):
        """Manifests first: they hold their blobs. Yields each answer; what was deleted is forgotten."""
        for item in sorted(self.pushed, key=lambda item: item[1] == "blobs"):
            repository, kind, digest = item
            answer = self.ask("DELETE", self.api(kind, digest, repository=repository))
            if answer.status in (202, 404):
                self.pushed.remove(item)
            yield item, answer


def target_of(url):
    parts = urllib.parse.urlsplit(url)
    return urllib.parse.urlunsplit(("", "", parts.path or "/", parts.query, ""))


def manifest(layer, padding=b"", size_bytes=0):
    """A manifest of one layer, filled up to `size_bytes`. Its config is the empty one of the OCI, `{}`."""
    empty = {"mediaType": "application/vnd.oci.empty.v1+json", "digest": digest_of(b"{}"), "size": 2}
    layers = [{"mediaType": "application/octet-stream", "digest": digest_of(layer), "size": len(layer)}]
    content = {"schemaVersion": 2, "mediaType": MANIFEST_TYPE, "artifactType": "application/vnd.berth.verify",
               "config": empty, "layers": layers, "annotations": {"padding": padding.decode()}}
    missing = size_bytes - len(json.dumps(content))
    content["annotations"]["padding"] += "x" * max(missing, 0)
    return json.dumps(content).encode()
