"""View and search meet in the document's field names: what the one writes, the other reads."""

from __future__ import annotations

import random
from collections.abc import Callable
from typing import Any
from uuid import UUID, uuid4

import pytest

from projections.views.claims import claims_view
from projections.views.view import Document
from server.claims import records
from server.claims.events import Event, Recorded
from server.claims.evolution import evolve
from server.claims.model import Claim
from server.command.migrate import migrate
from server.query.basic import strip
from server.query.documents import claim_of
from server.query.fields import FIELDS
from server.query.history_wire import claim_message
from tests.server.query import paying, sample, store

# What an index document does not hold, by its definition.
NOT_INDEXED = (
    ".notes",
    ".document.patient_control_number",
    ".document.subscriber",
    ".document.original_claim_number",
    ".document.service_lines[0].prior_payer_lines",
    ".pends[0].resolved_by",
)


@pytest.fixture
def url(create_database: Callable[[], str]) -> str:
    url = create_database()
    migrate(url)
    return url


def leaves(message: Any, path: str = "") -> dict[str, Any]:
    found: dict[str, Any] = {}
    for field, value in message.ListFields():
        here = f"{path}.{field.name}"
        many = list(value) if field.is_repeated else [value]
        for place, one in enumerate(many):
            name = f"{here}[{place}]" if field.is_repeated else here
            if field.message_type is not None:
                found |= leaves(one, name)
            else:
                found[name] = one
    return found


def agree(document: Document, fold: Claim, recorded: Recorded) -> None:
    """Assert that a document shows what the fold of the same events shows in the BASIC view."""
    from_index = leaves(claim_of(document))
    whole = claim_message(
        fold,
        head_hash=recorded.hash,
        updated_at=recorded.recorded_at,
        policy_version=recorded.policy_version,
    )
    strip(whole)
    from_postgres = leaves(whole)
    assert {k: v for k, v in from_index.items() if from_postgres.get(k) != v} == {}
    missing = set(from_postgres) - set(from_index)
    assert not {path for path in missing if not path.startswith(NOT_INDEXED)}


@pytest.mark.parametrize("life", [store.life, paying.whole_life])
def test_a_claim_from_the_index_is_the_claim_from_postgres(
    url: str, life: Callable[[UUID, str], list[Event]]
) -> None:
    written = store.write(url, sample.TENANT, life(uuid4(), "CMINE1"))
    document: Document | None = None
    view = claims_view(sample.INDEX_KEY)
    for fold, row in zip(written.folds, written.rows, strict=True):
        recorded = records.recorded(row)
        document = view.project(document, recorded)
        agree(document, fold, recorded)


@pytest.mark.parametrize("seed", range(40))
def test_whatever_happens_to_a_claim_its_document_says_what_its_fold_says(seed: int) -> None:
    rng = random.Random(seed)
    view = claims_view(sample.INDEX_KEY)
    claim_id = uuid4()
    events: list[Event] = [*paying.whole_life(claim_id, "CANY")[:2]]
    events += rng.choices(paying.unlikely(claim_id), k=60)
    document: Document | None = None
    fold: Claim | None = None
    for event in events:
        try:
            after = evolve(fold, event)
        except AssertionError:
            continue  # what no history holds: a decision on nothing, money back of nothing
        recorded = envelope(event, after)
        document = view.project(document, recorded)
        agree(document, after, recorded)
        fold = after


def envelope(event: Event, after: Claim) -> Recorded:
    return Recorded(
        tenant_id=sample.TENANT,
        claim_id=after.claim_id,
        version=after.version,
        event_id=uuid4(),
        event=event,
        from_state=None,
        to_state=after.state,
        actor="ana",
        role="EXAMINER",
        request_id=uuid4(),
        reason_code=None,
        policy_version=1,
        recorded_at=paying.AT,
        prev_hash=bytes(32),
        hash=bytes(32),
    )


def mapped(properties: Any, path: str) -> bool:
    node: Any = {"properties": properties}
    for part in path.split("."):
        node = node.get("properties", {}).get(part)
        if node is None:
            return False
    return True


@pytest.mark.parametrize("name", FIELDS)
def test_every_searchable_field_is_in_the_mapping(name: str) -> None:
    mapping: Any = claims_view(sample.INDEX_KEY).index_mapping()
    assert mapped(mapping["properties"], FIELDS[name].path)
