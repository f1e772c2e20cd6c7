"""What a decision needs besides the command and the claim: figures of other records.

Facts are loaded under the locks of the batch and come in as values; nothing here fetches.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date
from types import MappingProxyType
from uuid import UUID

from server.claims.benefits import Benefits, Coverage, Fee, Plan, Used
from server.claims.code_edits import CodeEdits
from server.claims.codes import Codes
from server.claims.model import Claim
from server.claims.payees import Entry, Remittance
from server.claims.policy import Policy
from server.claims.services import Service


class NoBenefits:
    """No plans and no fees are loaded."""

    def plan(self, plan_id: str, on: date) -> Plan | None:
        """There is none."""
        return None

    def fee(
        self, schedule_id: str, procedure_code: str, modifiers: tuple[str, ...], on: date
    ) -> Fee | None:
        """There is none."""
        return None


NO_BENEFITS = NoBenefits()


@dataclass(frozen=True, slots=True)
class Other:
    """Another claim of the same command, under lock, with the policy it is decided under."""

    claim: Claim
    policy: Policy


@dataclass(frozen=True, slots=True)
class Facts:
    """What a decision rests on besides the claim, loaded under its lock."""

    policy: Policy
    codes: Codes
    benefits: Benefits = NO_BENEFITS
    code_edits: CodeEdits | None = None  # None: no tables are loaded
    services: tuple[Service, ...] = ()  # of the person's other live claims on these days
    coverages: tuple[Coverage, ...] | None = None  # of the member; None: no table is loaded
    # What the person has used by plan and benefit year, this claim's own part included.
    used: Mapping[tuple[str, int], Used] = field(default_factory=lambda: MappingProxyType({}))
    original: Other | None = None  # the claim that a frequency 7 or 8 names
    # The claims of a remittance that is to be issued or has failed.
    others: Mapping[UUID, Other] = field(default_factory=lambda: MappingProxyType({}))
    entries: tuple[Entry, ...] = ()  # what stands open with the payee
    remittance: Remittance | None = None  # the one whose payment is said to have failed
    taken: tuple[Entry, ...] = ()  # what that remittance took from the payee
    payment_failed: bool = False  # of that remittance, reported before
    trace_number_used: bool = False  # another remittance has the one that is asked for
