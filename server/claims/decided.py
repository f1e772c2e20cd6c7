"""What a command leads to: events, by claim, and what goes into the books besides."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from types import MappingProxyType
from uuid import UUID

from server.claims.events import Event
from server.claims.payees import Entry, Remittance

# In whose name the rules act when nobody asks them to.
SYSTEM_ACTOR = "claimflow"
SYSTEM_ROLE = "SYSTEM"


@dataclass(frozen=True, slots=True, kw_only=True)
class Decided:
    """All that is written together or not at all (W11)."""

    events: tuple[Event, ...] = ()  # of the claim that the command is about
    by_system: tuple[Event, ...] = ()  # of the same claim, after those, in the system's name
    others: Mapping[UUID, tuple[Event, ...]] = field(default_factory=lambda: MappingProxyType({}))
    remittance: Remittance | None = None  # issued
    failed_remittance_id: UUID | None = None
    opened: tuple[Entry, ...] = ()  # what the payee's next remittance takes
    cancelled: tuple[UUID, ...] = ()  # entries that nothing will ever take
