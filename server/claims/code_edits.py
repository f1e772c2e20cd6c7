"""Code edits: which services are not paid beside each other, and how many a day (domain.md 1.10).

PTP: of two services that one provider renders to one person on one day, the code of column 2 is
part of the code of column 1. MUE: so many units of a code are plausible and no more.

A service that is denied neither pairs nor uses units, also when it is denied here. So codes are
gone through from column 1 to column 2, and what is left of one code decides on the next: the
outcome depends on no order of lines, and applying the edits to what they leave denies nothing more.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Iterable, Mapping, Sequence, Set
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from fractions import Fraction
from typing import Final, Protocol

from server.claims.services import Service

# Modifier indicators of pairs: 0 is absolute.
ALLOWED: Final = 1  # a modifier sets the pair aside
NOT_ACTIVE: Final = 9  # the pair was taken back for all its days

# Adjudication indicators of limits: 2 is of all lines of a day, absolute.
PER_LINE: Final = 1  # of each line by itself
PER_DAY_CLINICAL: Final = 3  # of a day, unless documents show that it was so


@dataclass(frozen=True, slots=True, kw_only=True)
class PtpPair:
    """A row of the pair table, in force from the first to the last day, both included."""

    column_1: str
    column_2: str
    effective_from: date
    deleted_on: date | None = None
    modifier_indicator: int

    @property
    def edit_id(self) -> str:
        """What a denied line names as its reason."""
        return f"PTP:{self.column_1}/{self.column_2}"

    def active(self, on: date) -> bool:
        """Tell whether the pair is in force on a day."""
        if self.modifier_indicator == NOT_ACTIVE or on < self.effective_from:
            return False
        return self.deleted_on is None or on <= self.deleted_on


@dataclass(frozen=True, slots=True, kw_only=True)
class MueLimit:
    """A row of the unit table, in force from the first to the last day, both included."""

    code: str
    max_units: Decimal
    adjudication_indicator: int  # MAI
    effective_from: date
    effective_to: date | None = None

    def active(self, on: date) -> bool:
        """Tell whether the limit is in force on a day."""
        if on < self.effective_from:
            return False
        return self.effective_to is None or on <= self.effective_to


class CodeEdits(Protocol):
    """The loaded tables of pairs and units."""

    @property
    def version(self) -> int:
        """The reference version of the last load; named in every adjudication priced by it."""

    def pairs(self, code_1: str, code_2: str, on: date) -> PtpPair | None:
        """Return the row of a column 1 and a column 2 code on a day, when there is one."""

    def limit(self, code: str, on: date) -> MueLimit | None:
        """Return the row of a code on a day, when there is one."""


@dataclass(frozen=True, slots=True)
class _Rival:
    """A service that takes the place of another one, and by which pair."""

    place: int
    edit_id: str


def code_edit_denials(
    own: Sequence[Service],
    others: Iterable[Service],
    edits: CodeEdits,
    allowed_modifiers: Collection[str],
    documented: bool,
) -> Mapping[int, tuple[str, ...]]:
    """Return the edit ids of each own line that is denied, such as "PTP:99213/36415", "MUE:99213".

    All services are of one person. What other claims hold is decided and stays as it is, also where
    it would lose to an own line. `documented`: documents stand for units above a clinical limit.
    """
    lines = [one for one in own if _takes_part(one)]
    services = lines + [one for one in others if _takes_part(one)]
    rivals = _rivals(lines, services, edits, frozenset(allowed_modifiers))
    waiting = set(range(len(lines)))
    kept = set(range(len(lines), len(services)))
    denied: dict[int, tuple[str, ...]] = {}
    while waiting:
        ready = _ready(waiting, services, rivals)
        waiting -= ready
        # Rivals among `ready` are there only when the table contradicts itself: then none is paid.
        standing = kept | ready
        for place in ready:
            if ids := {one.edit_id for one in rivals[place] if one.place in standing}:
                denied[place] = tuple(sorted(ids))
        left = ready - denied.keys()
        for group in _alike(left | kept, services):
            for place in _implausible(group & left, group, services, edits, documented):
                denied[place] = (f"MUE:{services[place].procedure_code}",)
        kept |= left - denied.keys()
    return {lines[place].line_number: ids for place, ids in denied.items()}


def _takes_part(service: Service) -> bool:
    return service.from_date is not None and not service.denied


def _rivals(
    lines: Iterable[Service],
    services: Sequence[Service],
    edits: CodeEdits,
    allowed: frozenset[str],
) -> Sequence[Sequence[_Rival]]:
    """Return the services in column 1, for each own line in column 2."""
    together: dict[tuple[str, date | None], dict[str, list[int]]] = {}
    for place, one in enumerate(services):
        # Nobody knows whether two services of an unknown provider are of the same one. A service of
        # several days is taken at its first: that another one shares a later day proves nothing.
        if one.provider:
            codes = together.setdefault((one.provider, one.from_date), defaultdict(list))
            codes[one.procedure_code].append(place)
    found: list[list[_Rival]] = []
    for one in lines:
        rivals: list[_Rival] = []
        assert one.from_date is not None, "undated services take no part"
        for code, places in together.get((one.provider, one.from_date), {}).items():
            if code == one.procedure_code:
                continue
            pair = edits.pairs(code, one.procedure_code, one.from_date)
            if pair is None or not pair.active(one.from_date):
                continue
            rivals += [
                _Rival(place, pair.edit_id)
                for place in places
                if not _set_aside(pair, services[place], one, allowed)
            ]
        found.append(rivals)
    return found


def _set_aside(pair: PtpPair, first: Service, second: Service, allowed: frozenset[str]) -> bool:
    """Tell whether a modifier says that the two services were apart.

    It may stand on either one: since July 2019 Medicare reads it in both columns (CR 11168).
    """
    if pair.modifier_indicator != ALLOWED:
        return False
    return not allowed.isdisjoint(first.modifiers + second.modifiers)


def _ready(
    waiting: Set[int], services: Sequence[Service], rivals: Sequence[Sequence[_Rival]]
) -> set[int]:
    """Return all services of the codes that no waiting code stands in column 1 of."""
    held_up = {
        services[place].procedure_code
        for place in waiting
        if any(one.place in waiting for one in rivals[place])
    }
    return {place for place in waiting if services[place].procedure_code not in held_up} or set(
        waiting
    )


def _alike(places: Iterable[int], services: Sequence[Service]) -> Iterable[Set[int]]:
    """Return the groups of services whose units are counted together."""
    groups: dict[tuple[str, str, int], set[int]] = defaultdict(set)
    for place in places:
        one = services[place]
        # Again, what nobody knows the provider of is counted by itself.
        groups[one.provider, one.procedure_code, -1 if one.provider else place].add(place)
    return groups.values()


def _implausible(
    own: Set[int],
    group: Set[int],
    services: Sequence[Service],
    edits: CodeEdits,
    documented: bool,
) -> set[int]:
    """Return the own services of a group that are beyond a limit, alone or with the others.

    A sum over services of several days is largest where one of them begins.
    """
    found = set()
    (code,) = {services[place].procedure_code for place in group}
    for day in sorted({_days(services[place])[0] for place in group}):
        here = {place for place in group if _covers(services[place], day)}
        limit = edits.limit(code, day)
        if limit is None or not limit.active(day):
            continue
        if limit.adjudication_indicator == PER_LINE:
            found |= {one for one in here if _a_day(services[one]) > limit.max_units}
            continue
        overridden = limit.adjudication_indicator == PER_DAY_CLINICAL and documented
        if not overridden and sum(_a_day(services[one]) for one in here) > limit.max_units:
            found |= here
    return found & own


def _a_day(service: Service) -> Fraction:
    """Return the units of one day; a service without units is one."""
    first, last = _days(service)
    units = Decimal(1) if service.units is None else service.units
    return Fraction(units) / ((last - first).days + 1)


def _covers(service: Service, day: date) -> bool:
    first, last = _days(service)
    return first <= day <= last


def _days(service: Service) -> tuple[date, date]:
    assert service.from_date is not None, "undated services take no part"
    return service.from_date, max(service.from_date, service.through_date or service.from_date)
