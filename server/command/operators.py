"""What an operator changes by hand: tenants, policies, the age of receipts."""

from __future__ import annotations

from datetime import date
from pathlib import Path
from uuid import UUID

import psycopg

from server.command.files import json_tree
from server.command.migrate import bump, put_policy


def set_policy(
    database_url: str, tenant_id: UUID, policy_set: str, name: str = "", *, if_new: bool = False
) -> bool:
    """Give a tenant a policy set, or only a tenant that has none; say whether it was done.

    Raises `LookupError` when there is no such set.
    """
    with psycopg.connect(database_url) as connection:
        known = connection.execute(
            "SELECT 1 FROM claimflow.policy WHERE policy_set = %s LIMIT 1", (policy_set,)
        ).fetchone()
        if known is None:
            raise LookupError(f"there is no policy set {policy_set!r}")
        changed = connection.execute(
            "INSERT INTO claimflow.tenant AS t (tenant_id, name, policy_set) VALUES (%s, %s, %s)"
            " ON CONFLICT (tenant_id) DO UPDATE SET policy_set = excluded.policy_set,"
            " name = CASE excluded.name WHEN '' THEN t.name ELSE excluded.name END"
            " WHERE NOT %s",
            (tenant_id, name, policy_set, if_new),
        ).rowcount
        if changed:
            bump(connection)
    return bool(changed)


def load_policy(
    database_url: str,
    policy_set: str,
    file: Path,
    *,
    effective_from: date,
    line_of_business: str,
    jurisdiction: str,
    reason: str,
    recorded_by: str = "",
) -> int | None:
    """Store a policy file; return its version, None when the same is stored already.

    Raises `BadFile` when the file is no JSON, `UnworkablePolicy` when it is no policy or one that
    strands claims.
    """
    body = json_tree(file)
    with psycopg.connect(database_url) as connection:
        return put_policy(
            connection,
            policy_set,
            line_of_business,
            jurisdiction,
            effective_from,
            body,
            reason=reason,
            recorded_by=recorded_by,
        )


def purge_receipts(database_url: str, older_than_days: int) -> int:
    """Delete receipts that nobody has asked for since so many days; return how many.

    A command whose receipt is gone can be carried out again under the same request id.
    """
    with psycopg.connect(database_url) as connection:
        connection.execute("SET ROLE claimflow_maintenance")
        purged = connection.execute(
            "DELETE FROM claimflow.command_receipt"
            " WHERE created_at < now() - make_interval(days => %(days)s)"
            " AND touched_at < now() - make_interval(days => %(days)s)",
            {"days": older_than_days},
        ).rowcount
        # A position is kept as long as a receipt names its batch; batches and receipts age alike.
        connection.execute(
            "DELETE FROM claimflow.commit_position AS p"
            " WHERE p.created_at < now() - make_interval(days => %(days)s)"
            " AND NOT EXISTS (SELECT FROM claimflow.command_receipt AS r"
            "                  WHERE r.batch_id = p.batch_id)",
            {"days": older_than_days},
        )
    return purged
