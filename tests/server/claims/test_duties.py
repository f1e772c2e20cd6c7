"""Who may give which command, and which ask for a reason: domain.md 1.3 and 1.4, W4."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest

from claimflow.v1 import command_service_pb2, options_pb2
from server.claims.commands import Reason
from server.claims.model import State
from server.claims.permissions import PERMISSIONS
from server.claims.refusals import Refusal, Refused
from server.claims.workflow import ALLOWED, OF_MANY, REASONED
from tests.server.claims import legality
from tests.server.claims.cast import BECAUSE, CLARA, OTTO, file_appeal, void
from tests.server.claims.dsl import Story, given, play
from tests.server.claims.pasts import DENIED, REJECTED, with_note_and_lease
from tests.server.claims.test_matrix import FITTING, MATRIX

ROLES = tuple(
    value.name.removeprefix("ROLE_") for value in options_pb2.Role.DESCRIPTOR.values if value.number
)
KINDS = {kind.__name__: kind for kind in ALLOWED}
METHODS = command_service_pb2.DESCRIPTOR.services_by_name["CommandService"].methods_by_name
UNREASONED = (None, Reason(text="words without a code"))


def fitting(name: str) -> Story:
    """A story of a command that is carried out, in the first state that allows it."""
    cells = zip(State, MATRIX[name].split(), strict=True)
    states = [state for state, cell in cells if cell == "Y"]
    if not states:  # it makes the claim
        return replace(FITTING[name](with_note_and_lease(State.ACCEPTED)), claim=None)
    return FITTING[name](with_note_and_lease(states[0]))


def permission_in_contract(name: str) -> str:
    declared: Any = options_pb2.method
    policy = METHODS[name].GetOptions().Extensions[declared]
    return options_pb2.Permission.Name(policy.permission).removeprefix("PERMISSION_")


def refusal_of(story: Story, **changes: Any) -> Refused | None:
    try:
        replace(story, command=replace(story.command, **changes)).decided()
    except Refused as refused:
        return refused
    return None


@pytest.mark.parametrize("name", KINDS)
def test_w4_a_command_is_given_by_its_roles_alone(name: str) -> None:
    story, may = fitting(name), legality.WHO[name].split()
    for role in ROLES:
        refused = refusal_of(story, role=role)
        missing = refused is not None and refused.refusal is Refusal.PERMISSION_MISSING
        assert missing is (role not in may), role


@pytest.mark.parametrize("name", KINDS)
def test_w4_permission_is_asked_before_anything_else(name: str) -> None:
    for claim in (None, with_note_and_lease(State.REJECTED)):
        asked = replace(fitting(name), claim=claim)
        refused = refusal_of(asked, role="AUDITOR", expected_version=99, reason=None)
        assert refused is not None and refused.refusal is Refusal.PERMISSION_MISSING


# No method records a breach: the system alone does.
@pytest.mark.parametrize("name", sorted(set(KINDS) & set(METHODS)))
def test_a_command_asks_for_the_permission_that_its_method_declares(name: str) -> None:
    refused = refusal_of(fitting(name), role="AUDITOR")
    assert refused is not None
    assert refused.facts == {"permission": permission_in_contract(name)}


@pytest.mark.parametrize("name", KINDS)
def test_w4_a_reason_is_asked_where_it_is_marked(name: str) -> None:
    story = fitting(name)
    assert story.decided()
    for reason in UNREASONED:
        refused = refusal_of(story, reason=reason)
        if name in legality.REASONED.split():
            assert refused is not None and refused.refusal is Refusal.REASON_REQUIRED
            assert refused.field_path == "reason.code"
        else:
            assert refused is None


def test_what_is_said_of_the_commands_is_of_commands() -> None:
    assert {kind.__name__ for kind in PERMISSIONS} == set(KINDS) == set(legality.WHO)
    assert {kind.__name__ for kind in REASONED} == set(legality.REASONED.split())
    assert {kind.__name__ for kind in OF_MANY} == {"IssueRemittance", "ReportPaymentFailure"}


def test_what_is_not_theirs_is_not_there_whatever_else_is_wrong() -> None:
    story = given(REJECTED).when(void(OTTO, expected_version=99, reason=None))
    assert story.refuses(Refusal.CLAIM_NOT_FOUND).facts == {}


def test_version_state_reason_and_guards_are_looked_at_in_this_order() -> None:
    everything_wrong = void(CLARA, expected_version=99, reason=None)
    given(REJECTED).when(everything_wrong).refuses(Refusal.VERSION_MISMATCH)
    current = replace(everything_wrong, expected_version=REJECTED.version)
    given(REJECTED).when(current).refuses(Refusal.TRANSITION_NOT_ALLOWED)
    appealed = play(file_appeal(), claim=DENIED)
    allowed = replace(everything_wrong, expected_version=appealed.version)
    given(appealed).when(allowed).refuses(Refusal.REASON_REQUIRED)
    reasoned = replace(allowed, reason=BECAUSE)
    given(appealed).when(reasoned).refuses(Refusal.APPEAL_OPEN)
