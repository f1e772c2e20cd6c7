"""What a role may see: one place that takes out everything else (domain.md 2.4, P15).

Fields carry their class in the contract. For a message type and a set of classes the fields to take
out are found once; a caller who may see everything costs one look-up.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from functools import lru_cache
from typing import Any

from google.protobuf.descriptor import Descriptor, FieldDescriptor
from google.protobuf.message import Message

from claimflow.v1 import options_pb2 as o
from server.platform.contract import phi_class

PUBLIC = o.PHI_CLASS_PUBLIC
OPERATIONAL = o.PHI_CLASS_OPERATIONAL
FINANCIAL = o.PHI_CLASS_FINANCIAL
CLINICAL = o.PHI_CLASS_CLINICAL
DIRECT_ID = o.PHI_CLASS_DIRECT_ID
SENSITIVE = o.PHI_CLASS_SENSITIVE

_BASE = frozenset({PUBLIC, OPERATIONAL})
_CASE = _BASE | {FINANCIAL, CLINICAL, DIRECT_ID}


@dataclass(frozen=True, slots=True)
class Sight:
    """What one role sees: classes, and single fields of other classes by their full name."""

    classes: frozenset[int]
    also: frozenset[str] = frozenset()


_V1 = "claimflow.v1."
_CHARGES = frozenset(
    {
        f"{_V1}ClaimDocument.total_charge",
        f"{_V1}ServiceLine.charge",
        f"{_V1}AdjudicationLine.charge",
        f"{_V1}Claim.claim_number",
        f"{_V1}IngestedClaim.claim_number",
        f"{_V1}ClaimDocument.patient_control_number",
    }
)
_NAMES = frozenset(
    {f"{_V1}Person.{name}" for name in ("member_id", "last_name", "first_name", "middle_name")}
)

SIGHT: dict[int, Sight] = {
    # Their own claims only: the servers see to that.
    o.ROLE_SUBMITTER: Sight(_CASE | {SENSITIVE}),
    o.ROLE_PROVIDER_READER: Sight(_CASE | {SENSITIVE}),
    o.ROLE_MEMBER: Sight(_CASE | {SENSITIVE}),
    o.ROLE_EXAMINER: Sight(_CASE | {SENSITIVE}),
    o.ROLE_MEDICAL_REVIEWER: Sight(_BASE | {CLINICAL, DIRECT_ID, SENSITIVE}, _CHARGES),
    o.ROLE_SUPERVISOR: Sight(_CASE),
    o.ROLE_APPROVER: Sight(_CASE),
    o.ROLE_APPEALS_ANALYST: Sight(_CASE),
    o.ROLE_COB_SPECIALIST: Sight(_CASE),
    o.ROLE_SIU: Sight(_CASE),
    o.ROLE_FINANCE: Sight(_BASE | {FINANCIAL}, _NAMES),
    # Identifiers only with a stated reason: see `classes_of`.
    o.ROLE_AUDITOR: Sight(_BASE | {FINANCIAL, CLINICAL, SENSITIVE}),
    o.ROLE_INTAKE: Sight(_BASE),
    o.ROLE_ANALYST: Sight(_BASE),
    o.ROLE_ADMIN: Sight(_BASE),
    o.ROLE_PRIVACY_OFFICER: Sight(_BASE),
    o.ROLE_INDEXER: Sight(_BASE),
    o.ROLE_SYSTEM: Sight(_BASE),
}


@lru_cache(maxsize=1024)
def sight_of(roles: frozenset[int], break_glass: bool = False) -> Sight:
    """Return what a caller with these roles sees; an auditor's reason opens identifiers."""
    classes: set[int] = set()
    also: set[str] = set()
    for role in roles:
        classes |= SIGHT[role].classes
        also |= SIGHT[role].also
    if break_glass and o.ROLE_AUDITOR in roles:
        classes.add(DIRECT_ID)
    return Sight(frozenset(classes), frozenset(also))


def redact(message: Message, roles: frozenset[int], break_glass: bool = False) -> None:
    """Take out of a message, in place, what the roles may not see, and name the paths.

    The paths go to `redacted_fields` of the nearest message around that has it.
    """
    act = _redactor(message.DESCRIPTOR, sight_of(roles, break_glass))
    if act is not None:
        found: list[str] = []
        act(message, "", found)


_Act = Callable[[Any, str, list[str]], None]


@lru_cache(maxsize=8192)
def _redactor(descriptor: Descriptor, sight: Sight) -> _Act | None:
    """Return what takes forbidden fields out of a message type, None when there are none."""
    leaves = [field for field in descriptor.fields if _forbidden(field, sight)]
    gone = {field.name for field in leaves}
    nested = [
        (field.name, _repeated(field), act)
        for field in descriptor.fields
        if field.message_type is not None
        and field.name not in gone
        and not field.message_type.full_name.startswith("google.")
        and (act := _redactor(field.message_type, sight)) is not None
    ]
    names_paths = "redacted_fields" in descriptor.fields_by_name
    if not leaves and not nested:
        return None
    cleared = [(field.name, field.has_presence) for field in leaves]

    def take_out(message: Any, path: str, found: list[str]) -> None:
        inner: list[str] = [] if names_paths else found
        here = "" if names_paths else path
        for name, has_presence in cleared:
            if message.HasField(name) if has_presence else getattr(message, name):
                message.ClearField(name)
                inner.append(here + name)
        for name, is_list, step in nested:
            if is_list:
                for place, one in enumerate(getattr(message, name)):
                    step(one, f"{here}{name}[{place}].", inner)
            elif message.HasField(name):
                step(getattr(message, name), f"{here}{name}.", inner)
        if names_paths:
            message.redacted_fields.extend(inner)

    return take_out


def _forbidden(field: FieldDescriptor, sight: Sight) -> bool:
    phi = phi_class(field)
    return bool(phi) and phi not in sight.classes and field.full_name not in sight.also


def _repeated(field: FieldDescriptor) -> bool:
    return bool(field.is_repeated)


@lru_cache(maxsize=8192)
def classes_in(descriptor: Descriptor, sight: Sight) -> frozenset[int]:
    """Return the classes that a message type may release to a caller."""
    return frozenset(_classes(descriptor, ())) & sight.classes


def _classes(descriptor: Descriptor, seen: Iterable[str]) -> Iterable[int]:
    for field in descriptor.fields:
        if phi := phi_class(field):
            yield phi
        nested = field.message_type
        if nested is not None and nested.full_name not in seen:
            yield from _classes(nested, (*seen, nested.full_name))
