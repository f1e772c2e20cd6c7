"""Every statement of the hot path, as SQL, with a sentence for each."""

from __future__ import annotations

from typing import Final

# The connection of a writer: the role without privileges, plans that stay on the keys whatever the
# statistics of a young table say, and no wait without an end.
SESSION: Final = """
    SET ROLE claimflow_command;
    SET enable_seqscan = off;
    SET enable_hashjoin = off;
    SET enable_mergejoin = off;
    SET lock_timeout = '5s';
    SET idle_in_transaction_session_timeout = '30s'"""

# A transaction for these tenants and no others; ids are written out, so that it is one trip.
BEGIN: Final = "BEGIN; SELECT set_config('app.tenants', '{{{tenants}}}', true)"

_CLAIM: Final = (
    "c.tenant_id, c.claim_id, c.version, c.head_hash, c.document, c.sealed, c.updated_at,"
    " c.policy_version"
)

# Locks and loads every claim the batch names, in the order asked, which is key order, so that two
# batches cannot deadlock. LATERAL here and below: a plan made while a table was young must not
# become one that begins with the table.
LOCK_CLAIMS: Final = f"""
    SELECT found.*
      FROM unnest(%b::uuid[], %b::uuid[]) AS asked (tenant_id, claim_id)
     CROSS JOIN LATERAL (
           SELECT {_CLAIM}
             FROM claimflow.claim AS c
            WHERE c.tenant_id = asked.tenant_id AND c.claim_id = asked.claim_id
              FOR UPDATE) AS found"""

# Locks the longest waiting claims of a queue that nobody holds, passing by what others have locked.
PICK_CLAIMS: Final = f"""
    SELECT {_CLAIM}
      FROM claimflow.claim AS c
     WHERE c.tenant_id = %b AND c.queue = %b
       AND c.state IN ('ACCEPTED', 'PENDED', 'INFO_REQUESTED', 'ADJUDICATED', 'PENDING_APPROVAL')
       AND (c.lease_until IS NULL OR c.lease_until <= %b)
       AND c.claim_id <> ALL (%b::uuid[])
     ORDER BY c.received_at, c.claim_id
     LIMIT %b
       FOR UPDATE OF c SKIP LOCKED"""

# The version of policies and codes, and the receipts there are for the batch's request ids. A
# statement of its own, after the locks: it sees what was committed while they were waited for.
RECEIPTS: Final = """
    SELECT v.version, r.tenant_id, r.request_id, r.method, r.actor, r.payload_hash, r.claim_id,
           r.version, r.reply, r.batch_id, r.created_at,
           pg_wal_lsn_diff(p.lsn, '0/0')::bigint
      FROM claimflow.reference_version AS v
      LEFT JOIN (unnest(%b::uuid[], %b::uuid[]) AS asked (tenant_id, request_id)
                 CROSS JOIN LATERAL (
                       SELECT * FROM claimflow.command_receipt AS one
                        WHERE one.tenant_id = asked.tenant_id
                          AND one.request_id = asked.request_id OFFSET 0) AS r
                  LEFT JOIN claimflow.commit_position AS p ON p.batch_id = r.batch_id) ON true"""

# What one request has caused, by the claim's key.
EVENTS_OF_REQUEST: Final = """
    SELECT version, event_type, event_id FROM claimflow.claim_event
     WHERE tenant_id = %b AND claim_id = %b AND request_id = %b ORDER BY version"""

# Touches the receipts that are given out again: a replay commits something too (R6). Not prepared,
# since replays are few and a plan must fit the table of today.
TOUCH: Final = """
    UPDATE claimflow.command_receipt AS r
       SET touched_at = clock_timestamp()
      FROM unnest(%b::uuid[], %b::uuid[]) AS again (tenant_id, request_id)
     WHERE r.tenant_id = again.tenant_id AND r.request_id = again.request_id"""

