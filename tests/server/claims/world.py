"""A world in memory that carries commands out as the write path does, without a database.

Facts are gathered as `server/command/gather.py` gathers them, and decisions entered as
`server/command/books.py` enters them. What the books need besides claims (persons' services, limits
that are used up, open entries, remittances, trace numbers) are plain dicts of values that are never
changed in place, so that a world is copied at little cost.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field, replace
from datetime import UTC, date, datetime, timedelta
from functools import reduce
from uuid import UUID

from server.claims import accumulators
from server.claims.benefits import Benefits, Coverage, Used
from server.claims.code_edits import CodeEdits
from server.claims.codes import Codes
from server.claims.commands import (
    AdjudicateClaim,
    Asked,
    Command,
    IssueRemittance,
    ReportPaymentFailure,
    SubmitClaim,
    TakeNextClaim,
)
from server.claims.decided import SYSTEM_ACTOR, SYSTEM_ROLE, Decided
from server.claims.document import ClaimDocument
from server.claims.events import Event
from server.claims.facts import NO_BENEFITS, Facts, Other
from server.claims.model import TERMINAL, Claim, State
from server.claims.numbers import claim_number
from server.claims.payees import Account, Entry, Remittance, account_of
from server.claims.policy import Policy
from server.claims.refusals import Refusal, Refused
from server.claims.services import (
    Service,
    member_number,
    person_key,
    services_of,
)
from server.claims.workflow import decide, evolve
from tests.server.claims.cast import NOW, STRICT

NOBODY = UUID(int=0)
Limit = tuple[str, int]  # plan, benefit year
WAITING = (
    State.ACCEPTED,
    State.PENDED,
    State.INFO_REQUESTED,
    State.ADJUDICATED,
    State.PENDING_APPROVAL,
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Row:
    """An event with what its envelope says of it."""

    claim_id: UUID
    version: int
    event: Event
    from_state: State | None
    to_state: State
    actor: str
    role: str
    reason_code: str
    policy_version: int
    recorded_at: datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class Step:
    """A command that was carried out: what it decided, and what it changed."""

    command: Command
    decided: Decided
    rows: tuple[Row, ...]
    before: Mapping[UUID, Claim | None]  # every claim that it changed, as it was


@dataclass(frozen=True, slots=True)
class Rules:
    """What decisions are made by; none of it changes during a history."""

    policies: tuple[tuple[date, Policy], ...] = ((date.min, STRICT.policy),)  # ascending
    codes: Codes = STRICT.codes
    benefits: Benefits = NO_BENEFITS
    code_edits: CodeEdits | None = None
    coverages: Mapping[str, tuple[Coverage, ...]] | None = None  # by member number

    def policy(self, received: date) -> Policy:
        """The policy of a claim: the row that was in force when it came (D17)."""
        return max((row for row in self.policies if row[0] <= received), key=lambda row: row[0])[1]


@dataclass(slots=True, kw_only=True)
class World:
    """Claims, persons and payees, and a clock that is moved by hand."""

    rules: Rules = field(default_factory=Rules)
    now: datetime = NOW
    made: int = 0  # how many ids there are
    claims: dict[UUID, Claim] = field(default_factory=dict)
    rows: dict[UUID, tuple[Row, ...]] = field(default_factory=dict)
    numbers: dict[str, UUID] = field(default_factory=dict)
    services: dict[str, tuple[Service, ...]] = field(default_factory=dict)  # by person
    used: dict[str, dict[Limit, Used]] = field(default_factory=dict)  # by person
    entries: dict[UUID, Entry] = field(default_factory=dict)  # all there ever were
    taken: dict[UUID, UUID] = field(default_factory=dict)  # entry -> remittance
    cancelled: frozenset[UUID] = frozenset()  # entries
    remittances: dict[UUID, Remittance] = field(default_factory=dict)
    failed: frozenset[UUID] = frozenset()  # remittances
    last: Step | None = None  # what was carried out last

    def copy(self) -> World:
        """A world that goes on by itself."""
        return replace(
            self,
            claims=dict(self.claims),
            rows=dict(self.rows),
            numbers=dict(self.numbers),
            services=dict(self.services),
            used=dict(self.used),
            entries=dict(self.entries),
            taken=dict(self.taken),
            remittances=dict(self.remittances),
        )

    def new_id(self) -> UUID:
        """A new id; ids ascend, as those of the server do."""
        self.made += 1
        return UUID(int=self.made)

    def new_number(self) -> str:
        """A new claim number."""
        return claim_number(self.made.to_bytes(8, "big"))

    def wait(self, span: timedelta) -> None:
        """Let time pass."""
        self.now += span

    def ask(self, command: Command) -> Decided | Refusal:
        """Carry a command out, or tell by which rule it is refused."""
        found = self._decide(command)
        if isinstance(found, Refusal):
            return found
        self._enter(*found)
        return found[1]

    def after(self, command: Command) -> World | Refusal:
        """The world in which a command was carried out; this one stays as it is."""
        found = self._decide(command)
        if isinstance(found, Refusal):
            return found
        there = self.copy()
        there._enter(*found)
        return there

    def _decide(self, command: Command) -> tuple[Command, Decided, Facts] | Refusal:
        if isinstance(command, TakeNextClaim):
            command = replace(command, claim_id=self.longest_waiting(command))
        claim = self.claims.get(command.claim_id)
        facts = self.facts(command, claim)
        try:
            return command, decide(command, claim, facts), facts
        except Refused as refused:
            return refused.refusal

    def facts(self, command: Command, claim: Claim | None) -> Facts:
        """What the decision on a command rests on besides its claim."""
        if isinstance(command, IssueRemittance):
            return self._of_remittance(command)
        if isinstance(command, ReportPaymentFailure):
            return self._of_failure(command)
        rules = self.rules
        received = claim.receipt_date if claim else command.now.astimezone(UTC).date()
        base = Facts(
            rules.policy(received),
            rules.codes,
            benefits=rules.benefits,
            code_edits=rules.code_edits,
        )
        if isinstance(command, SubmitClaim):
            named = self.numbers.get(command.document.original_claim_number)
            original = self.claims[named] if named else None
            return replace(
                self._of_person(command.document, None, base),
                used={},
                original=self._other(original) if original else None,
            )
        if isinstance(command, AdjudicateClaim) and claim is not None:
            return self._of_person(claim.document, claim.claim_id, base)
        return base

    def open_entries(self, account: Account) -> tuple[Entry, ...]:
        """What stands open in an account, in the order of opening."""
        return tuple(
            one
            for one in self.entries.values()
            if one.account == account
            and one.entry_id not in self.taken
            and one.entry_id not in self.cancelled
        )

    def standing_remittances(self) -> Iterable[Remittance]:
        """Those that have not failed."""
        return (one for one in self.remittances.values() if one.remittance_id not in self.failed)

    def policy_of(self, claim: Claim) -> Policy:
        """The policy that a claim is decided under."""
        return self.rules.policy(claim.receipt_date)

    def fingerprint(self) -> tuple[object, ...]:
        """What must be the same after a refused command."""
        return (
            dict(self.claims),
            {claim_id: len(rows) for claim_id, rows in self.rows.items()},
            dict(self.numbers),
            dict(self.services),
            {person: dict(used) for person, used in self.used.items()},
            tuple(self.entries.items()),
            dict(self.taken),
            self.cancelled,
            tuple(self.remittances),
            self.failed,
        )

    def longest_waiting(self, command: TakeNextClaim) -> UUID:
        """The claim that the ledger chooses for a TakeNextClaim, NOBODY when none waits."""
        queue = command.queue or self.rules.policy(command.now.date()).queues[0]
        for claim in self.claims.values():
            free = claim.lease_until is None or claim.lease_until <= command.now
            if claim.queue == queue and claim.state in WAITING and free:
                return claim.claim_id
        return NOBODY

    def _other(self, claim: Claim) -> Other:
        return Other(claim, self.policy_of(claim))

    def _of_person(self, document: ClaimDocument, claim_id: UUID | None, base: Facts) -> Facts:
        person = person_key(document)
        coverages = None
        if self.rules.coverages is not None:
            coverages = self.rules.coverages.get(member_number(document), ())
        return replace(
            base,
            services=self._meeting(person, document, claim_id),
            coverages=coverages,
            used=self.used.get(person, {}),
        )

    def _meeting(
        self, person: str, document: ClaimDocument, claim_id: UUID | None
    ) -> tuple[Service, ...]:
        own = services_of(document)
        meeting = []
        for service in self.services.get(person, ()):
            assert service.claim_id is not None
            claim = self.claims[service.claim_id]
            if claim.claim_id == claim_id or claim.state in TERMINAL:
                continue
            if any(service.overlaps(one) for one in own):
                current = claim.adjudication
                denied = {
                    line.line_number
                    for line in (current.lines if current and current.final else ())
                    if line.denied
                }
                meeting.append(replace(service, denied=service.line_number in denied))
        return tuple(meeting)

    def _others(self, claim_ids: Iterable[UUID]) -> dict[UUID, Other]:
        return {one: self._other(self.claims[one]) for one in claim_ids if one in self.claims}

    def _of_remittance(self, command: IssueRemittance) -> Facts:
        others = self._others(command.claim_ids)
        first = next(iter(others.values()), None)
        entries = self.open_entries(account_of(first.claim.document)) if first else ()
        traces = {one.trace_number for one in self.remittances.values()}
        return replace(
            self._of_others(command, others),
            entries=entries,
            trace_number_used=command.trace_number in traces,
        )

    def _of_failure(self, command: ReportPaymentFailure) -> Facts:
        told = self.remittances.get(command.remittance_id)
        if told is None:
            return self._of_others(command, {})
        taken = [one for one, by in self.taken.items() if by == told.remittance_id]
        return replace(
            self._of_others(command, self._others(one.claim_id for one in told.claims)),
            entries=self.open_entries(told.account),
            remittance=told,
            payment_failed=told.remittance_id in self.failed,
            taken=tuple(one for one in self.entries.values() if one.entry_id in taken),
        )

    def _of_others(self, command: Asked, others: Mapping[UUID, Other]) -> Facts:
        first = next(iter(others.values()), None)
        policy = first.policy if first else self.rules.policy(command.now.astimezone(UTC).date())
        return Facts(policy, self.rules.codes, others=others)

    def _enter(self, command: Command, decided: Decided, facts: Facts) -> None:
        own, version = command.claim_id, facts.policy.version
        named = {own} if decided.events or decided.by_system else set()
        before = {one: self.claims.get(one) for one in (*named, *decided.others)}
        rows = [*self._append(command, own, decided.events, version)]
        by_system = replace(command, actor=SYSTEM_ACTOR, role=SYSTEM_ROLE, reason=None)
        rows += self._append(by_system, own, decided.by_system, version)
        for claim_id, events in decided.others.items():
            other = self.policy_of(self.claims[claim_id])
            rows += self._append(command, claim_id, events, other.version)
        for claim_id, was in before.items():
            self._follow(was, self.claims[claim_id])
        self._enter_money(decided, facts)
        self.last = Step(command=command, decided=decided, rows=tuple(rows), before=before)

    def _append(
        self, command: Command, claim_id: UUID, events: Iterable[Event], version: int
    ) -> list[Row]:
        rows = self.rows.get(claim_id, ())
        moment = max(rows[-1].recorded_at, command.now) if rows else command.now
        added: list[Row] = []
        for event in events:
            earlier = self.claims.get(claim_id)
            after = self.claims[claim_id] = evolve(earlier, event)
            added.append(
                Row(
                    claim_id=claim_id,
                    version=len(rows) + len(added) + 1,
                    event=event,
                    from_state=earlier.state if earlier else None,
                    to_state=after.state,
                    actor=command.actor,
                    role=command.role,
                    reason_code=command.reason.code if command.reason else "",
                    policy_version=version,
                    recorded_at=moment,
                )
            )
        if added:
            self.rows[claim_id] = (*rows, *added)
        return added

    def _follow(self, before: Claim | None, after: Claim) -> None:
        """Note what follows from a claim's change for its person."""
        person = person_key(after.document)
        if before is None:
            self.numbers[after.claim_number] = after.claim_id
            if person and after.state not in TERMINAL:
                services = services_of(after.document, after.claim_id)
                self.services[person] = (*self.services.get(person, ()), *services)
        changes = accumulators.change(before, after)
        if changes:
            used = dict(self.used.get(person, {}))
            for limit, more in changes.items():
                was = used.get(limit, Used())
                used[limit] = Used(
                    deductible=was.deductible + more.deductible,
                    out_of_pocket=was.out_of_pocket + more.out_of_pocket,
                )
            self.used[person] = used

    def _enter_money(self, decided: Decided, facts: Facts) -> None:
        issued = decided.remittance
        if issued is not None:
            self.remittances[issued.remittance_id] = issued
            self.taken.update((one.entry_id, issued.remittance_id) for one in facts.entries)
        if decided.failed_remittance_id is not None:
            self.failed |= {decided.failed_remittance_id}
        self.cancelled |= frozenset(decided.cancelled)
        for entry in decided.opened:
            assert entry.entry_id not in self.entries, "the key of payee_entry"
            self.entries[entry.entry_id] = entry


def fold(rows: Iterable[Row]) -> Claim | None:
    """The claim that events make."""
    claim: Claim | None = reduce(evolve, (row.event for row in rows), None)
    return claim
