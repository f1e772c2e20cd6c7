"""Claims under appeal, and how an appeal may be decided."""

from __future__ import annotations

from typing import Any

from server.claims.events import AppealFiled
from server.claims.model import Appeal, AppealOutcome, Claim
from tests.server.claims.cast import SECOND_APPEAL, STRICT, decide_appeal, file_appeal
from tests.server.claims.dsl import given, play
from tests.server.claims.pasts import DENIED

OVERTURNED, PARTLY, UPHELD = (
    AppealOutcome.OVERTURNED,
    AppealOutcome.PARTLY_OVERTURNED,
    AppealOutcome.UPHELD,
)
APPEALED = play(file_appeal(), claim=DENIED)
FIRST_UPHELD = play(decide_appeal(), claim=APPEALED)
SECOND_LEVEL = play(file_appeal(2, SECOND_APPEAL), claim=FIRST_UPHELD)


def filed(claim: Claim, *, facts: Any = STRICT, **fields: Any) -> Appeal:
    (event,) = given(claim, facts=facts).when(file_appeal(**fields)).decided()
    assert isinstance(event, AppealFiled)
    return event.appeal
