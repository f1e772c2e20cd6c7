"""The first tables, with their guards, roles and publication."""

from pathlib import Path

from alembic import op

revision = "0001"
down_revision = None

_FOLDER = Path(__file__).parent


def upgrade() -> None:
    """Create everything; the SQL stands beside, to be read as SQL."""
    driver = op.get_bind().connection.driver_connection
    assert driver is not None, "migrations run on a connection"
    for part in ("tables", "guards", "access"):
        driver.execute((_FOLDER / f"0001_{part}.sql").read_text("utf-8"))


def downgrade() -> None:
    """Refuse: there is nothing before the first migration but losing every claim."""
    raise RuntimeError("drop the schema by hand if losing every claim is what you want")
