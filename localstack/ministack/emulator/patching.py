"""How this package changes MiniStack: by name, and never silently.

MiniStack is pinned. Whoever raises the version must look at every patch again; a name that is gone stops the start.
"""

import functools


class PatchError(Exception):
    """The installed MiniStack is not the one that this package was written for."""


def wrap(owner, name):
    """Decorator: replaces `owner.name` by the function, which gets the original as its first argument."""

    def install(replacement):
        original = getattr(owner, name, None)
        if not callable(original):
            raise PatchError(f"MiniStack has no function {owner.__name__}.{name}: check the pinned version")

        @functools.wraps(original)
        def wrapped(*args, **kwargs):
            return replacement(original, *args, **kwargs)

        setattr(owner, name, wrapped)
        return replacement

    return install


def after_provisioning(handlers, resource_type):
    """Decorator: calls the function with (physical id, properties) after CloudFormation created or updated a resource."""

    def install(hook):
        handler = handlers.get(resource_type, {})
        for operation, properties_at in (("create", 1), ("update", 2)):
            original = handler.get(operation)
            if not callable(original):
                raise PatchError(f"MiniStack does not {operation} {resource_type}: check the pinned version")
            handler[operation] = _then(original, hook, properties_at)
        return hook

    return install


def _then(original, hook, properties_at):
    def provision(*args, **kwargs):
        result = original(*args, **kwargs)
        hook(result[0], args[properties_at])
        return result

    return provision
