"""What the checks share: how they are registered, and the world that they look at."""

import secrets
import urllib.parse

from .registry import NotChecked, digest_of, host_of

MIB = 1024 * 1024

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
