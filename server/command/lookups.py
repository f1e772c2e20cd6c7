"""What a batch looks up besides its claims and receipts, one statement for each kind of figure.

Nothing is asked that no command of the batch needs; a batch of one kind costs that kind's trips.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Awaitable, Callable, Iterable, Sequence
from datetime import date
from typing import Any, Final
from uuid import UUID

import psycopg

from server.claims import codec
from server.claims.benefits import Coverage, Used
from server.claims.commands import (
    AdjudicateClaim,
    IssueRemittance,
    ReportPaymentFailure,
    SubmitClaim,
)
from server.claims.document import ClaimDocument
from server.claims.payees import Entry, Remittance
from server.claims.services import (
    Service,
    member_key,
    member_number,
    payee,
    person_key,
    services_of,
)
from server.command import statements
from server.command.arrays import Column, Dates, Longs, Texts, Uuids
from server.command.books import Held, Issued, Loaded, Name
from server.command.reference import Reference
from server.command.requests import Key, Request

Trip = Callable[[Awaitable[Any]], Awaitable[Any]]
_LINKED: Final = frozenset({"7", "8"})


class Lookups:
    """The lookups of one batch, on the ledger's connection."""

    def __init__(
        self, cursor: psycopg.AsyncCursor[Any], trip: Trip, batch: Sequence[Request]
    ) -> None:
        self._cursor = cursor
        self._trip = trip
        self._batch = batch
        self.loaded = Loaded()

    async def named(self) -> set[Key]:
        """Return the claims that commands name otherwise than by id, to be locked with the rest."""
        keys: set[Key] = set()
        numbers = {
            (one.tenant_id, one.command.document.original_claim_number)
            for one in self._batch
            if isinstance(one.command, SubmitClaim)
            and one.command.document.frequency_code in _LINKED
        }
        for tenant, number, claim_id in await self._ask(statements.ORIGINALS, *_names(numbers)):
            self.loaded.originals[tenant, number] = claim_id
            keys.add((tenant, claim_id))
        failed = {
            (one.tenant_id, one.command.remittance_id)
            for one in self._batch
            if isinstance(one.command, ReportPaymentFailure)
        }
        for tenant, _, payload, sealed in await self._ask(statements.ISSUED, *_ids(failed)):
            told = _decoded(Remittance, payload, sealed)
            self.loaded.issued[tenant, told.remittance_id] = Issued(told, False, ())
            keys.update((tenant, one.claim_id) for one in told.claims)
        return keys

    async def lock_names(self, held: dict[Key, Held]) -> None:
        """Lock the persons and payees that the batch's decisions rest on, until its end."""
        names: set[tuple[str, UUID, str]] = set()
        for tenant, document, _ in self._treated(held):
            names.add(("person", tenant, person_key(document)))
        names |= {("payee", *name) for name in self._payees(held)}
        keys = sorted({_lock_key(*name) for name in names})
        if keys:
            await self._ask(statements.LOCK_NAMES, Longs(keys))

    async def figures(self, held: dict[Key, Held], reference: Reference) -> None:
        """Load what the decisions rest on, now that nobody else can change it."""
        treated = list(self._treated(held))
        await self._services(treated)
        members = {
            (tenant, member_key(member_number(document)))
            for tenant, document, _ in treated
            if tenant in reference.benefits.tenants_with_coverage
        }
        await self._coverages(members)
        await self._used(
            {(tenant, person_key(document)) for tenant, document, new in treated if not new}
        )
        await self._payments(self._payees(held))

    def _treated(self, held: dict[Key, Held]) -> Iterable[tuple[UUID, ClaimDocument, bool]]:
        """Yield tenant and document of each claim that comes in or is priced, and whether new."""
        for one in self._batch:
            if isinstance(one.command, SubmitClaim):
                yield one.tenant_id, one.command.document, True
            elif isinstance(one.command, AdjudicateClaim):
                found = held.get((one.tenant_id, one.command.claim_id))
                if found is not None:
                    yield one.tenant_id, found.claim.document, False

    def _payees(self, held: dict[Key, Held]) -> set[Name]:
        names: set[Name] = set()
        for one in self._batch:
            if isinstance(one.command, IssueRemittance):
                for claim_id in one.command.claim_ids:
                    found = held.get((one.tenant_id, claim_id))
                    if found is not None:
                        names.add((one.tenant_id, payee(found.claim.document)))
        for (tenant, _), issued in self.loaded.issued.items():
            names.add((tenant, issued.remittance.payee))
        return names

    async def _services(self, treated: Sequence[tuple[UUID, ClaimDocument, bool]]) -> None:
        asked: dict[Name, tuple[date, date]] = {}
        for tenant, document, _ in treated:
            days = [
                day
                for one in services_of(document)
                if one.from_date is not None
                for day in (one.from_date, one.through_date or one.from_date)
            ]
            name = (tenant, person_key(document))
            if not days or not name[1]:
                continue
            first, last = asked.get(name, (min(days), max(days)))
            asked[name] = min(first, *days), max(last, *days)
        columns = (
            *_names(asked),
            Dates(first for first, _ in asked.values()),
            Dates(last for _, last in asked.values()),
        )
        for row in await self._ask(statements.SERVICES, *columns):
            self.loaded.services.setdefault((row[0], row[1]), []).append(_service(row))

    async def _coverages(self, members: set[Name]) -> None:
        found: dict[Name, list[Coverage]] = {}
        for tenant, member, plan_id, first, last in await self._ask(
            statements.COVERAGES, *_names(members)
        ):
            span = Coverage(plan_id=plan_id, from_date=first, through_date=last)
            found.setdefault((tenant, member), []).append(span)
        self.loaded.coverages = {name: tuple(spans) for name, spans in found.items()}

    async def _used(self, persons: set[Name]) -> None:
        self.loaded.used = {name: {} for name in persons}
        for tenant, person, plan_id, year, deductible, out_of_pocket in await self._ask(
            statements.USED, *_names(persons)
        ):
            self.loaded.used[tenant, person][plan_id, year] = Used(
                deductible=deductible, out_of_pocket=out_of_pocket
            )

    async def _payments(self, payees: set[Name]) -> None:
        self.loaded.entries = {name: [] for name in payees}
        for tenant, paid_to, payload, sealed in await self._ask(
            statements.ENTRIES, *_names(payees)
        ):
            self.loaded.entries[tenant, paid_to].append(_decoded(Entry, payload, sealed))
        issued = self.loaded.issued
        for tenant, remittance_id, failed, payload, sealed in await self._ask(
            statements.ISSUED_SINCE,
            *_ids(issued),
            Texts(one.remittance.payee for one in issued.values()),
        ):
            one = issued[tenant, remittance_id]
            one.failed = failed
            if payload is not None:
                one.taken = (*one.taken, _decoded(Entry, payload, sealed))
        traces = {
            (one.tenant_id, one.command.trace_number)
            for one in self._batch
            if isinstance(one.command, IssueRemittance)
        }
        self.loaded.traces = {
            (tenant, trace) for tenant, trace in await self._ask(statements.TRACES, *_names(traces))
        }

    async def _ask(self, statement: str, *columns: Column) -> Sequence[Any]:
        """Return the rows of a statement, none without asking when its columns are empty."""
        if columns[0].empty:
            return ()
        await self._trip(self._cursor.execute(statement, columns, prepare=True))
        rows: Sequence[Any] = await self._cursor.fetchall()
        return rows


