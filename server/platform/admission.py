"""How much a process takes on: places for work under way, shared fairly between tenants (R2)."""

from __future__ import annotations

import random
from collections import Counter
from collections.abc import Hashable, Iterator
from contextlib import contextmanager

from claimflow.v1 import errors_pb2
from server.platform.errors import Failure

# Up to here anybody may take a place; beyond, only who holds less than a fair share.
FREE_PART = 0.75
RETRY_SECONDS = (0.1, 0.5)


class Admission:
    """Places for calls under way; who finds none is told to come back, and costs next to nothing.

    A tenant alone may hold three quarters of the places. What is left goes to tenants that hold
    less than an even share, so that one with ten times its share does not shut the others out.
    """

    def __init__(self, places: int) -> None:
        self._places = places
        self._taken = 0
        self._held: Counter[Hashable] = Counter()

    @property
    def taken(self) -> int:
        """How many places are taken."""
        return self._taken

    @contextmanager
    def place(self, tenant: Hashable) -> Iterator[None]:
        """Hold a place; SERVER_OVERLOADED when there is none, RATE_LIMITED when the share is used.

        Both say after how many seconds to come back, spread so that not all come back at once.
        """
        if self._taken >= self._places:
            raise _come_back(errors_pb2.ERROR_REASON_SERVER_OVERLOADED)
        if self._taken >= self._places * FREE_PART and self._held[tenant] >= self._share(tenant):
            raise _come_back(errors_pb2.ERROR_REASON_RATE_LIMITED)
        self._taken += 1
        self._held[tenant] += 1
        try:
            yield
        finally:
            self._taken -= 1
            self._held[tenant] -= 1
            if not self._held[tenant]:
                del self._held[tenant]

    def _share(self, tenant: Hashable) -> int:
        # One more than there are: room is kept for a tenant that has not come yet.
        tenants = len(self._held.keys() | {tenant}) + 1
        return max(1, self._places // tenants)


def _come_back(reason: errors_pb2.ErrorReason) -> Failure:
    return Failure(reason, retry_after_s=random.uniform(*RETRY_SECONDS))
