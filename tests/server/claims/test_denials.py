"""When a claim is denied that has a line which charges nothing: M16."""

from __future__ import annotations

from collections.abc import Mapping

import pytest

from server.claims.model import AdjudicationLine, Decision
from tests.server.claims.cast import adjudicate, decided, denied, submit
from tests.server.claims.documents import professional
from tests.server.claims.dsl import play

# A line of 0.00 decides nothing; 5.00 are paid above its charge.
ABOVE = decided(2, "0.00", "5.00", "5.00", {"OA-94": "-5.00"})
NOTHING = decided(2, "0.00", "0.00", "0.00")


@pytest.mark.parametrize(
    ("free_line", "on_the_claim", "decision"),
    [
        (NOTHING, {}, Decision.DENIED),
        (ABOVE, {}, Decision.PARTIAL),
        (ABOVE, {"CO-253": "5.00"}, Decision.DENIED),
        (ABOVE, {"CO-253": "4.99"}, Decision.PARTIAL),
    ],
    ids=["nothing paid", "paid above", "all taken back", "all but a cent taken back"],
)
def test_m16_a_denial_pays_nothing_in_the_end(
    free_line: AdjudicationLine, on_the_claim: Mapping[str, str], decision: Decision
) -> None:
    claim = play(submit(professional("100.00", "0.00")))
    lines = (denied(1, "100.00", "CO-97"), free_line)
    made = play(adjudicate(*lines, adjustments=on_the_claim), claim=claim).adjudication
    assert made is not None and made.decision is decision
