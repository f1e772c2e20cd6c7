"""What pends and requests for information make of a claim, and its state by them (W7)."""

from __future__ import annotations

from dataclasses import replace
from typing import Any
from uuid import UUID

import pytest

from server.claims import sla
from server.claims.events import (
    ClaimPended,
    InformationReceived,
    InformationRequested,
    InformationRequestExpired,
    PendResolved,
)
from server.claims.evolution import evolve
from server.claims.model import Claim, InformationRequestStatus, Pend, State
from server.claims.pends import WORKED_ON, state_by_open_work
from tests.server.claims.folds import (
    CLOSED_PRICING,
    EXPIRED_REQUEST,
    FIRST_REQUEST,
    FULL,
    NOW,
    OPEN_DUPLICATE,
    OPEN_PRICING,
    SECOND_REQUEST,
    Fold,
    changed,
    request,
)

NO_REQUEST = replace(FULL, state=State.PENDED, information_requests=(EXPIRED_REQUEST,))
NO_WORK = replace(NO_REQUEST, state=State.ACCEPTED, pends=(CLOSED_PRICING,))
ONE_PEND = replace(NO_REQUEST, pends=(CLOSED_PRICING, OPEN_PRICING))
ONE_REQUEST = replace(FULL, information_requests=(EXPIRED_REQUEST, FIRST_REQUEST))
REQUEST_ALONE = replace(ONE_REQUEST, pends=(CLOSED_PRICING,))
PAID = replace(FULL, state=State.PAID)

_OPENED = Pend(code="FRAUD_REVIEW", opened_by="sid", opened_at=NOW)
_PENDED = ClaimPended(code="FRAUD_REVIEW", by="sid", at=NOW)
_RESOLVED = PendResolved(code="PRICING", by="mia", at=NOW)
_PRICED = replace(OPEN_PRICING, resolved_by="mia", resolved_at=NOW)

PENDS = [
    Fold("pended while asked", FULL, _PENDED, changed(FULL, pends=(*FULL.pends, _OPENED))),
    Fold(
        "pended",
        NO_WORK,
        _PENDED,
        changed(NO_WORK, state=State.PENDED, pends=(CLOSED_PRICING, _OPENED)),
    ),
    Fold("pended when paid", PAID, _PENDED, changed(PAID, pends=(*PAID.pends, _OPENED))),
    Fold(
        "resolved while asked",
        FULL,
        _RESOLVED,
        changed(FULL, pends=(CLOSED_PRICING, _PRICED, OPEN_DUPLICATE)),
    ),
    Fold(
        "one of two resolved",
        NO_REQUEST,
        _RESOLVED,
        changed(NO_REQUEST, pends=(CLOSED_PRICING, _PRICED, OPEN_DUPLICATE)),
    ),
    Fold(
        "the last one resolved",
        ONE_PEND,
        _RESOLVED,
        changed(ONE_PEND, state=State.ACCEPTED, pends=(CLOSED_PRICING, _PRICED)),
    ),
    Fold("resolved once more", NO_WORK, _RESOLVED, changed(NO_WORK)),
]

_ASKED = request(4)
_RECEIVED = replace(FIRST_REQUEST, status=InformationRequestStatus.RECEIVED, closed_at=NOW)
_EXPIRED = replace(FIRST_REQUEST, status=InformationRequestStatus.EXPIRED, closed_at=NOW)
_ANSWER = InformationReceived(information_request_id=UUID(int=0x601), at=NOW)
_END = InformationRequestExpired(information_request_id=UUID(int=0x601), at=NOW)

INFORMATION = [
    Fold(
        "asked again",
        FULL,
        InformationRequested(request=_ASKED),
        changed(FULL, information_requests=(*FULL.information_requests, _ASKED)),
    ),
    Fold(
        "asked",
        NO_REQUEST,
        InformationRequested(request=_ASKED),
        changed(
            NO_REQUEST,
            state=State.INFO_REQUESTED,
            information_requests=(EXPIRED_REQUEST, _ASKED),
        ),
    ),
    Fold(
        "one of two answered",
        FULL,
        _ANSWER,
        changed(FULL, information_requests=(EXPIRED_REQUEST, _RECEIVED, SECOND_REQUEST)),
    ),
    Fold(
        "the last one answered, pended",
        ONE_REQUEST,
        _ANSWER,
        changed(ONE_REQUEST, state=State.PENDED, information_requests=(EXPIRED_REQUEST, _RECEIVED)),
    ),
    Fold(
        "the last one answered",
        REQUEST_ALONE,
        _ANSWER,
        changed(
            REQUEST_ALONE, state=State.ACCEPTED, information_requests=(EXPIRED_REQUEST, _RECEIVED)
        ),
    ),
    Fold(
        "one of two expired",
        FULL,
        _END,
        changed(FULL, information_requests=(EXPIRED_REQUEST, _EXPIRED, SECOND_REQUEST)),
    ),
    Fold(
        "the last one expired",
        REQUEST_ALONE,
        _END,
        changed(
            REQUEST_ALONE, state=State.ACCEPTED, information_requests=(EXPIRED_REQUEST, _EXPIRED)
        ),
    ),
]

FOLDS = [*PENDS, *INFORMATION]


@pytest.mark.parametrize("one", [pytest.param(one, id=one.name) for one in FOLDS])
def test_an_event_changes_these_fields_alone(one: Fold) -> None:
    assert evolve(one.before, one.event) == one.after


@pytest.mark.parametrize("state", State)
def test_w7_open_work_moves_a_claim_that_is_worked_on(state: State) -> None:
    expected = {
        FULL: State.INFO_REQUESTED,
        NO_REQUEST: State.PENDED,
        REQUEST_ALONE: State.INFO_REQUESTED,
        NO_WORK: State.ACCEPTED,
    }
    worked_on = state in {State.ACCEPTED, State.PENDED, State.INFO_REQUESTED}
    assert (state in WORKED_ON) is worked_on
    for claim, asked_for in expected.items():
        told = state_by_open_work(replace(claim, state=state))
        assert told is (asked_for if worked_on else state)


@pytest.mark.parametrize("claim", [ONE_PEND, REQUEST_ALONE], ids=["a pend", "a request"])
def test_a_pend_alone_and_a_request_alone_keep_a_claim_open(claim: Claim) -> None:
    bare: dict[str, Any] = {"adjudication": None, "appeals": (), "holds": (), "remitted": None}
    assert sla.has_open_work(replace(claim, **bare))
    assert not sla.has_open_work(replace(NO_WORK, **bare))
