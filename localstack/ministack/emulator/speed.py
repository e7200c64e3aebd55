"""Two waits that cost a hot invocation 90 ms and serve nothing here."""

import socketserver

import ministack.core.lambda_runtime as runtime

from .patching import PatchError, wrap

# The Runtime API answers in two writes; Nagle's algorithm holds the second one back for 40 ms.
if not hasattr(socketserver.StreamRequestHandler, "disable_nagle_algorithm"):
    raise PatchError("Python's StreamRequestHandler has no disable_nagle_algorithm")
socketserver.StreamRequestHandler.disable_nagle_algorithm = True

FIRST_LINE_WAIT_S = 0.002


@wrap(runtime.Worker, "_drain_stderr_bounded")
def _drain(original, worker, **waits):
    """A function that logs nothing is not waited for."""
    return original(worker, **{"first_line_wait": FIRST_LINE_WAIT_S, "idle_confirm": 0.002, **waits})
