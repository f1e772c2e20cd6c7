"""From values of the rules to messages, with everything in them; redaction comes after.

The document's classes mirror the contract field by field, so converters are built from both once,
at import; what has another name on the wire stands in `RENAMED`. A field without a place in the
contract, or the other way round, fails the import.
"""

from __future__ import annotations

import types
from collections.abc import Callable
from dataclasses import fields, is_dataclass
from datetime import date, datetime
from decimal import Decimal
from enum import Enum
from typing import Any, Union, get_args, get_origin, get_type_hints
from uuid import UUID

from google.type.date_pb2 import Date

from claimflow.v1 import claim_pb2, remittance_pb2
from server.claims import model, payees
from server.query.values import timestamp

Convert = Callable[[Any], Any]

RENAMED: dict[type, dict[str, str]] = {
    model.Claim: {
        "received_at": "receive_time",
        "decided_at": "decide_time",
        "breached_at": "breach_time",
        "remitted": "payment",
    },
    model.Adjudication: {
        "number": "adjudication_number",
        "hash": "adjudication_hash",
        "by": "adjudicator",
        "at": "adjudicate_time",
    },
    model.Approval: {"approved_at": "approve_time"},
    model.Pend: {"opened_at": "open_time", "resolved_at": "resolve_time"},
    model.InformationRequest: {"requested_at": "request_time", "closed_at": "close_time"},
    model.Attachment: {"linked_at": "link_time"},
    model.Note: {"created_at": "create_time"},
    model.Hold: {"placed_at": "place_time", "released_at": "release_time"},
    model.Appeal: {"filed_at": "file_time", "closed_at": "close_time"},
    model.Overpayment: {"recorded_at": "record_time"},
    payees.Remittance: {"issued_at": "issue_time"},
}
# What rules keep for themselves, and what `claim_message` puts together.
NOT_SENT: dict[type, frozenset[str]] = {
    model.Claim: frozenset(
        {
            "adjudications", "final_paid", "final_shares", "deciders", "duplicate_key", "reversed",
            "remitted_adjudication", "reopenings", "queue", "assignee", "lease_until",
        }
    ),
    model.Remitted: frozenset({"interest_rate", "interest_days", "first_paid_on"}),
    payees.ProviderAdjustment: frozenset({"entry_id", "claim_id"}),
}  # fmt: skip


def claim_message(
    claim: model.Claim, *, head_hash: bytes, updated_at: datetime, policy_version: int
) -> claim_pb2.Claim:
    """Return a claim as the contract has it, with what its last event says in the envelope."""
    message: claim_pb2.Claim = _CLAIM(claim)
    message.head_hash = head_hash.hex()
    message.update_time.CopyFrom(timestamp(updated_at))
    message.policy_version = policy_version
    if claim.queue or claim.assignee:
        message.assignment.queue = claim.queue
        message.assignment.assignee = claim.assignee
        if claim.lease_until is not None:
            message.assignment.lease_expire_time.CopyFrom(timestamp(claim.lease_until))
    return message


def remittance_message(
    remittance: payees.Remittance, *, content_hash: bytes, failed_at: datetime | None
) -> remittance_pb2.Remittance:
    """Return a remittance as the contract has it, with its hash and when its payment failed."""
    message: remittance_pb2.Remittance = _REMITTANCE(remittance)
    message.content_hash = content_hash.hex()
    if failed_at is not None:
        message.fail_time.CopyFrom(timestamp(failed_at))
    return message


def enum_number(enum: Any, name: str) -> int:
    """Return the number of a name without its prefix; 0 for one that the contract does not have."""
    prefix = enum.values_by_number[0].name.removesuffix("UNSPECIFIED")
    found = enum.values_by_name.get(prefix + name)
    return found.number if found else 0


def _message(kind: type, descriptor: Any) -> Convert:
    """Return what turns a dataclass into a message."""
    renamed = RENAMED.get(kind, {})
    skipped = NOT_SENT.get(kind, frozenset())
    hints = get_type_hints(kind)
    plan = []
    for one in fields(kind):
        if one.name in skipped:
            continue
        name = renamed.get(one.name, one.name)
        target = descriptor.fields_by_name[name]
        plan.append((one.name, name, _converter(hints[one.name], target)))
    make: Any = descriptor._concrete_class

    def run(value: Any) -> Any:
        arguments = {}
        for source, name, convert in plan:
            each = getattr(value, source)
            if each is not None and each != "" and each != ():
                arguments[name] = convert(each)
        return make(**arguments)

    return run


def _converter(kind: Any, target: Any) -> Convert:
    if get_origin(kind) in (Union, types.UnionType):
        kind = next(one for one in get_args(kind) if one is not type(None))
    if get_origin(kind) is tuple:
        item = _converter(get_args(kind)[0], target)
        return lambda values: [item(each) for each in values]
    if is_dataclass(kind) and isinstance(kind, type):
        return _message(kind, target.message_type)
    if target.enum_type is not None:  # also roles, which the rules keep as text
        numbers = _numbers(target.enum_type)
        return lambda value: numbers.get(value.value if isinstance(value, Enum) else value, 0)
    if kind is datetime:
        return timestamp
    if kind is date:
        return lambda day: Date(year=day.year, month=day.month, day=day.day)
    if kind is Decimal:
        return lambda number: format(number, "f")
    if kind is UUID:
        return str
    return _same


def _numbers(enum: Any) -> dict[str, int]:
    prefix = enum.values_by_number[0].name.removesuffix("UNSPECIFIED")
    return {one.name.removeprefix(prefix): one.number for one in enum.values}


def _same(value: Any) -> Any:
    return value


_CLAIM = _message(model.Claim, claim_pb2.Claim.DESCRIPTOR)
_REMITTANCE = _message(payees.Remittance, remittance_pb2.Remittance.DESCRIPTOR)
