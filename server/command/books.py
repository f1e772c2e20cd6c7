"""What a batch has loaded and will write: claims under lock, receipts, and the rows to come."""

from __future__ import annotations

import os
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field, replace
from datetime import datetime
from typing import Any
from uuid import UUID

from server.claims import accumulators, chain, codec, records
from server.claims.accumulators import Key as Limit
from server.claims.benefits import Coverage, Used
from server.claims.decided import SYSTEM_ACTOR, SYSTEM_ROLE, Decided
from server.claims.events import SCHEMA_NUMBER, Event
from server.claims.evolution import evolve
from server.claims.facts import Facts
from server.claims.model import TERMINAL, Claim
from server.claims.payees import Entry, Remittance
from server.claims.services import Service, person_key, services_of
from server.command.ids import Ids
from server.command.reference import Reference
from server.command.requests import (
    NOBODY,
    Done,
    EventRow,
    Key,
    Receipt,
    Request,
    Settled,
)

EntryKey = tuple[UUID, str, UUID]  # tenant, payee, entry
Name = tuple[UUID, str]  # tenant, and what a person, payee, number or trace is known by


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
    facts: Facts | None = None  # of its last change; None: unchanged


@dataclass(frozen=True, slots=True)
class Told:
    """A remittance that was issued, or whose payment failed, with the request that did it."""

    request: Request
    remittance: Remittance
    policy_version: int


@dataclass(slots=True)
class Issued:
    """A remittance as it was loaded."""

    remittance: Remittance
    failed: bool
    taken: tuple[Entry, ...]  # what it took from the payee


@dataclass(slots=True, kw_only=True)
class Loaded:
    """Figures of other records that the batch's decisions rest on, as its commands leave them."""

    originals: dict[Name, UUID] = field(default_factory=dict)  # claim number -> claim
    services: dict[Name, list[Service]] = field(default_factory=dict)  # by person
    coverages: dict[Name, tuple[Coverage, ...]] = field(default_factory=dict)  # by member
    used: dict[Name, dict[Limit, Used]] = field(default_factory=dict)  # by person
    entries: dict[Name, list[Entry]] = field(default_factory=dict)  # open, by payee
    issued: dict[Key, Issued] = field(default_factory=dict)
    traces: set[Name] = field(default_factory=set)  # trace numbers that are taken


@dataclass(slots=True, kw_only=True)
class Money:
    """Rows of payments and limits to be written."""

    used: dict[tuple[UUID, str, Limit], Used] = field(default_factory=dict)  # changes
    issued: list[Told] = field(default_factory=list)
    failed: list[Told] = field(default_factory=list)
    opened: list[tuple[Request, Entry]] = field(default_factory=list)
    taken: dict[EntryKey, UUID] = field(default_factory=dict)  # -> remittance
    cancelled: dict[EntryKey, UUID] = field(default_factory=dict)  # -> request

    @property
    def empty(self) -> bool:
        """Say whether there is nothing to write."""
        return not (
            self.used or self.issued or self.failed or self.opened or self.taken or self.cancelled
        )