# Writes a batch whole: events, the claims they make, receipts, disclosures. The transaction's
# number tells later how it ended when the answer to COMMIT is lost.
WRITE: Final = """
    WITH events AS (
      INSERT INTO claimflow.claim_event
             (tenant_id, claim_id, version, event_id, event_type, schema_number, from_state,
              to_state, payload, sealed, key_id, actor, role, request_id, reason_code,
              policy_version, recorded_at, prev_hash, hash)
      SELECT * FROM unnest(%b::uuid[], %b::uuid[], %b::bigint[], %b::uuid[], %b::text[],
                           %b::int[], %b::text[], %b::text[], %b::text[], %b::bytea[],
                           %b::uuid[], %b::text[], %b::text[], %b::uuid[], %b::text[],
                           %b::int[], %b::timestamptz[], %b::bytea[], %b::bytea[])
    ), claims AS (
      INSERT INTO claimflow.claim AS c
             (tenant_id, claim_id, claim_number, state, version, head_hash, document, sealed,
              queue, assignee, lease_until, submitted_by, receipt_date, received_at, updated_at,
              policy_version)
      SELECT * FROM unnest(%b::uuid[], %b::uuid[], %b::text[], %b::text[], %b::bigint[],
                           %b::bytea[], %b::text[], %b::bytea[], %b::text[], %b::text[],
                           %b::timestamptz[], %b::text[], %b::date[], %b::timestamptz[],
                           %b::timestamptz[], %b::int[])
          ON CONFLICT (tenant_id, claim_id) DO UPDATE
         SET (state, version, head_hash, document, sealed, queue, assignee, lease_until,
              updated_at, policy_version)
           = (excluded.state, excluded.version, excluded.head_hash, excluded.document,
              excluded.sealed, excluded.queue, excluded.assignee, excluded.lease_until,
              excluded.updated_at, excluded.policy_version)
       WHERE c.version < excluded.version
      RETURNING 1
    ), receipts AS (
      INSERT INTO claimflow.command_receipt
             (tenant_id, request_id, method, actor, payload_hash, claim_id, version, reply,
              batch_id, created_at, touched_at)
      SELECT r.tenant_id, r.request_id, r.method, r.actor, r.payload_hash, r.claim_id,
             r.version, r.reply, m.batch_id, m.now, m.now
        FROM (SELECT %b::uuid AS batch_id, %b::timestamptz AS now) AS m,
             unnest(%b::uuid[], %b::uuid[], %b::text[], %b::text[], %b::bytea[], %b::uuid[],
                    %b::bigint[], %b::bytea[])
          AS r (tenant_id, request_id, method, actor, payload_hash, claim_id, version, reply)
    ), disclosed AS (
      INSERT INTO claimflow.read_audit
             (tenant_id, read_id, read_at, actor, role, purpose, method, claim_ids, classes,
              correlation_id)
      SELECT d.tenant_id, d.read_id, clock_timestamp(), d.actor, d.role, d.purpose, d.method,
             ARRAY[d.claim_id], string_to_array(d.classes, ','), d.correlation_id
        FROM unnest(%b::uuid[], %b::uuid[], %b::text[], %b::text[], %b::text[], %b::text[],
                    %b::uuid[], %b::text[], %b::text[])
          AS d (tenant_id, read_id, actor, role, purpose, method, claim_id, classes,
                correlation_id)
    )
    SELECT pg_current_xact_id()::text, (SELECT count(*) FROM claims)"""

# Commits, and in the same trip, but after the commit, notes how far the log reaches. That note is
# not waited for on disk: lost in a crash, the next one who asks writes it again.
COMMIT: Final = """
    COMMIT;
    BEGIN;
    SET LOCAL synchronous_commit = off;
    INSERT INTO claimflow.commit_position (batch_id, lsn)
    SELECT batch_id, pg_current_wal_flush_lsn() FROM unnest({batches}) AS batch_id
        ON CONFLICT DO NOTHING;
    SELECT batch_id, pg_wal_lsn_diff(lsn, '0/0')::bigint
      FROM claimflow.commit_position WHERE batch_id = ANY ({batches});
    COMMIT"""

# The note of COMMIT alone, for a batch whose commit was found to have happened.
POSITION: Final = COMMIT.partition("COMMIT;")[2]

# How a transaction ended.
TRANSACTION_STATUS: Final = "SELECT pg_xact_status(%s::xid8)"

# Whether a receipt of a batch is there: the batch was committed.
BATCH_IS_STORED: Final = """
    SELECT EXISTS (SELECT FROM claimflow.command_receipt
                    WHERE tenant_id = %s AND request_id = %s AND batch_id = %s)"""

# Which standbys a commit waits for; empty: none.
STANDBYS: Final = "SHOW synchronous_standby_names"

# The identity of this store.
EPOCH: Final = "SELECT epoch FROM claimflow.store"
