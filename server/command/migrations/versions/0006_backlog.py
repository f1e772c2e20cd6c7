"""How many events wait for a view."""

from pathlib import Path

from alembic import op

revision = "0006"
down_revision = "0005"

_FOLDER = Path(__file__).parent


def upgrade() -> None:
    """Create index and function; the SQL stands beside, to be read as SQL."""
    driver = op.get_bind().connection.driver_connection
    assert driver is not None, "migrations run on a connection"
    driver.execute((_FOLDER / "0006_backlog.sql").read_text("utf-8"))


def downgrade() -> None:
    """Take both away."""
    op.execute("DROP FUNCTION claimflow.events_since(timestamptz, bigint)")
    op.execute("DROP INDEX claimflow.claim_event_recorded")
