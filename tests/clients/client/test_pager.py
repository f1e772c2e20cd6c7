"""Lists follow their pages."""

from __future__ import annotations

from typing import Any

from claimflow.v1.claim_pb2 import Claim
from claimflow.v1.query_service_pb2 import (
    ClaimEvent,
    GetClaimHistoryResponse,
    SearchClaimsResponse,
)


def page(*ids: str, following: str = "") -> SearchClaimsResponse:
    claims = [Claim(claim_id=claim_id) for claim_id in ids]
    return SearchClaimsResponse(claims=claims, next_page_token=following, total_size=3)


def test_a_search_yields_the_claims_of_all_pages(talk: Any) -> None:
    call = talk.begin(lambda: [claim.claim_id for claim in talk.client.search_claims("x = 1")])
    first, _ = talk.answer("SearchClaims", page("a", "b", following="P2"))
    second, _ = talk.answer("SearchClaims", page("c"))
    assert call.result() == ["a", "b", "c"]
    assert (first.page_token, second.page_token) == ("", "P2")
    assert first.filter == second.filter == "x = 1"


def test_pages_yields_whole_replies(talk: Any) -> None:
    pager = talk.client.search_claims(count_total=True)
    call = talk.begin(lambda: [reply.total_size for reply in pager.pages()])
    talk.answer("SearchClaims", page("a", following="P2"))
    talk.answer("SearchClaims", page("b"))
    assert call.result() == [3, 3]


def test_a_page_is_asked_for_only_when_it_is_needed(talk: Any) -> None:
    call = talk.begin(lambda: next(iter(talk.client.search_claims())).claim_id)
    talk.answer("SearchClaims", page("a", following="P2"))
    assert call.result() == "a"


def test_an_empty_page_in_the_middle_is_no_end(talk: Any) -> None:
    call = talk.begin(lambda: [claim.claim_id for claim in talk.client.search_claims()])
    talk.answer("SearchClaims", page(following="P2"))
    talk.answer("SearchClaims", page("a"))
    assert call.result() == ["a"]


def test_a_history_follows_its_pages(talk: Any) -> None:
    call = talk.begin(lambda: [event.version for event in talk.client.get_claim_history("c-1")])
    talk.answer(
        "GetClaimHistory",
        GetClaimHistoryResponse(events=[ClaimEvent(version=1)], next_page_token="P2"),
    )
    second, _ = talk.answer(
        "GetClaimHistory", GetClaimHistoryResponse(events=[ClaimEvent(version=2)])
    )
    assert call.result() == [1, 2]
    assert (second.claim_id, second.page_token) == ("c-1", "P2")
