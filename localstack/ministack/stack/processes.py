"""Child processes that never outlive this one."""

import ctypes
import os
import signal
import socket
import subprocess
import sys

STOP_TIMEOUT_S = 10
PR_SET_PDEATHSIG = 1


class Failure(Exception):
    """What the user must know, with the remedy, in one sentence."""


class Processes:
    """Starts processes in groups of their own and stops them in the opposite order."""

    def __init__(self):
        self._running = []

    def start(self, name, command, environment, stdout=None):
        """Output goes to standard error unless `stdout` says otherwise; nothing of our environment is inherited."""
        libc = ctypes.CDLL(None)
        process = subprocess.Popen(
            [str(word) for word in command], env=environment, stdin=subprocess.DEVNULL, stdout=stdout or sys.stderr,
            start_new_session=True, text=True,
            # The kernel ends the child when we die without a chance to.
            preexec_fn=lambda: libc.prctl(PR_SET_PDEATHSIG, signal.SIGTERM),
        )
        self._running.append((name, process))
        return process

    def ended(self):
        """The name of a process that ended by itself, or None."""
        return next((name for name, process in self._running if process.poll() is not None), None)

    def stop(self):
        while self._running:
            _, process = self._running.pop()
            _signal_group(process, signal.SIGTERM)
            try:
                process.wait(STOP_TIMEOUT_S)
            except subprocess.TimeoutExpired:
                pass
            # Whoever of the group has not followed.
            _signal_group(process, signal.SIGKILL)
            process.wait()
            if process.stdout:
                process.stdout.close()


def _signal_group(process, number):
    try:
        os.killpg(process.pid, number)
    except ProcessLookupError:
        pass


def free_port():
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return probe.getsockname()[1]
