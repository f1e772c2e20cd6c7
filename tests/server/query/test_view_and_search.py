"""View and search meet in the document's field names: what the one writes, the other reads."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any
from uuid import uuid4

import pytest

from claimflow.v1 import claim_pb2
from projections.views.claims import claims_view
from server.claims import records
from server.command.migrate import migrate
from server.query.basic import strip
from server.query.documents import claim_of
from server.query.fields import FIELDS
from server.query.history_wire import claim_message
from tests.server.query import sample, store

NOT_INDEXED = (
    ".notes",
    ".document.patient_control_number",
    ".document.subscriber",
    ".pends[0].resolved_by",
)


@pytest.fixture
def written(create_database: Callable[[], str]) -> store.Written:
    url = create_database()
    migrate(url)
    return store.write(url, sample.TENANT, store.life(uuid4(), "CMINE1"))


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


def test_a_claim_from_the_index_is_the_claim_from_postgres(written: store.Written) -> None:
    document = None
    view = claims_view(sample.INDEX_KEY)
    for place, row in enumerate(written.rows):
        document = view.project(document, records.recorded(row))
        assert document is not None
        from_index = leaves(claim_of(document))
        whole = claim_message(
            written.folds[place],
            head_hash=row["hash"],
            updated_at=row["recorded_at"],
            policy_version=row["policy_version"],
        )
        strip(whole)
        from_postgres = leaves(whole)
        assert {k: v for k, v in from_index.items() if from_postgres.get(k) != v} == {}
        missing = set(from_postgres) - set(from_index)
        # What an index document does not hold, by its definition.
        assert not {path for path in missing if not path.startswith(NOT_INDEXED)}
    assert document is not None and claim_of(document).state == claim_pb2.CLAIM_STATE_APPROVED


def mapped(properties: Any, path: str) -> bool:
    node: Any = {"properties": properties}
    for part in path.split("."):
        node = node.get("properties", {}).get(part)
        if node is None:
            return False
    return True


@pytest.mark.parametrize("name", FIELDS)
def test_every_searchable_field_is_in_the_mapping(name: str) -> None:
    mapping: Any = claims_view(sample.INDEX_KEY).mapping
    assert mapped(mapping["properties"], FIELDS[name].path)
