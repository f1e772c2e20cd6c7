"""Given what happened, when somebody asks, then this happens or it is refused."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field, replace
from decimal import Decimal
from functools import reduce
from uuid import UUID

import pytest

from server.claims import accumulators
from server.claims.benefits import Used
from server.claims.commands import (
    AdjudicateClaim,
    Command,
    IssueRemittance,
    ReportPaymentFailure,
    SubmitClaim,
)
from server.claims.decided import Decided
from server.claims.document import ClaimDocument
from server.claims.events import Event
from server.claims.facts import Facts, Other
from server.claims.model import TERMINAL, Claim
from server.claims.payees import (
    Account,
    Entry,
    PaymentMethod,
    Remittance,
    RemittedClaim,
    account_of,
)
from server.claims.refusals import Refusal, Refused
from server.claims.reversal import remitted_claim
from server.claims.services import Service, payee, person_key, services_of
from server.claims.workflow import decide, evolve
from tests.server.claims.cast import STRICT


@dataclass(frozen=True)
class Story:
    """A command that meets a claim."""

    claim: Claim | None
    command: Command
    facts: Facts

    def outcome(self) -> Decided:
        return outcome(self.command, self.claim, self.facts)

    def decided(self) -> list[Event]:
        return events_of(self.command, self.claim, self.facts)

    def then(self, *events: Event) -> None:
        assert self.decided() == list(events)

    def leads_to(self) -> Claim:
        return play(self.command, claim=self.claim, facts=self.facts)

    def refuses(self, refusal: Refusal) -> Refused:
        with pytest.raises(Refused) as refused:
            self.decided()
        assert refused.value.refusal is refusal
        return refused.value


@dataclass(frozen=True)
class Given:
    """A claim with a past."""

    claim: Claim | None
    facts: Facts

    def when(self, command: Command) -> Story:
        return Story(self.claim, command, self.facts)


def outcome(command: Command, claim: Claim | None, facts: Facts) -> Decided:
    """What a command leads to when this is the one claim that it is about, pays or corrects."""
    return decide(command, *meeting(command, claim, facts))


def meeting(command: Command, claim: Claim | None, facts: Facts) -> tuple[Claim | None, Facts]:
    """Return the claim that a command is about, and the facts that the other one brings."""
    if claim is None:
        return None, facts
    other = Other(claim, facts.policy)
    if isinstance(command, SubmitClaim) and command.claim_id != claim.claim_id:
        return None, replace(facts, original=facts.original or other)
    if isinstance(command, IssueRemittance | ReportPaymentFailure):
        facts = replace(facts, others={claim.claim_id: other, **facts.others})
        if isinstance(command, ReportPaymentFailure) and facts.remittance is None:
            facts = replace(facts, remittance=remittance_of(claim, command))
        return None, facts
    return claim, facts


def remittance_of(claim: Claim, named: ReportPaymentFailure) -> Remittance:
    """A remittance that paid one claim alone, as far as the claim still tells."""
    told = (
        remitted_claim(claim, STRICT.policy)
        if claim.remitted
        else RemittedClaim(
            claim_id=claim.claim_id,
            claim_number=claim.claim_number,
            status_code="1",
            adjudication_number=1,
            charge=claim.document.total_charge or Decimal(0),
            paid=Decimal("1.00"),
            patient_responsibility=Decimal(0),
        )
    )
    taken_back = (replace(told, reverses=True),) if claim.reversed else ()
    return Remittance(
        remittance_id=named.remittance_id,
        trace_number=f"T{named.remittance_id.int:X}",
        payee=payee(claim.document),
        payer_id="PAYER1",
        currency_code="USD",
        payment_date=named.now.date(),
        method=PaymentMethod.ACH,
        amount=Decimal("1.00"),
        claims=(*taken_back, told),
        issued_by="fay",
        issued_at=named.now,
    )


def events_of(command: Command, claim: Claim | None, facts: Facts) -> list[Event]:
    """What a command does to a claim: to the one that it is about, or to one that it names."""
    decided = outcome(command, claim, facts)
    if claim is None or command.claim_id == claim.claim_id:
        return [*decided.events, *decided.by_system]
    return list(decided.others.get(claim.claim_id, ()))


def given(claim: Claim | None = None, *events: Event, facts: Facts = STRICT) -> Given:
    return Given(fold(*events, claim=claim), facts)


def fold(*events: Event, claim: Claim | None = None) -> Claim | None:
    folded: Claim | None = reduce(evolve, events, claim)
    return folded


def play(*commands: Command, claim: Claim | None = None, facts: Facts = STRICT) -> Claim:
    """Carry out commands one after the other."""
    for command in commands:
        claim = fold(*events_of(command, claim, facts), claim=claim)
    assert claim is not None
    return claim


@dataclass(frozen=True)
class Issued:
    """A remittance, what it took from its payee, and whether its payment failed."""

    remittance: Remittance
    taken: tuple[Entry, ...]
    failed: bool = False


@dataclass(frozen=True)
class House:
    """A payer's claims and payments, as commands leave them: what the ledger keeps, in memory."""

    facts: Facts = STRICT
    claims: Mapping[UUID, Claim] = field(default_factory=dict)
    entries: tuple[Entry, ...] = ()
    issued: Mapping[UUID, Issued] = field(default_factory=dict)
    entry_ids: frozenset[UUID] = frozenset()  # of all entries so far

    def claim(self, number: int = 1) -> Claim:
        return self.claims[UUID(int=number)]

    def remittance(self, remittance_id: UUID) -> Remittance:
        return self.issued[remittance_id].remittance

    def outcome(self, command: Command) -> Decided:
        return decide(command, self.claims.get(command.claim_id), self.facts_for(command))

    def after(self, *commands: Command) -> House:
        """Carry out commands one after the other, whatever claims they are about."""
        house = self
        for command in commands:
            house = house._entered(command, house.outcome(command))
        return house

    def refuses(self, command: Command, refusal: Refusal) -> Refused:
        with pytest.raises(Refused) as refused:
            self.outcome(command)
        assert refused.value.refusal is refusal
        return refused.value

    def facts_for(self, command: Command) -> Facts:
        """Gather what a decision rests on besides its claim."""
        facts = self.facts
        if isinstance(command, SubmitClaim):
            number = command.document.original_claim_number
            named = [one for one in self.claims.values() if one.claim_number == number]
            return replace(
                self._of_person(command.document, command.claim_id),
                original=Other(named[0], facts.policy) if named else None,
            )
        if isinstance(command, AdjudicateClaim) and command.claim_id in self.claims:
            document = self.claims[command.claim_id].document
            return self._of_person(document, command.claim_id)
        if isinstance(command, IssueRemittance):
            return replace(
                facts,
                others=self._others(command.claim_ids),
                entries=self._open_with(command.claim_ids),
                trace_number_used=command.trace_number
                in {one.remittance.trace_number for one in self.issued.values()},
            )
        if isinstance(command, ReportPaymentFailure) and command.remittance_id in self.issued:
            issued = self.issued[command.remittance_id]
            told = [one.claim_id for one in issued.remittance.claims]
            return replace(
                facts,
                others=self._others(told),
                entries=self._open_in(issued.remittance.account),
                remittance=issued.remittance,
                taken=issued.taken,
                payment_failed=issued.failed,
            )
        return facts

    def _others(self, claim_ids: Iterable[UUID]) -> Mapping[UUID, Other]:
        known = [one for one in claim_ids if one in self.claims]
        return {one: Other(self.claims[one], self.facts.policy) for one in known}

    def _open_with(self, claim_ids: Iterable[UUID]) -> tuple[Entry, ...]:
        known = [self.claims[one] for one in claim_ids if one in self.claims]
        return self._open_in(account_of(known[0].document)) if known else ()

    def _open_in(self, account: Account) -> tuple[Entry, ...]:
        return tuple(one for one in self.entries if one.account == account)

    def _of_person(self, document: ClaimDocument, claim_id: UUID) -> Facts:
        person, own = person_key(document), services_of(document)
        same = [one for one in self.claims.values() if person_key(one.document) == person]
        services: list[Service] = []
        used: dict[tuple[str, int], Used] = {}
        for claim in same:
            for key, more in accumulators.used_by(claim).items():
                before = used.get(key, Used())
                used[key] = Used(
                    deductible=before.deductible + more.deductible,
                    out_of_pocket=before.out_of_pocket + more.out_of_pocket,
                )
            if claim.claim_id != claim_id and claim.state not in TERMINAL:
                services.extend(services_of(claim.document, claim.claim_id))
        meets = tuple(one for one in services if any(one.overlaps(other) for other in own))
        return replace(self.facts, services=meets, used=used)

    def _entered(self, command: Command, decided: Decided) -> House:
        claims = dict(self.claims)
        own = (*decided.events, *decided.by_system)
        changed = {command.claim_id: own} if own else {}
        for claim_id, events in {**changed, **decided.others}.items():
            after = fold(*events, claim=claims.get(claim_id))
            assert after is not None
            claims[claim_id] = after
        gone = set(decided.cancelled)
        issued = dict(self.issued)
        if decided.remittance is not None:
            taken = self.facts_for(command).entries
            gone |= {one.entry_id for one in taken}
            issued[decided.remittance.remittance_id] = Issued(decided.remittance, taken)
        if decided.failed_remittance_id is not None:
            failed = issued[decided.failed_remittance_id]
            issued[decided.failed_remittance_id] = replace(failed, failed=True)
        left = [one for one in self.entries if one.entry_id not in gone]
        opened = {one.entry_id for one in decided.opened}
        assert len(opened) == len(decided.opened) and not opened & self.entry_ids, "opened once"
        return replace(
            self,
            claims=claims,
            entries=(*left, *decided.opened),
            issued=issued,
            entry_ids=self.entry_ids | opened,
        )


def house(*commands: Command, facts: Facts = STRICT) -> House:
    """Return a payer's house after these commands."""
    return House(facts=facts).after(*commands)
