"""Places and fair shares (R2, P18, P19)."""

from __future__ import annotations

from contextlib import ExitStack

import pytest

from claimflow.v1 import errors_pb2
from server.platform.admission import Admission
from server.platform.errors import Failure


def fill(admission: Admission, places: ExitStack, tenant: str, wanted: int) -> int:
    """Take as many places as are given, at most as many as wanted; return how many."""
    for taken in range(wanted):
        try:
            places.enter_context(admission.place(tenant))
        except Failure:
            return taken
    return wanted


def test_a_tenant_alone_leaves_a_quarter() -> None:
    with ExitStack() as places:
        assert fill(Admission(100), places, "a", 200) == 75


def test_a_newcomer_finds_a_place_beside_one_that_takes_all_it_can() -> None:
    admission = Admission(100)
    with ExitStack() as places:
        fill(admission, places, "a", 200)

        assert fill(admission, places, "b", 10) == 10
        assert fill(admission, places, "a", 1) == 0


def test_full_is_full() -> None:
    admission = Admission(4)
    with ExitStack() as places:
        for tenant in "abcd":
            fill(admission, places, tenant, 1)

        with pytest.raises(Failure) as caught, admission.place("e"):
            raise AssertionError("there is no place")

    assert caught.value.reason == errors_pb2.ERROR_REASON_SERVER_OVERLOADED
    assert caught.value.retry_after_s is not None


def test_who_is_above_the_share_hears_so() -> None:
    admission = Admission(4)
    with ExitStack() as places:
        fill(admission, places, "a", 3)

        with pytest.raises(Failure) as caught, admission.place("a"):
            raise AssertionError("there is no place")

    assert caught.value.reason == errors_pb2.ERROR_REASON_RATE_LIMITED


def test_one_place_can_be_taken() -> None:
    with ExitStack() as places:
        assert fill(Admission(1), places, "a", 2) == 1


def test_all_places_come_back_also_after_a_fault() -> None:
    admission = Admission(4)
    with pytest.raises(KeyError), admission.place("a"):
        raise KeyError

    assert admission.taken == 0
    with ExitStack() as places:
        assert fill(admission, places, "b", 3) == 3
