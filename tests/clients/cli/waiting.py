"""What the tests of long runs share: claims that wait, as a search finds them."""

from __future__ import annotations

from datetime import date
from decimal import Decimal
from typing import Any

from claimflow.client import values
from claimflow.v1 import query_service_pb2 as query
from claimflow.v1.claim_pb2 import Claim


def a_claim(name: str, **fields: Any) -> Claim:
    """Return a claim as a search shows it, payable to one of all."""
    document = {
        "currency_code": "USD",
        "payer": {"payer_id": "P1"},
        "billing_provider": {"npi": "1234567893"},
        **fields.pop("document", {}),
    }
    plain = {
        "claim_id": name,
        "state": "APPROVED",
        "receipt_date": date(2026, 1, 5),
        "adjudication": {"adjudication_number": 1, "paid": Decimal("10.00")},
        "document": document,
    }
    return values.build(Claim, {**plain, **fields})


def search(servers: Any, *claims: Claim) -> None:
    """Let a search find these, two a page."""
    pages = [claims[begin : begin + 2] for begin in range(0, len(claims), 2)] or [()]
    servers.on(
        "SearchClaims",
        *(
            query.SearchClaimsResponse(
                claims=page,
                total_size=len(claims),
                next_page_token=f"P{number}" if number < len(pages) else "",
            )
            for number, page in enumerate(pages, start=1)
        ),
    )


def summary(told: Any) -> dict[str, Any]:
    found: dict[str, Any] = told.documents[-1]["summary"]
    return found
