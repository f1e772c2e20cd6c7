"""What a batch has loaded and will write: claims under lock, receipts, and the rows to come."""

from __future__ import annotations

import os
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime
from enum import StrEnum
from typing import Final
from uuid import UUID

from server.claims import chain, codec, records
from server.claims.commands import Asked, Command, SubmitClaim, TakeNextClaim
from server.claims.events import SCHEMA_NUMBER, Event
from server.claims.model import Claim, Facts
from server.claims.workflow import evolve
from server.command.ids import Ids
from server.command.reference import Reference

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
    claim: Claim
    head_hash: bytes
    recorded_at: datetime
    policy_version: int
    events: Sequence[EventRow]


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
    replayed: bool = False
    receipt: Receipt | None = None  # of an Inquiry
    events: Sequence[tuple[int, str, UUID]] = ()  # of an Inquiry: version, type, id


@dataclass(frozen=True, slots=True)
class Disclosure:
    """A reply that no event records, to be noted in `read_audit`."""

    request: Request
    claim_id: UUID


@dataclass(slots=True)
class Held:
    """A claim under lock, as the commands of the batch so far have left it."""

    claim: Claim
    head_hash: bytes
    updated_at: datetime
    policy_version: int
    changed: bool = False


@dataclass(slots=True, kw_only=True)
class Books:
    """One batch's books."""

    batch_id: UUID
    now: datetime
    ids: Ids
    reference: Reference
    held: dict[Key, Held]
    receipts: dict[Key, Receipt]
    picks: dict[tuple[UUID, str], list[UUID]] = field(default_factory=dict)
    histories: dict[Key, list[tuple[int, str, UUID]]] = field(default_factory=dict)
    events: list[EventRow] = field(default_factory=list)
    entered: list[Receipt] = field(default_factory=list)
    replayed: dict[Key, Receipt] = field(default_factory=dict)
    disclosures: list[Disclosure] = field(default_factory=list)

    @property
    def empty(self) -> bool:
        """Say whether there is nothing to write."""
        return not (self.events or self.replayed or self.disclosures)

    def replay(self, request: Request, receipt: Receipt) -> Done:
        """Give the first reply again, and note that it must be touched before it leaves (R6)."""
        if receipt.stored:
            self.replayed[request.receipt_key] = receipt
        self.disclosures.append(Disclosure(request, receipt.claim_id))
        return Done(receipt.reply, receipt.batch_id, receipt.lsn, replayed=True)

    def outcome(self, request: Request) -> Done | None:
        """Return how the command of a request id ended, for the one who gave it."""
        receipt = self.receipts.get(request.receipt_key)
        if receipt is None or receipt.actor != request.actor:
            return None
        if receipt.stored:
            self.replayed[request.receipt_key] = receipt
        events = self.histories.get(request.receipt_key, ())
        return Done(b"", receipt.batch_id, receipt.lsn, receipt=receipt, events=events)

    def claim(self, request: Request) -> Claim | None:
        """Return the claim as earlier requests of this batch left it."""
        found = self.held.get((request.tenant_id, request.command.claim_id))
        return found.claim if found else None

    def next_claim(self, request: Request, queue: str) -> UUID | None:
        """Return the longest waiting claim of a queue that was locked for this batch."""
        waiting = self.picks.get((request.tenant_id, queue))
        if not waiting:
            return None
        return waiting[0] if request.validate_only else waiting.pop(0)

    def facts(self, request: Request, claim: Claim | None) -> Facts:
        """Return what the decision rests on besides the claim."""
        command = request.command
        if claim is not None:
            document, received = claim.document, claim.receipt_date
            line, place = document.line_of_business, document.jurisdiction
        else:
            received = command.now.astimezone(UTC).date()
            line, place = _wanted_policy(command)
        policy = self.reference.policy(request.tenant_id, line, place, received)
        return Facts(policy, self.reference.codes)

    def preview(self, request: Request, events: Sequence[Event], facts: Facts) -> Done:
        """Answer with the claim as it would be; nothing but the disclosure is written."""
        held = self.held.get((request.tenant_id, request.command.claim_id))
        after = held.claim if held else None
        for event in events:
            after = evolve(after, event)
        assert after is not None, "a decision on nothing is a refusal"
        self.disclosures.append(Disclosure(request, after.claim_id))
        settled = Settled(
            request_id=request.request_id,
            claim=after,
            head_hash=b"",
            recorded_at=_not_before(held, request.command.now),
            policy_version=facts.policy.version,
            events=(),
        )
        return Done(request.answer(settled), None)

    def enter(self, request: Request, events: Sequence[Event], facts: Facts) -> Done:
        """Record a decision: its events, the claim they make, and the reply."""
        key = (request.tenant_id, request.command.claim_id)
        held = self.held.get(key)
        before = held.claim if held else None
        moment = _not_before(held, request.command.now)
        previous = held.head_hash if held else chain.genesis_hash(*key)
        after, rows = before, []
        for event in events:
            after, earlier = evolve(after, event), after
            row = self._row(request, event, earlier, after, facts, moment, previous)
            rows.append(row)
            previous = row.hash
        assert after is not None and rows, "a decision without events is a refusal"
        assert after.version == rows[-1].version, "the fold counts its events"
        self.held[key] = Held(after, previous, moment, facts.policy.version, changed=True)
        self.events.extend(rows)
        settled = Settled(
            request_id=request.request_id,
            claim=after,
            head_hash=previous,
            recorded_at=moment,
            policy_version=facts.policy.version,
            events=rows,
        )
        receipt = Receipt(
            tenant_id=request.tenant_id,
            request_id=request.request_id,
            method=request.method,
            actor=request.actor,
            payload_hash=request.payload_hash,
            claim_id=after.claim_id,
            version=after.version,
            reply=request.answer(settled),
            batch_id=self.batch_id,
            created_at=self.now,
            lsn=None,
            stored=False,
        )
        self.receipts[request.receipt_key] = receipt
        self.entered.append(receipt)
        return Done(receipt.reply, self.batch_id)

    def _row(
        self,
        request: Request,
        event: Event,
        before: Claim | None,
        after: Claim,
        facts: Facts,
        moment: datetime,
        previous: bytes,
    ) -> EventRow:
        command = request.command
        reason = command.reason
        payload, sealed = records.payload_and_sealed(
            event, reason.text if reason else "", os.urandom(chain.SALT_BYTES)
        )
        link = chain.Link(
            tenant_id=request.tenant_id,
            claim_id=command.claim_id,
            version=(before.version if before else 0) + 1,
            prev_hash=previous,
            event_id=self.ids.new(),
            event_type=type(event).__name__,
            from_state=before.state.value if before else None,
            to_state=after.state.value,
            role=command.role,
            reason_code=(reason.code or None) if reason else None,
            schema_number=SCHEMA_NUMBER,
            recorded_at=moment,
            actor=command.actor,
            request_id=request.request_id,
            policy_version=facts.policy.version,
            payload=payload,
            sealed=sealed,
        )
        return EventRow(
            tenant_id=link.tenant_id,
            claim_id=link.claim_id,
            version=link.version,
            event_id=link.event_id,
            event_type=link.event_type,
            schema_number=link.schema_number,
            from_state=link.from_state,
            to_state=link.to_state,
            payload=payload,
            sealed=sealed,
            key_id=link.key_id,
            actor=link.actor,
            role=link.role,
            request_id=link.request_id,
            reason_code=link.reason_code,
            policy_version=link.policy_version,
            recorded_at=moment,
            prev_hash=previous,
            hash=chain.event_hash(link),
        )

    def changed(self) -> Mapping[Key, Held]:
        """Return the claims that the batch has made or changed."""
        return {key: held for key, held in self.held.items() if held.changed}


def _not_before(held: Held | None, now: datetime) -> datetime:
    """Return the time to record: time never runs backwards within a claim (W2)."""
    return now if held is None else max(held.updated_at, now)


def _wanted_policy(command: Asked) -> tuple[str, str]:
    """Return line of business and jurisdiction of what is asked without a claim."""
    if isinstance(command, SubmitClaim):
        return command.document.line_of_business, command.document.jurisdiction
    if isinstance(command, Look):
        return command.line_of_business, command.jurisdiction
    return "", ""


def touches(request: Request) -> bool:
    """Say whether a request names a claim that exists already."""
    command = request.command
    return (
        not isinstance(command, SubmitClaim | TakeNextClaim | Inquiry)
        and command.claim_id != NOBODY
    )


def fold_columns(claim: Claim) -> tuple[bytes, bytes | None]:
    """Return the fold as the claim row stores it: the document and its sealed part."""
    payload, sealed = codec.encode(claim)
    return codec.canonical(payload), codec.canonical(sealed) if sealed else None
