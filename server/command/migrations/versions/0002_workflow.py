"""Services, benefits, limits and payments, with their guards and roles."""

from pathlib import Path

from alembic import op

revision = "0002"
down_revision = "0001"

_FOLDER = Path(__file__).parent


def upgrade() -> None:
    """Create everything; the SQL stands beside, to be read as SQL."""
    driver = op.get_bind().connection.driver_connection
    assert driver is not None, "migrations run on a connection"
    for part in ("money", "benefits", "guards", "access"):
        driver.execute((_FOLDER / f"0002_{part}.sql").read_text("utf-8"))


def downgrade() -> None:
    """Refuse: what was paid must not be forgotten."""
    raise RuntimeError("payments and limits are not to be forgotten; drop the tables by hand")
