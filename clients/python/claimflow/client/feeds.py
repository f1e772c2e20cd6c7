"""What a watch tells, item by item."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from claimflow.client._failure import ClaimflowError
from claimflow.v1 import query_service_pb2 as pb
from claimflow.v1.claim_pb2 import Claim
from claimflow.v1.common_pb2 import Freshness


@dataclass(frozen=True, kw_only=True)
class Matched:
    """A claim that matches the filter, as it is now; its version never goes down."""

    claim: Claim
    # It matched when the watch began; else it has changed since.
    in_snapshot: bool
    # A watch resumed with it tells everything after this item; others of the item's message, too.
    resume_token: str


@dataclass(frozen=True, kw_only=True)
class Removed:
    """A claim that has changed and does not match now; it may not have been told before."""

    claim_id: str
    version: int
    resume_token: str


@dataclass(frozen=True, kw_only=True)
class CaughtUp:
    """The snapshot, or on a resumed watch what had changed meanwhile, is told in full."""

    freshness: Freshness
    resume_token: str


@dataclass(frozen=True, kw_only=True)
class Heartbeat:
    """Nothing has changed up to the freshness, which is empty while the view is being set back."""

    freshness: Freshness
    resume_token: str


@dataclass(frozen=True, kw_only=True)
class Restarted:
    """The changes since the last token are not kept: forget all claims, a snapshot follows."""

    # TOKEN_COMPACTED or TOKEN_EPOCH_MISMATCH.
    cause: ClaimflowError
    resume_token: str = ""


WatchItem = Matched | Removed | CaughtUp | Heartbeat | Restarted


def items_of(reply: pb.WatchClaimsResponse, token_before: str) -> Iterator[WatchItem]:
    """Yield the items of a message; only the last one has the message's own token."""
    if reply.event == pb.WATCH_EVENT_CAUGHT_UP:
        yield CaughtUp(freshness=reply.freshness, resume_token=reply.resume_token)
        return
    if reply.event == pb.WATCH_EVENT_HEARTBEAT:
        yield Heartbeat(freshness=reply.freshness, resume_token=reply.resume_token)
        return
    left = len(reply.claims) + len(reply.removed)
    for claim in reply.claims:
        left -= 1
        yield Matched(
            claim=claim,
            in_snapshot=reply.event == pb.WATCH_EVENT_SNAPSHOT,
            resume_token=token_before if left else reply.resume_token,
        )
    for gone in reply.removed:
        left -= 1
        yield Removed(
            claim_id=gone.claim_id,
            version=gone.version,
            resume_token=token_before if left else reply.resume_token,
        )