def _names(names: Iterable[Name]) -> tuple[Uuids, Texts]:
    known = list(names)
    return Uuids(name[0] for name in known), Texts(name[1] for name in known)


def _ids(keys: Iterable[Key]) -> tuple[Uuids, Uuids]:
    known = list(keys)
    return Uuids(key[0] for key in known), Uuids(key[1] for key in known)


def _lock_key(kind: str, tenant: UUID, name: str) -> int:
    """Return the advisory lock of a name: 64 bits of a hash, signed as Postgres has them."""
    digest = hashlib.sha256(f"{kind}\0{tenant}\0{name}".encode()).digest()
    return int.from_bytes(digest[:8], "big", signed=True)


def _decoded(kind: Any, payload: str, sealed: bytes | None) -> Any:
    return codec.decode(kind, json.loads(payload), json.loads(sealed) if sealed else None)


def _service(row: Sequence[Any]) -> Service:
    return Service(
        claim_id=row[2],
        line_number=row[3],
        provider=row[4],
        procedure_code=row[5],
        modifiers=tuple(one for one in row[6].split(",") if one),
        revenue_code=row[7],
        place_of_service_code=row[8],
        detail=row[9],
        from_date=row[10],
        through_date=row[11],
        charge=row[12],
        units=row[13],
        denied=str(row[3]) in row[14].split(","),
        decided=row[15],
    )
