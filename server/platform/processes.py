"""One process per core: forked before grpc is imported, restarted when one dies (D13)."""

from __future__ import annotations

import os
import signal
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from types import FrameType

_SIGNALS = (signal.SIGTERM, signal.SIGINT)
# A child that dies young is restarted ever more slowly.
RESTART_SECONDS = (0.2, 5.0)
YOUNG_SECONDS = 10.0


def run(processes: int, serve: Callable[[], int]) -> int:
    """Run `serve` in this process, or in as many children; return the exit status.

    Children that die are replaced until a signal says to stop, which is passed on to them.
    `serve` imports grpc itself: a fork after that import would share its threads' locks.
    """
    if processes <= 1:
        return serve()
    if "grpc" in sys.modules:
        raise RuntimeError("grpc must not be imported before the fork")
    return _Parent(serve).run(processes)


class _Parent:
    """Keeps a number of children alive."""

    def __init__(self, serve: Callable[[], int]) -> None:
        self._serve = serve
        self._born: dict[int, float] = {}
        self._stopping = False
        self._delay = RESTART_SECONDS[0]

    def run(self, processes: int) -> int:
        """Return the worst exit status of the children that were told to stop."""
        for number in _SIGNALS:
            signal.signal(number, self._stop)
        for _ in range(processes):
            self._start()
        worst = 0
        while self._born:
            child, status = os.wait()
            age = time.monotonic() - self._born.pop(child, 0.0)
            if self._stopping:
                worst = max(worst, os.waitstatus_to_exitcode(status))
                continue
            self._pause(age)
            self._start()
        return worst

    def _pause(self, age_s: float) -> None:
        first, longest = RESTART_SECONDS
        self._delay = min(self._delay * 2, longest) if age_s < YOUNG_SECONDS else first
        until = time.monotonic() + self._delay
        while not self._stopping and (left := until - time.monotonic()) > 0:
            time.sleep(min(left, 0.1))

    def _start(self) -> None:
        # A signal between fork and book-keeping would reach a child that does not know itself yet,
        # or pass over one that the parent does not know yet.
        with _signals_held():
            if self._stopping:
                return
            parent = os.getpid()
            child = os.fork()
            if child:
                self._born[child] = time.monotonic()
                return
            for number in _SIGNALS:
                signal.signal(number, signal.SIG_DFL)
            _end_with(parent)
        _serve_and_exit(self._serve)

    def _stop(self, number: int, _: FrameType | None) -> None:
        self._stopping = True
        for child in self._born:
            os.kill(child, number)


def _serve_and_exit(serve: Callable[[], int]) -> None:
    """Run a child to its end; nothing of it may return into the parent's code."""
    status = 1
    try:
        status = serve()
    except SystemExit as ended:
        status = ended.code if isinstance(ended.code, int) else 1
    except BaseException as error:
        print(f"ended: {type(error).__name__}", file=sys.stderr)
    finally:
        sys.stdout.flush()
        sys.stderr.flush()
        os._exit(status)


@contextmanager
def _signals_held() -> Iterator[None]:
    signal.pthread_sigmask(signal.SIG_BLOCK, _SIGNALS)
    try:
        yield
    finally:
        signal.pthread_sigmask(signal.SIG_UNBLOCK, _SIGNALS)


def _end_with(parent: int) -> None:
    """Let the kernel end this process when its parent is killed."""
    if sys.platform.startswith("linux"):
        import ctypes

        ctypes.CDLL(None).prctl(1, signal.SIGTERM)
        if os.getppid() != parent:
            os._exit(1)
