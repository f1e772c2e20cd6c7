"""New ids: UUIDv7, in the order in which a process makes them."""

from __future__ import annotations

import os
import time
from collections.abc import Callable
from typing import Final
from uuid import UUID

_COUNTER_MAX: Final = 0xFFF


class Ids:
    """Makes UUIDv7 (RFC 9562): milliseconds, a counter within them, 62 random bits.

    An id is greater than every earlier one of the same object, also when the clock steps back.
    """

    def __init__(self, clock_ms: Callable[[], int] = lambda: time.time_ns() // 1_000_000) -> None:
        self._clock_ms = clock_ms
        self._last_ms = 0
        self._counter = 0

    def new(self) -> UUID:
        """Return a new id."""
        now = self._clock_ms()
        if now > self._last_ms:
            self._last_ms, self._counter = now, 0
        elif self._counter < _COUNTER_MAX:
            self._counter += 1
        else:
            self._last_ms, self._counter = self._last_ms + 1, 0
        random = int.from_bytes(os.urandom(8), "big") & 0x3FFF_FFFF_FFFF_FFFF
        return UUID(
            int=(self._last_ms & 0xFFFF_FFFF_FFFF) << 80
            | 0x7 << 76
            | self._counter << 64
            | 0b10 << 62
            | random
        )
