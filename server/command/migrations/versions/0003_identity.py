"""Whom a position belongs to: the store's epochs, and what holds its log back."""

from pathlib import Path

from alembic import op

revision = "0003"
down_revision = "0002"

_FOLDER = Path(__file__).parent


def upgrade() -> None:
    """Create everything; the SQL stands beside, to be read as SQL."""
    driver = op.get_bind().connection.driver_connection
    assert driver is not None, "migrations run on a connection"
    for part in ("epochs", "oldest"):
        driver.execute((_FOLDER / f"0003_{part}.sql").read_text("utf-8"))


def downgrade() -> None:
    """Refuse: positions of an epoch that is forgotten would be taken for another's."""
    raise RuntimeError("epochs are not to be forgotten")
