"""The oracle of the end-to-end tests: every document as a fold of the audit table gives it."""

from __future__ import annotations

from typing import Any

import orjson
import psycopg
from psycopg.rows import dict_row

from projections.views.claims import claims_view
from projections.views.view import Document
from server.claims.records import recorded


def folded_documents(database_url: str, index_key: bytes) -> dict[str, dict[str, Any]]:
    """Return every claim's document by its id in the index."""
    view = claims_view(index_key)
    documents: dict[str, Document] = {}
    with psycopg.connect(database_url, row_factory=dict_row) as connection:
        rows = connection.execute(
            "select * from claimflow.claim_event order by tenant_id, claim_id, version"
        )
        for row in rows:
            name = f"{row['tenant_id']}/{row['claim_id']}"
            documents[name] = view.project(documents.get(name), recorded(row))
    return {name: orjson.loads(orjson.dumps(document)) for name, document in documents.items()}
