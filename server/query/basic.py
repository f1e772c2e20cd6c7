"""The BASIC view: a claim without direct identifiers and sensitive fields, whoever asks.

What comes from the index has none anyway; what Postgres gives in its place is brought to the same.
"""

from __future__ import annotations

from collections.abc import Callable
from functools import cache
from typing import Any

from google.protobuf.descriptor import Descriptor

from claimflow.v1 import claim_pb2
from server.platform.contract import phi_class
from server.query.fields import DIRECT_ID, SENSITIVE

_TAKEN = frozenset({DIRECT_ID, SENSITIVE})

_Act = Callable[[Any], None]


def strip(claim: claim_pb2.Claim) -> None:
    """Take out of a claim, in place, what the BASIC view does not have."""
    if (take := _stripper(claim.DESCRIPTOR)) is not None:
        take(claim)


@cache
def _stripper(descriptor: Descriptor) -> _Act | None:
    taken = [field.name for field in descriptor.fields if phi_class(field) in _TAKEN]
    nested = [
        (field.name, field.is_repeated, inner)
        for field in descriptor.fields
        if field.message_type is not None
        and not field.message_type.full_name.startswith("google.")
        and (inner := _stripper(field.message_type)) is not None
    ]
    if not taken and not nested:
        return None

    def act(message: Any) -> None:
        for name in taken:
            message.ClearField(name)
        for name, is_list, step in nested:
            if is_list:
                for one in getattr(message, name):
                    step(one)
            elif message.HasField(name):
                step(getattr(message, name))

    return act
