"""One process per core: forked before grpc is imported, restarted when one dies (D13)."""

from __future__ import annotations

import os
import signal
import sys
import time
from collections.abc import Callable
from types import FrameType


def run(processes: int, serve: Callable[[], int]) -> int:
    """Run `serve` in this process, or in as many children; return the exit status.

    `serve` imports grpc itself: a fork after that import would share its threads' locks.
    """
    if processes <= 1:
        return serve()
    assert "grpc" not in sys.modules, "grpc must not be imported before the fork"
    children: set[int] = set()
    stopping = False

    def stop(number: int, _: FrameType | None) -> None:
        nonlocal stopping
        stopping = True
        for child in children:
            os.kill(child, number)

    for number in (signal.SIGTERM, signal.SIGINT):
        signal.signal(number, stop)
    for _ in range(processes):
        children.add(_fork(serve))
    worst = 0
    while children:
        child, status = os.wait()
        children.discard(child)
        if stopping:
            worst = max(worst, os.waitstatus_to_exitcode(status))
            continue
        time.sleep(0.2)  # one that cannot start must not spin
        children.add(_fork(serve))
    return worst


def _fork(serve: Callable[[], int]) -> int:
    child = os.fork()
    if child:
        return child
    for number in (signal.SIGTERM, signal.SIGINT):
        signal.signal(number, signal.SIG_DFL)
    _end_with_parent()
    os._exit(serve())


def _end_with_parent() -> None:
    """Let the kernel end this process when its parent is killed."""
    if sys.platform.startswith("linux"):
        import ctypes

        ctypes.CDLL(None).prctl(1, signal.SIGTERM)
