"""All views that a worker keeps: a new one is a file with a mapping, a fold and a name."""

from __future__ import annotations

from collections.abc import Mapping

from projections.views.appeals import APPEALS_VIEW
from projections.views.claims import claims_view
from projections.views.notes import NOTES_VIEW
from projections.views.remittances import REMITTANCES_VIEW
from projections.views.view import View


def all_views(index_key: bytes) -> Mapping[str, View]:
    """Return the views by name, with identifiers hashed under a key."""
    views = (claims_view(index_key), REMITTANCES_VIEW, APPEALS_VIEW, NOTES_VIEW)
    return {view.name: view for view in views}
