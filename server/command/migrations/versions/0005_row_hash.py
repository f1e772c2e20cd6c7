"""A claim's row carries a hash of itself, and the worker may begin an epoch as well."""

from pathlib import Path

from alembic import op

revision = "0005"
down_revision = "0004"

_FOLDER = Path(__file__).parent


def upgrade() -> None:
    """Create everything; the SQL stands beside, to be read as SQL."""
    driver = op.get_bind().connection.driver_connection
    assert driver is not None, "migrations run on a connection"
    driver.execute((_FOLDER / "0005_row_hash.sql").read_text("utf-8"))


def downgrade() -> None:
    """Refuse: an edit by hand would go unseen."""
    raise RuntimeError("what shows an edit by hand is not taken away")
