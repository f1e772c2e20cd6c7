"""GetRemittance and GetMemberAccumulators: whose they are, and what is read of them.

An outside party sees a remittance when every claim on it is their own, so what it says of other
people's claims is told to nobody. A member sees their own limits: another member's number finds
none, as a number finds none that nobody has.
"""

from __future__ import annotations

from collections.abc import Sequence
from uuid import UUID

from claimflow.v1 import errors_pb2, options_pb2, query_service_pb2
from server.platform.errors import Failure
from server.query.caller import Caller
from server.query.history import History, Snapshot
from server.query.history_money import Paid, accumulators_of, remittance_of
from server.query.named import member_number_of


async def read_remittance(
    history: History, key: UUID | str, caller: Caller
) -> tuple[Paid, Snapshot]:
    """Return the remittance of an id or a trace number; REMITTANCE_NOT_FOUND when not theirs."""
    paid, snapshot = await remittance_of(history, caller.scope.tenant_id, key)
    if paid is None or not await _owned(history, paid, caller):
        raise Failure(errors_pb2.ERROR_REASON_REMITTANCE_NOT_FOUND)
    return paid, snapshot


async def _owned(history: History, paid: Paid, caller: Caller) -> bool:
    if caller.scope.own is None:
        return True
    claim_ids = paid.claim_ids
    # Who submitted a claim and who bills for it stand since its receipt.
    claims, _ = await history.claims(caller.scope.tenant_id, claim_ids)
    owned = [
        claim_id in claims and caller.owns(claims[claim_id].message()) for claim_id in claim_ids
    ]
    return bool(owned) and all(owned)


def member_asked_for(
    request: query_service_pb2.GetMemberAccumulatorsRequest, caller: Caller
) -> str:
    """Return whose limits are asked for; a MEMBER who names nobody asks for their own."""
    identity = caller.identity
    own = identity.member_id if options_pb2.ROLE_MEMBER in identity.roles else ""
    return member_number_of(request.member_id or own)


async def read_accumulators(
    history: History, member_number: str, caller: Caller
) -> tuple[Sequence[query_service_pb2.Accumulator], Snapshot]:
    """Return what a member has used of each plan's limits, as far as the caller may know."""
    found, snapshot = await accumulators_of(history, caller.scope.tenant_id, member_number)
    mine = caller.scope.own is None or any(
        caller.blind("member", member_number) in values for _, values in caller.scope.own
    )
    return (found if mine else []), snapshot
