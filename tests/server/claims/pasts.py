"""Claims in each state, as commands bring them there."""

from __future__ import annotations

from collections.abc import Mapping

from server.claims.events import ClaimReceived
from server.claims.model import Claim, State
from server.claims.workflow import evolve
from tests.server.claims.cast import (
    BEA,
    BOB,
    PAYS_NOTHING,
    PAYS_SOME,
    STRICT,
    adjudicate,
    approve,
    assign,
    close,
    correct,
    decided,
    finalize,
    issue,
    note,
    pend,
    professional,
    request_information,
    service_line,
    submit,
    void,
)
from tests.server.claims.dsl import events_of, play

BIG = professional("30000.00")
BIG_LINE = decided(1, "30000.00", "30000.00", "30000.00")
MIDDLE = professional("6000.00")
MIDDLE_LINE = decided(1, "6000.00", "6000.00", "6000.00")

_received = events_of(submit(), None, STRICT)[0]
assert isinstance(_received, ClaimReceived)
RECEIVED = evolve(None, _received)
REJECTED = play(submit(professional("10.00", service_lines=(service_line(1, "11.00"),))))
ACCEPTED = play(submit())
PENDED = play(pend(), claim=ACCEPTED)
INFO_REQUESTED = play(request_information(), claim=ACCEPTED)
ADJUDICATED = play(adjudicate(), claim=ACCEPTED)
PENDING_APPROVAL = play(submit(BIG), adjudicate(BIG_LINE))
PENDING_ONE_APPROVAL = play(submit(MIDDLE), adjudicate(MIDDLE_LINE))
_once = play(approve(PENDING_APPROVAL, BOB), claim=PENDING_APPROVAL)
APPROVED = play(approve(_once, BEA), claim=_once)
PARTIAL = play(adjudicate(*PAYS_SOME), finalize(), claim=ACCEPTED)  # pays 80.00 of 150.00
DENIED = play(adjudicate(*PAYS_NOTHING), finalize(), claim=ACCEPTED)
PAID = play(issue(PARTIAL), claim=PARTIAL)
TOLD = play(issue(DENIED), claim=DENIED)  # a denial that a remittance has told
CLOSED = play(close(), claim=PAID)
VOIDED = play(void(), claim=PAID)
REPLACED = play(correct(PAID), claim=PAID)

PASTS: Mapping[State, Claim] = {
    State.RECEIVED: RECEIVED,
    State.REJECTED: REJECTED,
    State.ACCEPTED: ACCEPTED,
    State.PENDED: PENDED,
    State.INFO_REQUESTED: play(pend(), claim=INFO_REQUESTED),
    State.ADJUDICATED: ADJUDICATED,
    State.PENDING_APPROVAL: PENDING_APPROVAL,
    State.APPROVED: APPROVED,
    State.DENIED: DENIED,
    State.PAID: PAID,
    State.CLOSED: CLOSED,
    State.VOIDED: VOIDED,
    State.REPLACED: REPLACED,
}


def with_note_and_lease(state: State) -> Claim:
    """A claim in a state, with a note, and leased where that is possible."""
    claim = play(note(), claim=PASTS[state])
    try_lease = state in {
        State.ACCEPTED,
        State.PENDED,
        State.INFO_REQUESTED,
        State.ADJUDICATED,
        State.PENDING_APPROVAL,
    }
    return play(assign(), claim=claim) if try_lease else claim
