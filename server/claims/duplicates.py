"""Duplicates (domain.md 1.9): edits E10 and E11, and the key that two live claims never share.

A claim is compared with the services of the same person's other live claims, finished and in
process. An exact duplicate bills the same service again; a suspect one may do so, and a person
looks at it. Of two claims either both or none would find something with the other.
"""

from __future__ import annotations

import hashlib
from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from uuid import UUID

from server.claims.document import ClaimDocument
from server.claims.edits import Fault, Submission
from server.claims.services import Service, person_key, services_of

# The rules of suspicion, which a policy chooses from; both together are the rule of domain.md 1.9.
SAME_PROVIDER = "SAME_PROVIDER"  # of anything on a common day
SAME_PROCEDURE = "SAME_PROCEDURE"  # by anyone on a common day

_SEPARATOR = "\x1f"


def exact_duplicate(submission: Submission) -> Iterator[Fault]:
    """E10: not every service line is billed by other claims already."""
    if _all_exact(submission):
        yield "service_lines", "other claims bill every service line of this claim already"


def suspect_duplicate(submission: Submission) -> Iterator[Fault]:
    """E11: no single line is billed already, may be billed already, or repeats another line.

    A claim that is an exact duplicate as a whole needs no person's look.
    """
    if _all_exact(submission):
        return
    own = services_of(submission.document)
    rules = submission.policy.duplicates
    exact = _exact(own, submission.services)
    suspected = _suspected(own, submission.services, rules.rules, rules.separating_modifiers)
    repeated = _repeated(submission.document, own)
    for place in range(len(own)):
        path = f"service_lines[{place}]"
        if place in exact:
            yield path, "another claim bills this service line already"
        elif place in suspected:
            yield path, "another claim may bill this service line already"
        if place in repeated:
            yield path, "the service line repeats another one of this claim"


def exact_duplicate_lines(
    document: ClaimDocument, services: Iterable[Service]
) -> Mapping[int, UUID]:
    """Return the claim that bills the same, for each line number that has one (1.9).

    Every other line stands for one own line: two equal lines need two equal ones elsewhere.
    """
    own = services_of(document)
    return {own[place].line_number: claim for place, claim in _exact(own, services).items()}


def suspects(
    document: ClaimDocument,
    services: Sequence[Service],
    *,
    rules: Collection[str],
    separating: Collection[str],
) -> Mapping[int, UUID]:
    """Return the claim that may bill the same, for each line number that has one (1.9).

    A line that is an exact duplicate is none besides. Lines that differ in a modifier of
    `separating`, such as LT and RT, are kept apart.
    """
    own = services_of(document)
    exact = _exact(own, services)
    return {
        own[place].line_number: claim
        for place, claim in _suspected(own, services, rules, separating).items()
        if place not in exact
    }


def repeated_lines(document: ClaimDocument) -> tuple[int, ...]:
    """Return the numbers of lines that bill what an earlier line of the claim bills (1.9)."""
    own = services_of(document)
    return tuple(own[place].line_number for place in _repeated(document, own))


def duplicate_key(document: ClaimDocument) -> str:
    """Return what exact duplicates have in common, whatever the order of their lines (1.9).

    It is "" for a claim that is never found to be an exact duplicate: of an unknown person, without
    lines, or with an undated one.
    """
    person = person_key(document)
    keys = sorted(service.key for service in services_of(document))
    if not person or not keys or not all(keys):
        return ""
    return hashlib.sha256(_SEPARATOR.join((person, document.type, *keys)).encode()).hexdigest()


def _all_exact(submission: Submission) -> bool:
    own = services_of(submission.document)
    return bool(own) and len(_exact(own, submission.services)) == len(own)


def _exact(own: Sequence[Service], services: Iterable[Service]) -> Mapping[int, UUID]:
    """Return the other claim by place in `own`."""
    waiting: dict[str, list[UUID]] = {}
    for claim, service in _others(services):
        if key := service.key:
            waiting.setdefault(key, []).append(claim)
    found = {}
    for place, service in enumerate(own):
        if claims := waiting.get(service.key):
            found[place] = claims.pop(0)
    return found


def _suspected(
    own: Sequence[Service],
    services: Iterable[Service],
    rules: Collection[str],
    separating: Collection[str],
) -> Mapping[int, UUID]:
    """Return the other claim by place in `own`."""
    # Long bills have few kinds of lines, and only those are compared each with each.
    others: dict[Service, UUID] = {}
    for claim, service in _others(services):
        others.setdefault(_kind(service, separating), claim)
    kinds = [_kind(service, separating) for service in own]
    named = {
        kind: next((claim for other, claim in others.items() if _suspect(kind, other, rules)), None)
        for kind in set(kinds)
    }
    return {
        place: suspect for place, kind in enumerate(kinds) if (suspect := named[kind]) is not None
    }


def _kind(service: Service, separating: Collection[str]) -> Service:
    """Return what suspicion looks at: who did what and when, and the modifiers that separate."""
    return Service(
        line_number=0,
        provider=service.provider,
        # What hospitals bill without a procedure, such as a room, is told by its revenue code.
        procedure_code=service.procedure_code or service.revenue_code,
        modifiers=tuple(sorted(set(service.modifiers).intersection(separating))),
        from_date=service.from_date,
        through_date=service.through_date,
    )


def _suspect(one: Service, other: Service, rules: Collection[str]) -> bool:
    return (
        (
            (SAME_PROVIDER in rules and one.provider == other.provider != "")
            or (SAME_PROCEDURE in rules and one.procedure_code == other.procedure_code != "")
        )
        and one.modifiers == other.modifiers
        and one.overlaps(other)
    )


def _repeated(document: ClaimDocument, own: Sequence[Service]) -> Sequence[int]:
    """Return the places of repetitions; another tooth or drug is another service."""
    seen = set()
    found = []
    for place, service in enumerate(own):
        line = document.service_lines[place]
        what = (service.key, line.tooth, line.drug)
        if what in seen:
            found.append(place)
        elif service.key:
            seen.add(what)
    return found


def _others(services: Iterable[Service]) -> Sequence[tuple[UUID, Service]]:
    """Return services with their claims in a fixed order, so that the same one is always named."""
    known = [(each.claim_id, each) for each in services if each.claim_id is not None]
    return sorted(known, key=lambda each: (each[0], each[1].line_number))
