"""Remittances are in the change feed too, for views of them."""

from pathlib import Path

from alembic import op

revision = "0004"
down_revision = "0003"

_FOLDER = Path(__file__).parent


def upgrade() -> None:
    """Publish them; the SQL stands beside, to be read as SQL."""
    driver = op.get_bind().connection.driver_connection
    assert driver is not None, "migrations run on a connection"
    driver.execute((_FOLDER / "0004_feed.sql").read_text("utf-8"))


def downgrade() -> None:
    """Refuse: a view that is fed from them would miss what comes."""
    raise RuntimeError("what a view is fed from is not taken out of the feed")