@dataclass(slots=True, kw_only=True)
class Books:
    """One batch's books."""

    batch_id: UUID
    now: datetime
    ids: Ids
    reference: Reference
    held: dict[Key, Held]
    receipts: dict[Key, Receipt]
    loaded: Loaded = field(default_factory=Loaded)
    picks: dict[tuple[UUID, str], list[UUID]] = field(default_factory=dict)
    histories: dict[Key, list[tuple[int, str, UUID]]] = field(default_factory=dict)
    events: list[EventRow] = field(default_factory=list)
    services: list[tuple[UUID, str, Service]] = field(default_factory=list)
    money: Money = field(default_factory=Money)
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
        return self.claim_of(request.tenant_id, request.command.claim_id)

    def claim_of(self, tenant_id: UUID, claim_id: UUID) -> Claim | None:
        """Return a claim under lock as it is now."""
        found = self.held.get((tenant_id, claim_id))
        return found.claim if found else None

    def next_claim(self, request: Request, queue: str) -> UUID | None:
        """Return the longest waiting claim of a queue that was locked for this batch."""
        waiting = self.picks.get((request.tenant_id, queue))
        if not waiting:
            return None
        return waiting[0] if request.validate_only else waiting.pop(0)

    def preview(self, request: Request, decided: Decided, facts: Facts) -> Done:
        """Answer with the claim as it would be; nothing but the disclosure is written."""
        held = self.held.get((request.tenant_id, request.command.claim_id))
        after = held.claim if held else None
        for event in (*decided.events, *decided.by_system):
            after = evolve(after, event)
        others = []
        for claim_id, events in decided.others.items():
            other = self.claim_of(request.tenant_id, claim_id)
            for event in events:
                other = evolve(other, event)
            assert other is not None, "what is changed is under lock"
            others.append(other)
        self.disclosures.append(Disclosure(request, after.claim_id if after else NOBODY))
        settled = Settled(
            request_id=request.request_id,
            claim=after,
            head_hash=b"",
            recorded_at=_not_before(held, request.command.now),
            policy_version=facts.policy.version,
            events=(),
            others=others,
            remittance=decided.remittance or facts.remittance,
        )
        return Done(request.answer(settled), None)

    def enter(self, request: Request, decided: Decided, facts: Facts) -> Done:
        """Record a decision: its events, the claims they make, its payments, and the reply."""
        own = request.command.claim_id
        rows = self._append(request, own, decided.events, facts) if decided.events else []
        if decided.by_system:
            rows += self._append(_by_system(request), own, decided.by_system, facts)
        for claim_id, events in decided.others.items():
            self._append(request, claim_id, events, _facts_of(facts, claim_id))
        self._enter_money(request, decided, facts)
        held = self.held.get((request.tenant_id, own))
        moment = held.updated_at if rows and held else request.command.now
        settled = Settled(
            request_id=request.request_id,
            claim=held.claim if held else None,
            head_hash=held.head_hash if held else b"",
            recorded_at=moment,
            policy_version=facts.policy.version,
            events=rows,
            others=[self.held[request.tenant_id, one].claim for one in decided.others],
            remittance=decided.remittance or facts.remittance,
            failed_at=request.command.now if decided.failed_remittance_id else None,
        )
        receipt = Receipt(
            tenant_id=request.tenant_id,
            request_id=request.request_id,
            method=request.method,
            actor=request.actor,
            payload_hash=request.payload_hash,
            claim_id=held.claim.claim_id if held else NOBODY,
            version=held.claim.version if held else 0,
            reply=request.answer(settled),
            batch_id=self.batch_id,
            created_at=self.now,
            lsn=None,
            stored=False,
        )
        self.receipts[request.receipt_key] = receipt
        self.entered.append(receipt)
        return Done(receipt.reply, self.batch_id)

    def _append(
        self, request: Request, claim_id: UUID, events: Iterable[Event], facts: Facts
    ) -> list[EventRow]:
        """Append events to a claim's history, and what follows from them for its person."""
        key = (request.tenant_id, claim_id)
        held = self.held.get(key)
        before = after = held.claim if held else None
        moment = _not_before(held, request.command.now)
        previous = held.head_hash if held else chain.genesis_hash(*key)
        rows: list[EventRow] = []
        for event in events:
            after, earlier = evolve(after, event), after
            rows.append(self._row(request, event, earlier, after, facts, moment, previous))
            previous = rows[-1].hash
        if not rows:
            return []
        assert after is not None and after.version == rows[-1].version, "the fold counts events"
        self.held[key] = Held(after, previous, moment, facts.policy.version, facts)
        self.events.extend(rows)
        if before is None:
            self._enter_services(request.tenant_id, after)
        self._enter_use(request.tenant_id, before, after)
        return rows

    def _enter_services(self, tenant_id: UUID, claim: Claim) -> None:
        """Note the services of a new claim, for those who come after it."""
        person = person_key(claim.document)
        if not person or claim.state in TERMINAL:
            return
        services = services_of(claim.document, claim.claim_id)
        self.services.extend((tenant_id, person, one) for one in services)
        self.loaded.services.setdefault((tenant_id, person), []).extend(services)

    def _enter_use(self, tenant_id: UUID, before: Claim | None, after: Claim) -> None:
        """Note how a step changes what its person has used (M14)."""
        changes = accumulators.change(before, after)
        if not changes:
            return
        person = person_key(after.document)
        used = self.loaded.used.get((tenant_id, person))
        for limit, more in changes.items():
            key = (tenant_id, person, limit)
            self.money.used[key] = _sum(self.money.used.get(key, Used()), more)
            if used is not None:
                used[limit] = _sum(used.get(limit, Used()), more)

    def _enter_money(self, request: Request, decided: Decided, facts: Facts) -> None:
        tenant, money = request.tenant_id, self.money
        taken = facts.entries if decided.remittance is not None else ()
        if decided.remittance is not None:
            issued = decided.remittance
            money.issued.append(Told(request, issued, facts.policy.version))
            self.loaded.traces.add((tenant, issued.trace_number))
            for entry in taken:
                money.taken[tenant, entry.account.payee, entry.entry_id] = issued.remittance_id
        if decided.failed_remittance_id is not None:
            assert facts.remittance is not None, "what failed was issued"
            money.failed.append(Told(request, facts.remittance, facts.policy.version))
            self.loaded.issued[tenant, decided.failed_remittance_id].failed = True
        for entry in facts.entries:
            if entry.entry_id in decided.cancelled:
                money.cancelled[tenant, entry.account.payee, entry.entry_id] = request.request_id
        for entry in decided.opened:
            money.opened.append((request, entry))
        ended = {*decided.cancelled, *(one.entry_id for one in taken)}
        for (owner, paid_to), entries in self.loaded.entries.items():
            if owner == tenant:
                entries[:] = [one for one in entries if one.entry_id not in ended]
                entries.extend(one for one in decided.opened if one.account.payee == paid_to)

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
            claim_id=after.claim_id,
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
        return {key: held for key, held in self.held.items() if held.facts is not None}


def _not_before(held: Held | None, now: datetime) -> datetime:
    """Return the time to record: time never runs backwards within a claim (W2)."""
    return now if held is None else max(held.updated_at, now)


def _by_system(request: Request) -> Request:
    """Return a request in the system's name: what the rules do without being asked."""
    asked = replace(request.command, actor=SYSTEM_ACTOR, role=SYSTEM_ROLE, reason=None)
    return replace(request, command=asked)


def _facts_of(facts: Facts, claim_id: UUID) -> Facts:
    """Return the facts of another claim of the same command: it has a policy of its own."""
    other = facts.others.get(claim_id) or facts.original
    return facts if other is None else replace(facts, policy=other.policy)


def _sum(one: Used, other: Used) -> Used:
    return Used(
        deductible=one.deductible + other.deductible,
        out_of_pocket=one.out_of_pocket + other.out_of_pocket,
    )


def stored(value: Any) -> tuple[bytes, bytes | None]:
    """Return a fold, a remittance or an entry as its row has it: JSON and its sealed part."""
    payload, sealed = codec.encode(value)
    return codec.canonical(payload), codec.canonical(sealed) if sealed else None


def denied(claim: Claim) -> list[int]:
    """Return the numbers of the lines that are denied for good."""
    current = claim.adjudication
    if current is None or not current.final:
        return []
    return [line.line_number for line in current.lines if line.denied]
