"""What a Function URL does to a function's answer."""

import ministack.services.lambda_svc as functions

from .patching import wrap

# Renamed to `x-amzn-remapped-<name>`.
RENAMED = {
    "authorization", "connection", "content-length", "content-md5", "date", "max-forwards", "server", "user-agent",
    "www-authenticate",
}
# Not sent at all.
DROPPED = {"expect", "host", "proxy-authenticate", "te", "trailer", "transfer-encoding", "upgrade"}
REMAPPED = "x-amzn-remapped-"


def _plain(status, text):
    return {"statusCode": status, "headers": {"content-type": "text/plain"}, "body": text}


@wrap(functions, "lambda_execute_result_to_api_proxy_response")
def _failure(original, result):
    """A function that failed tells the caller nothing about it."""
    body = result.get("body")
    if result.get("error") and not (isinstance(body, dict) and "statusCode" in body):
        return _plain(502, "Internal Server Error"), None
    return original(result)


@wrap(functions, "_function_url_proxy_response")
def _answer(original, proxy_response, cors_headers):
    if proxy_response is None:
        return original(proxy_response, cors_headers)
    headers = {}
    for name, value in (proxy_response.get("headers") or {}).items():
        name = name.lower()
        if name.startswith(REMAPPED):
            return original(_plain(500, "Internal Server Error"), cors_headers)
        if name in RENAMED:
            headers[REMAPPED + name] = value
        elif name not in DROPPED:
            headers[name] = value
    # The length is that of the body which the function returned: 0 for a HEAD.
    return original({**proxy_response, "headers": headers}, cors_headers)
