"""What holds for every remittance: it comes back as it was written, and no cent moves unseen."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from dataclasses import fields, is_dataclass, replace
from decimal import Decimal
from typing import Any

from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from claimflow.remittance import (
    CannotWrite,
    Remittance,
    RemittedClaim,
    check,
    in_writing_order,
    is_balanced,
    read,
    reversal_of,
    write,
)
from tests.clients.remittance.strategies import cents, claims, remittances
from tests.clients.remittance.support import INTERCHANGE, SOUND

# A remittance is large: drawing one takes most of the time, and more on a machine at work.
some = settings(max_examples=40, deadline=None, suppress_health_check=[HealthCheck.too_slow])


@some
@given(st.lists(remittances(), min_size=1, max_size=2))
def test_what_is_written_is_read_again_without_a_problem(written: list[Remittance]) -> None:
    reading = read(write(written, INTERCHANGE))
    assert reading.problems == ()
    assert reading.remittances == tuple(map(in_writing_order, written))


@settings(deadline=None)
@given(st.text(min_size=1, max_size=60))
def test_a_text_is_refused_or_comes_back(text: str) -> None:
    remittance = replace(SOUND, trace_number=text)
    try:
        written = write([remittance], INTERCHANGE)
    except CannotWrite as refusal:
        assert refusal.args[0].startswith("TRN02 ")
    else:
        assert read(written).remittances == (remittance,)


@some
@given(remittances())
def test_the_order_of_writing_is_only_another_order(remittance: Remittance) -> None:
    ordered = in_writing_order(remittance)
    assert in_writing_order(ordered) == ordered
    assert Counter(ordered.provider_adjustments) == Counter(remittance.provider_adjustments)
    assert Counter(map(_unordered, ordered.claims)) == Counter(map(_unordered, remittance.claims))
    kinds = [claim.is_reversal for claim in ordered.claims]
    assert kinds == sorted(kinds, reverse=True)


def _unordered(claim: RemittedClaim) -> tuple[object, ...]:
    lines = [
        (replace(line, adjustments=()), frozenset(Counter(line.adjustments).items()))
        for line in claim.lines
    ]
    rest = replace(claim, adjustments=(), lines=())
    return rest, frozenset(Counter(claim.adjustments).items()), tuple(lines)


@some
@given(remittances())
def test_m5_what_balances_is_balanced(remittance: Remittance) -> None:
    assert is_balanced(check(remittance))


@some
@given(remittances(), cents(-500, 500).filter(bool), st.data())
def test_m3_m4_m5_m6_no_amount_can_change_unseen(
    remittance: Remittance, change: Decimal, data: st.DataObject
) -> None:
    path = data.draw(st.sampled_from(list(_balanced(remittance))), label="path")
    assert not is_balanced(check(_moved(remittance, path, change)))


Path = tuple[str | int, ...]


def _balanced(value: Any, path: Path = ()) -> Iterator[Path]:
    """Yield the path of every amount that is in a balance."""
    if isinstance(value, Decimal) and path[-1] in ("amount", "charge", "paid"):
        yield path
    elif isinstance(value, tuple):
        for index, item in enumerate(value):
            yield from _balanced(item, (*path, index))
    elif is_dataclass(value):
        for field in fields(value):
            yield from _balanced(getattr(value, field.name), (*path, field.name))
    if isinstance(value, RemittedClaim) and not value.is_reversal:
        yield (*path, "patient_responsibility")


def _moved(value: Any, path: Path, by: Decimal) -> Any:
    if not path:
        return (value or Decimal()) + by
    head, rest = path[0], path[1:]
    if isinstance(head, int):
        return (*value[:head], _moved(value[head], rest, by), *value[head + 1 :])
    return replace(value, **{head: _moved(getattr(value, head), rest, by)})


@some
@given(claims(1))
def test_m17_a_reversal_of_a_reversal_has_the_amounts_of_the_claim(claim: RemittedClaim) -> None:
    twice = reversal_of(reversal_of(claim))
    assert replace(twice, status_code=claim.status_code) == claim
    assert reversal_of(claim).paid == -claim.paid


@settings(deadline=None)
@given(st.binary(max_size=300))
def test_anything_at_all_is_read_or_told(content: bytes) -> None:
    reading = read(content)
    assert reading.remittances or reading.problems


@some
@given(remittances(), st.data())
def test_a_file_that_lost_a_segment_says_so(remittance: Remittance, data: st.DataObject) -> None:
    segments = write([remittance], INTERCHANGE).split("~")[:-1]
    lost = data.draw(st.integers(0, len(segments) - 1), label="lost segment")
    reading = read("".join(part + "~" for n, part in enumerate(segments) if n != lost))
    assert reading.problems
