"""What a handler sees of a call: who, in which role, until when."""

from __future__ import annotations

import asyncio
import time
import uuid
from collections.abc import Mapping
from dataclasses import dataclass, field

from server.platform.auth import Principal

BREAK_GLASS = "claimflow-break-glass"
PURPOSE = "claimflow-purpose"
CONSISTENCY_TOKEN = "claimflow-consistency-token"


@dataclass(slots=True)
class Call:
    """One call, as a handler sees it."""

    method: str  # full name, such as "/claimflow.v1.CommandService/PendClaim"
    principal: Principal
    role: int  # the role it acts in
    deadline: float  # on time.monotonic(); always set
    metadata: Mapping[str, str]  # lower-case names, text values
    peer: str
    correlation_id: str = field(default_factory=lambda: str(uuid.uuid4()))
    reply_metadata: dict[str, str] = field(default_factory=dict)  # sent with the answer
    # Set when the server is about to stop: a stream that has no end of its own ends.
    draining: asyncio.Event = field(default_factory=asyncio.Event)
    # Seconds that the reader of a stream may leave one message lying; None: until the deadline.
    patience_s: float | None = None
    # Of the last message of a stream that its reader was sent; told to a reader who is too slow.
    resume_token: str = ""

    @property
    def seconds_left(self) -> float:
        """Return the seconds until the deadline; negative after it."""
        return self.deadline - time.monotonic()

    @property
    def break_glass(self) -> bool:
        """Say whether the caller states a reason for seeing identifiers."""
        return bool(self.metadata.get(BREAK_GLASS))
