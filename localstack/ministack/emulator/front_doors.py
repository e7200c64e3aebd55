"""Which requests reach a function, and how they look to it.

MiniStack answers many paths itself before it looks at the host: an emulated container registry on `/v2/`, mail on
`/v2/email/`, health pages. A request to the host of a Function URL belongs to the function, whatever its path.
"""

import contextvars

import ministack.app as app
import ministack.services.lambda_svc as functions

from .patching import wrap

# What the client sent, byte for byte: (path, query). MiniStack decodes both; Lambda does not.
_sent = contextvars.ContextVar("sent", default=None)


@wrap(app, "_is_ecr_registry_path")
def _no_emulated_registry(original, path):
    return False


def _is_function_url(host):
    return app._parse_lambda_url(host, "/") is not None


@wrap(app, "_handle_pre_body_request")
async def _pre_body(original, method, path, headers, query_params, request_id):
    if _is_function_url(headers.get("host", "")):
        return None
    return await original(method, path, headers, query_params, request_id)


@wrap(app, "_handle_post_body_shortcuts")
async def _post_body(original, method, path, headers, body, query_params, request_id):
    if _is_function_url(headers.get("host", "")):
        return None
    return await original(method, path, headers, body, query_params, request_id)


@wrap(app, "_handle_special_data_plane_request")
async def _data_plane(original, method, path, headers, body, query_params, request_id, **more):
    host = headers.get("host", "")
    if not _is_function_url(host):
        return await original(method, path, headers, body, query_params, request_id, **more)
    token = _sent.set((more["raw_path"], more["raw_query_string"]))
    try:
        return await app._handle_lambda_url_request(host, path, method, headers, body, query_params)
    finally:
        _sent.reset(token)


@wrap(functions, "_build_function_url_event")
def _event(original, *args, **kwargs):
    """A Function URL hands path and query over as they were sent; captures of real events show `%2F` kept."""
    event = original(*args, **kwargs)
    if _sent.get() is not None:
        path, query = _sent.get()
        event["rawPath"] = event["requestContext"]["http"]["path"] = path.split("?")[0]
        event["rawQueryString"] = query
    return event
