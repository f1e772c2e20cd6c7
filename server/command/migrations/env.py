"""Alembic's entry: runs the migrations on the connection that `migrate.py` hands over."""

from alembic import context

from server.command import tables_benefits, tables_feed, tables_money  # noqa: F401  of the same metadata
from server.command.tables import SCHEMA, metadata

context.configure(
    connection=context.config.attributes["connection"],
    target_metadata=metadata,
    version_table_schema=SCHEMA,
    transaction_per_migration=False,
)
with context.begin_transaction():
    context.run_migrations()
