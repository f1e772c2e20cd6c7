"""Which reason codes demand what: a table that changes with the code lists, so never in a rule."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field


@dataclass(frozen=True, kw_only=True)
class CodePolicy:
    """What the published code lists demand of adjustments, as of 2025."""

    # Reason codes that say nothing without a remark code (M11).
    remark_required: frozenset[str] = frozenset({"16", "96", "129", "226", "227", "252", "A1"})
    # Reason codes that go with some groups only (M12).
    groups: Mapping[str, frozenset[str]] = field(
        default_factory=lambda: {
            "1": frozenset({"PR"}),
            "2": frozenset({"PR"}),
            "3": frozenset({"PR"}),
            "18": frozenset({"OA"}),
            "23": frozenset({"OA"}),
            "45": frozenset({"CO", "PR"}),
        }
    )
    # Claim status codes of a payer that pays after another one (C5).
    secondary_statuses: frozenset[str] = frozenset({"2", "3", "20", "21"})
    # The effect of earlier payers.
    earlier_payers: tuple[str, str] = ("OA", "23")


CODE_POLICY = CodePolicy()
