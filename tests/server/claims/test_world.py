"""The world in memory decides and enters what the write path's own books do."""

from __future__ import annotations

from dataclasses import astuple, dataclass
from datetime import date, timedelta
from random import Random
from typing import Any
from uuid import UUID

from server.claims.benefits import Used
from server.claims.commands import Command, SubmitClaim, TakeNextClaim
from server.claims.payees import account_of
from server.claims.policy import Policy
from server.claims.refusals import Refusal, Refused
from server.claims.services import member_key, person_key
from server.command.books import Books, Held, Issued, Loaded
from server.command.engine import settle
from server.command.ids import Ids
from server.command.requests import Done, Request
from tests.server.claims import scenery
from tests.server.claims.games import numbers_of
from tests.server.claims.players import turn
from tests.server.claims.world import Rules, World

TENANT = UUID(int=0xA)
HISTORIES = 20


@dataclass(frozen=True)
class Tables:
    """What the write path holds of plans and fees."""

    rules: Rules

    @property
    def tenants_with_coverage(self) -> frozenset[UUID]:
        return frozenset() if self.rules.coverages is None else frozenset({TENANT})

    def __getattr__(self, name: str) -> Any:
        return getattr(self.rules.benefits, name)


@dataclass(frozen=True)
class Referring:
    """What the write path refers to, out of a world's rules."""

    rules: Rules

    @property
    def codes(self) -> Any:
        return self.rules.codes

    @property
    def benefits(self) -> Tables:
        return Tables(self.rules)

    @property
    def code_edits(self) -> None:
        return None

    def policy(self, tenant: UUID, line_of_business: str, jurisdiction: str, on: date) -> Policy:
        return self.rules.policy(on)


def books_of(world: World, command: Command) -> Books:
    """The books of a batch of one, with everything loaded that the world holds."""
    accounts = {account_of(one.document) for one in world.claims.values()}
    new = isinstance(command, SubmitClaim)  # no limits are loaded for a claim that comes in
    loaded = Loaded(
        originals={(TENANT, number): claim_id for number, claim_id in world.numbers.items()},
        services={(TENANT, person): list(found) for person, found in world.services.items()},
        coverages={
            (TENANT, member_key(number)): spans
            for number, spans in (world.rules.coverages or {}).items()
        },
        used={
            (TENANT, person_key(one.document)): dict(world.used.get(person_key(one.document), {}))
            for one in world.claims.values()
            if not new
        },
        entries={
            (TENANT, name): [
                one
                for account in sorted(accounts, key=astuple)
                if account.payee == name
                for one in world.open_entries(account)
            ]
            for name in {one.payee for one in accounts}
        },
        issued={
            (TENANT, remittance_id): Issued(
                told,
                remittance_id in world.failed,
                tuple(
                    entry
                    for entry_id, entry in world.entries.items()
                    if world.taken.get(entry_id) == remittance_id
                ),
            )
            for remittance_id, told in world.remittances.items()
        },
        traces={(TENANT, one.trace_number) for one in world.remittances.values()},
    )
    referring: Any = Referring(world.rules)
    books = Books(
        batch_id=UUID(int=1),
        now=world.now,
        ids=Ids(),
        reference=referring,
        held={
            (TENANT, claim_id): Held(one, bytes(32), world.rows[claim_id][-1].recorded_at, 0)
            for claim_id, one in world.claims.items()
        },
        receipts={},
        loaded=loaded,
    )
    if isinstance(command, TakeNextClaim):
        chosen = world.longest_waiting(command)
        books.picks[TENANT, command.queue] = [chosen] if chosen in world.claims else []
    return books


def requested(command: Command) -> Request:
    return Request(
        tenant_id=TENANT,
        request_id=UUID(int=2),
        method="/test",
        payload_hash=b"",
        command=command,
        answer=lambda settled: b"",
        deadline=0.0,
    )


def assert_the_same(world: World, before: World, books: Books) -> None:
    """Every claim, entry, remittance and limit is what the books have of it."""
    assert {key[1]: held.claim for key, held in books.held.items()} == world.claims
    new = {key: one for key, one in world.entries.items() if key not in before.entries}
    money = books.money
    assert {entry.entry_id: entry for _, entry in money.opened} == new
    taken = {key: by for key, by in world.taken.items() if key not in before.taken}
    assert {key[-1]: by for key, by in money.taken.items()} == taken
    assert {key[-1] for key in money.cancelled} == world.cancelled - before.cancelled
    issued = [one for key, one in world.remittances.items() if key not in before.remittances]
    assert [told.remittance for told in money.issued] == issued
    failed = {told.remittance.remittance_id for told in money.failed}
    assert failed == world.failed - before.failed
    used = {
        (person, limit): one
        for person, limits in world.used.items()
        for limit, one in limits.items()
        if one != before.used.get(person, {}).get(limit, Used())
    }
    changes = {
        (person, limit): more for (_, person, limit), more in money.used.items() if more != Used()
    }
    assert changes.keys() == used.keys()
    for (person, limit), more in changes.items():
        was = before.used.get(person, {}).get(limit, Used())
        now = world.used[person][limit]
        assert now.deductible == was.deductible + more.deductible
        assert now.out_of_pocket == was.out_of_pocket + more.out_of_pocket


def test_the_world_does_what_the_books_do() -> None:
    carried_out = refused = 0
    for history in range(HISTORIES):
        numbers = numbers_of(3, history)
        world = World(rules=scenery.rules(Random(numbers[0])))
        for number in numbers[1:]:
            taken = turn(world, number, mischief=0.1)
            if isinstance(taken, timedelta):
                world.wait(taken)
                continue
            books, before = books_of(world, taken), world.copy()
            by_books = settle(books, requested(taken))
            outcome = world.ask(taken)
            if isinstance(outcome, Refusal):
                assert isinstance(by_books, Refused)
                assert by_books.refusal is outcome
                refused += 1
            else:
                assert isinstance(by_books, Done), by_books
                assert_the_same(world, before, books)
                carried_out += 1
    assert carried_out > 20 * HISTORIES
    assert refused > HISTORIES
