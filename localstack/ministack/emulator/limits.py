"""Lambda's limit of a synchronous invocation, and a record of each one.

One line for each invocation goes to the file named by BERTH_EVENTS: {"function", "event_bytes", "result_bytes", "status"}, where
the status is "ok", "error", "event too large" or "result too large". A refused event is recorded, though no function ran.
"""

import json
import os
import threading

import ministack.core.lambda_runtime as runtime

from .patching import wrap

# "Lambda quotas", invocation payload: 6 MB each for request and response.
LIMIT = 6 * 1024 * 1024

_lock = threading.Lock()


def _size(value):
    return len(json.dumps(value, separators=(",", ":"), ensure_ascii=False).encode())


def _record(function, event_bytes, result_bytes, status):
    path = os.environ.get("BERTH_EVENTS")
    if path:
        line = {"function": function, "event_bytes": event_bytes, "result_bytes": result_bytes, "status": status}
        with _lock, open(path, "a", encoding="utf-8") as file:
            file.write(json.dumps(line) + "\n")


def _refusal(error_type, message, answer=None):
    payload = {"errorType": error_type, "errorMessage": message, **(answer or {})}
    return {"status": "error", "error": message, "error_payload": payload, "cold_start": False, "log": ""}


@wrap(runtime.ProvidedWorker, "invoke")
def _invoke(original, worker, event, request_id, **more):
    event_bytes = _size(event)
    if event_bytes > LIMIT:
        _record(worker.func_name, event_bytes, 0, "event too large")
        message = f"Request must be smaller than {LIMIT} bytes for the InvokeFunction operation"
        answer = {"statusCode": 413, "body": json.dumps({"Message": message})}
        return _refusal("RequestEntityTooLargeException", message, answer)
    outcome = original(worker, event, request_id, **more)
    if outcome.get("status") != "ok":
        _record(worker.func_name, event_bytes, _size(outcome.get("error_payload")), "error")
        return outcome
    result_bytes = _size(outcome.get("result"))
    if result_bytes > LIMIT:
        _record(worker.func_name, event_bytes, result_bytes, "result too large")
        message = f"Response payload size exceeded maximum allowed payload size ({LIMIT} bytes)."
        return _refusal("Function.ResponseSizeTooLarge", message)
    _record(worker.func_name, event_bytes, result_bytes, "ok")
    return outcome
