"""Given what happened, when somebody asks, then this happens or it is refused."""

from __future__ import annotations

from dataclasses import dataclass
from functools import reduce

import pytest

from server.claims.commands import Command
from server.claims.decided import Decided
from server.claims.events import Event
from server.claims.facts import Facts
from server.claims.model import Claim
from server.claims.refusals import Refusal, Refused
from server.claims.workflow import decide, evolve
from tests.server.claims.cast import STRICT


@dataclass(frozen=True)
class Story:
    """A command that meets a claim."""

    claim: Claim | None
    command: Command
    facts: Facts

    def outcome(self) -> Decided:
        return decide(self.command, self.claim, self.facts)

    def decided(self) -> list[Event]:
        return events_of(self.command, self.claim, self.facts)

    def then(self, *events: Event) -> None:
        assert self.decided() == list(events)

    def leads_to(self) -> Claim:
        return play(self.command, claim=self.claim, facts=self.facts)

    def refuses(self, refusal: Refusal) -> Refused:
        with pytest.raises(Refused) as refused:
            self.decided()
        assert refused.value.refusal is refusal
        return refused.value


@dataclass(frozen=True)
class Given:
    """A claim with a past."""

    claim: Claim | None
    facts: Facts

    def when(self, command: Command) -> Story:
        return Story(self.claim, command, self.facts)


def events_of(command: Command, claim: Claim | None, facts: Facts) -> list[Event]:
    """What a command does to the claim that it is about."""
    decided = decide(command, claim, facts)
    return [*decided.events, *decided.by_system]


def given(claim: Claim | None = None, *events: Event, facts: Facts = STRICT) -> Given:
    return Given(fold(*events, claim=claim), facts)


def fold(*events: Event, claim: Claim | None = None) -> Claim | None:
    folded: Claim | None = reduce(evolve, events, claim)
    return folded


def play(*commands: Command, claim: Claim | None = None, facts: Facts = STRICT) -> Claim:
    """Carry out commands one after the other."""
    for command in commands:
        claim = fold(*events_of(command, claim, facts), claim=claim)
    assert claim is not None
    return claim
