"""Commands as the engine takes them, and how each of them ends."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from typing import Final
from uuid import UUID

from server.claims.commands import (
    Asked,
    Command,
    IssueRemittance,
    ReportPaymentFailure,
    SubmitClaim,
    TakeNextClaim,
)
from server.claims.facts import Facts
from server.claims.model import Claim
from server.claims.payees import Remittance

Key = tuple[UUID, UUID]

NOBODY: Final = UUID(int=0)  # the claim id of a TakeNextClaim before the ledger has chosen


class Trouble(StrEnum):
    """Why a command was not carried out, though no rule refused it; reasons of `errors.proto`."""

    REQUEST_ID_REUSED = "REQUEST_ID_REUSED"
    OUTCOME_NOT_FOUND = "OUTCOME_NOT_FOUND"
    WRITE_CONFLICT = "WRITE_CONFLICT"
    SERVER_OVERLOADED = "SERVER_OVERLOADED"
    STORAGE_FULL = "STORAGE_FULL"
    DATABASE_UNAVAILABLE = "DATABASE_UNAVAILABLE"
    DURABILITY_UNCONFIRMED = "DURABILITY_UNCONFIRMED"
    SHUTTING_DOWN = "SHUTTING_DOWN"
    DEADLINE_PASSED = "DEADLINE_PASSED"
    HISTORY_BROKEN = "HISTORY_BROKEN"
    UNEXPECTED = "UNEXPECTED"


class NotDone(Exception):
    """A command was not carried out; of DURABILITY_UNCONFIRMED alone this is not known."""

    def __init__(self, trouble: Trouble, retry_after_seconds: float | None = None) -> None:
        super().__init__(trouble.value)
        self.trouble = trouble
        self.retry_after_seconds = retry_after_seconds


@dataclass(frozen=True, slots=True, kw_only=True)
class Inquiry(Asked):
    """Asks how the command of its request id ended; it writes no more than the receipt's touch."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Look(Asked):
    """Looks at a claim, or without one at the policy in force, as a command would see it."""

    line_of_business: str = ""
    jurisdiction: str = ""


@dataclass(frozen=True, slots=True)
class EventRow:
    """A row of `claim_event` to be written; the fields are `records.COLUMNS`."""

    tenant_id: UUID
    claim_id: UUID
    version: int
    event_id: UUID
    event_type: str
    schema_number: int
    from_state: str | None
    to_state: str
    payload: bytes
    sealed: bytes | None
    key_id: UUID
    actor: str
    role: str
    request_id: UUID
    reason_code: str | None
    policy_version: int
    recorded_at: datetime
    prev_hash: bytes
    hash: bytes


@dataclass(frozen=True, slots=True, kw_only=True)
class Settled:
    """What a reply is built from; of a preview there are no events and no head hash."""

    request_id: UUID
    claim: Claim | None  # None: of a command on many claims
    head_hash: bytes
    recorded_at: datetime
    policy_version: int
    events: Sequence[EventRow]
    others: Sequence[Claim] = ()  # what else the command has changed
    remittance: Remittance | None = None  # issued, or failed
    failed_at: datetime | None = None  # when its payment was said to have failed


@dataclass(frozen=True, slots=True, kw_only=True)
class Request:
    """A command as the engine takes it."""

    tenant_id: UUID
    request_id: UUID
    method: str  # full name of the RPC
    payload_hash: bytes  # SHA-256 of method, actor and content
    command: Command | Inquiry | Look
    answer: Callable[[Settled], bytes]  # builds the reply without its consistency token
    view: Callable[[Claim | None, Facts], bytes] | None = None  # builds the reply to a Look
    deadline: float  # of time.monotonic()
    size_bytes: int = 0
    validate_only: bool = False
    purpose: str = ""
    classes: tuple[str, ...] = ()  # PHI classes that a reply may release to this caller
    correlation_id: str = ""

    @property
    def actor(self) -> str:
        """The subject of the credential."""
        return self.command.actor

    @property
    def receipt_key(self) -> Key:
        """What the request is known by for ever."""
        return self.tenant_id, self.request_id


@dataclass(frozen=True, slots=True, kw_only=True)
class Receipt:
    """The first reply to a request."""

    tenant_id: UUID
    request_id: UUID
    method: str
    actor: str
    payload_hash: bytes
    claim_id: UUID
    version: int
    reply: bytes
    batch_id: UUID
    created_at: datetime
    lsn: int | None  # where its batch ended; None when it was not recorded
    stored: bool = True  # False while its batch is being made


@dataclass(frozen=True, slots=True)
class Done:
    """A command was carried out, or its first reply found; a preview has no batch."""

    reply: bytes
    batch_id: UUID | None
    lsn: int | None = None
    epoch: UUID | None = None  # of the store that `lsn` is a position of
    replayed: bool = False
    receipt: Receipt | None = None  # of an Inquiry
    events: Sequence[tuple[int, str, UUID]] = ()  # of an Inquiry: version, type, id


def touches(request: Request) -> Iterable[UUID]:
    """Return the claims that a request names by their ids."""
    command = request.command
    if isinstance(command, IssueRemittance):
        return command.claim_ids
    if isinstance(command, SubmitClaim | TakeNextClaim | Inquiry | ReportPaymentFailure):
        return ()
    return () if command.claim_id == NOBODY else (command.claim_id,)
