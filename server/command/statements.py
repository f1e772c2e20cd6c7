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
    " c.policy_version,"
    " c.row_hash = claimflow.claim_row_hash(c.state, c.version, c.head_hash, c.document, c.sealed)"
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

# The claims that replacements and voids name, by their numbers, which never change.
ORIGINALS: Final = """
    SELECT asked.tenant_id, asked.claim_number, found.claim_id
      FROM unnest(%b::uuid[], %b::text[]) AS asked (tenant_id, claim_number)
     CROSS JOIN LATERAL (
           SELECT c.claim_id FROM claimflow.claim AS c
            WHERE c.tenant_id = asked.tenant_id AND c.claim_number = asked.claim_number
            LIMIT 1) AS found"""

# Remittances that are said to have failed; what they tell never changes.
ISSUED: Final = """
    SELECT r.tenant_id, r.remittance_id, r.payload, r.sealed
      FROM unnest(%b::uuid[], %b::uuid[]) AS asked (tenant_id, remittance_id)
     CROSS JOIN LATERAL (
           SELECT * FROM claimflow.remittance AS one
            WHERE one.tenant_id = asked.tenant_id AND one.remittance_id = asked.remittance_id
            LIMIT 1) AS r"""

# Whether their payment has failed before, and what they took from their payee; under its lock.
ISSUED_SINCE: Final = """
    SELECT asked.tenant_id, asked.remittance_id, f.request_id IS NOT NULL, e.payload, e.sealed
      FROM unnest(%b::uuid[], %b::uuid[], %b::text[]) AS asked (tenant_id, remittance_id, payee)
      LEFT JOIN claimflow.remittance_failure AS f
        ON f.tenant_id = asked.tenant_id AND f.remittance_id = asked.remittance_id
      LEFT JOIN claimflow.payee_entry AS e
        ON e.tenant_id = asked.tenant_id AND e.payee = asked.payee
       AND e.taken_by = asked.remittance_id
     ORDER BY e.sequence"""

# Locks persons and payees, in one order for all batches, until the end of the transaction: of two
# claims of a person the second is decided when the first is there, of two remittances to a payee
# the second takes what the first has left. After the claims, whatever the batch.
LOCK_NAMES: Final = """
    SELECT pg_advisory_xact_lock(key) FROM unnest(%b::bigint[]) AS key"""

# The services of persons' live claims around the days in question, with the lines that are denied.
SERVICES: Final = """
    SELECT s.tenant_id, s.person_key, s.claim_id, s.line_number, s.provider, s.procedure_code,
           s.modifiers, s.revenue_code, s.place_of_service_code, s.detail, s.from_date,
           s.through_date, s.charge, s.units, c.denied_lines,
           c.state IN ('APPROVED', 'DENIED', 'PAID', 'CLOSED')
      FROM unnest(%b::uuid[], %b::text[], %b::date[], %b::date[])
        AS asked (tenant_id, person_key, first_day, last_day)
     CROSS JOIN LATERAL (
           SELECT * FROM claimflow.claim_service AS one
            WHERE one.tenant_id = asked.tenant_id AND one.person_key = asked.person_key
              AND one.from_date <= asked.last_day AND one.through_date >= asked.first_day
           OFFSET 0) AS s
     CROSS JOIN LATERAL (
           SELECT denied_lines, state FROM claimflow.claim AS own
            WHERE own.tenant_id = s.tenant_id AND own.claim_id = s.claim_id LIMIT 1) AS c
     WHERE c.state NOT IN ('REJECTED', 'VOIDED', 'REPLACED')"""

# The spans in which members are covered.
COVERAGES: Final = """
    SELECT asked.tenant_id, asked.member_key, c.plan_id, c.from_date, c.through_date
      FROM unnest(%b::uuid[], %b::text[]) AS asked (tenant_id, member_key)
     CROSS JOIN LATERAL (
           SELECT * FROM claimflow.coverage AS one
            WHERE one.tenant_id = asked.tenant_id AND one.member_key = asked.member_key
            OFFSET 0) AS c
     ORDER BY c.from_date, c.plan_id"""

# What persons have used of their plans.
USED: Final = """
    SELECT a.tenant_id, a.person_key, a.plan_id, a.benefit_year, a.deductible_used,
           a.out_of_pocket_used
      FROM unnest(%b::uuid[], %b::text[]) AS asked (tenant_id, person_key)
     CROSS JOIN LATERAL (
           SELECT * FROM claimflow.accumulator AS one
            WHERE one.tenant_id = asked.tenant_id AND one.person_key = asked.person_key
            OFFSET 0) AS a"""

# What stands open with payees, in the order of opening.
ENTRIES: Final = """
    SELECT e.tenant_id, e.payee, e.payload, e.sealed
      FROM unnest(%b::uuid[], %b::text[]) AS asked (tenant_id, payee)
     CROSS JOIN LATERAL (
           SELECT * FROM claimflow.payee_entry AS one
            WHERE one.tenant_id = asked.tenant_id AND one.payee = asked.payee
              AND one.taken_by IS NULL AND one.cancelled_by IS NULL
            OFFSET 0) AS e
     ORDER BY e.sequence"""

# Which of these trace numbers are taken.
TRACES: Final = """
    SELECT r.tenant_id, r.trace_number
      FROM unnest(%b::uuid[], %b::text[]) AS asked (tenant_id, trace_number)
      JOIN claimflow.remittance AS r
        ON r.tenant_id = asked.tenant_id AND r.trace_number = asked.trace_number"""

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
              policy_version, family_id, payee, duplicate_key, denied_lines, due_date, wake_at,
              row_hash)
      SELECT n.*, claimflow.claim_row_hash(n.state, n.version, n.head_hash, n.document, n.sealed)
        FROM unnest(%b::uuid[], %b::uuid[], %b::text[], %b::text[], %b::bigint[], %b::bytea[],
                    %b::text[], %b::bytea[], %b::text[], %b::text[], %b::timestamptz[],
                    %b::text[], %b::date[], %b::timestamptz[], %b::timestamptz[], %b::int[],
                    %b::uuid[], %b::text[], %b::text[], %b::text[], %b::date[],
                    %b::timestamptz[])
          AS n (tenant_id, claim_id, claim_number, state, version, head_hash, document, sealed,
                queue, assignee, lease_until, submitted_by, receipt_date, received_at, updated_at,
                policy_version, family_id, payee, duplicate_key, denied_lines, due_date, wake_at)
          ON CONFLICT (tenant_id, claim_id) DO UPDATE
         SET (state, version, head_hash, document, sealed, queue, assignee, lease_until,
              updated_at, policy_version, family_id, payee, duplicate_key, denied_lines, due_date,
              wake_at, row_hash)
           = (excluded.state, excluded.version, excluded.head_hash, excluded.document,
              excluded.sealed, excluded.queue, excluded.assignee, excluded.lease_until,
              excluded.updated_at, excluded.policy_version, excluded.family_id, excluded.payee,
              excluded.duplicate_key, excluded.denied_lines, excluded.due_date,
              excluded.wake_at, excluded.row_hash)
       WHERE c.version < excluded.version
      RETURNING 1
    ), services AS (
      INSERT INTO claimflow.claim_service
             (tenant_id, person_key, claim_id, line_number, provider, procedure_code, modifiers,
              revenue_code, place_of_service_code, detail, from_date, through_date, charge, units)
      SELECT s.tenant_id, s.person_key, s.claim_id, s.line_number, s.provider, s.procedure_code,
             s.modifiers, s.revenue_code, s.place_of_service_code, s.detail, s.from_date,
             s.through_date, s.charge::numeric, s.units::numeric
        FROM unnest(%b::uuid[], %b::text[], %b::uuid[], %b::int[], %b::text[], %b::text[],
                    %b::text[], %b::text[], %b::text[], %b::text[], %b::date[], %b::date[],
                    %b::text[], %b::text[])
          AS s (tenant_id, person_key, claim_id, line_number, provider, procedure_code, modifiers,
                revenue_code, place_of_service_code, detail, from_date, through_date, charge, units)
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

# Writes what a batch pays and what persons use up; before the rest, since most batches have none.
WRITE_MONEY: Final = """
    WITH used AS (
      SELECT u.tenant_id, u.person_key, u.plan_id, u.benefit_year,
             u.deductible::numeric AS deductible, u.out_of_pocket::numeric AS out_of_pocket
        FROM unnest(%b::uuid[], %b::text[], %b::text[], %b::int[], %b::text[], %b::text[])
          AS u (tenant_id, person_key, plan_id, benefit_year, deductible, out_of_pocket)
    ), changed AS (
      UPDATE claimflow.accumulator AS a
         SET deductible_used = a.deductible_used + used.deductible,
             out_of_pocket_used = a.out_of_pocket_used + used.out_of_pocket,
             updated_at = clock_timestamp()
        FROM used
       WHERE a.tenant_id = used.tenant_id AND a.person_key = used.person_key
         AND a.plan_id = used.plan_id AND a.benefit_year = used.benefit_year
      RETURNING a.tenant_id, a.person_key, a.plan_id, a.benefit_year
    ), begun AS (
      INSERT INTO claimflow.accumulator
             (tenant_id, person_key, plan_id, benefit_year, deductible_used, out_of_pocket_used,
              updated_at)
      SELECT used.*, clock_timestamp() FROM used
       WHERE (used.tenant_id, used.person_key, used.plan_id, used.benefit_year)
             NOT IN (SELECT * FROM changed)
    ), issued AS (
      INSERT INTO claimflow.remittance
             (tenant_id, remittance_id, trace_number, payee, payer_id, currency_code,
              payment_date, method, amount, claims_paid, adjusted, payload, sealed, content_hash,
              actor, role, request_id, policy_version, recorded_at)
      SELECT r.tenant_id, r.remittance_id, r.trace_number, r.payee, r.payer_id, r.currency_code,
             r.payment_date, r.method, r.amount::numeric, r.claims_paid::numeric,
             r.adjusted::numeric, r.payload, r.sealed, r.content_hash, r.actor, r.role,
             r.request_id, r.policy_version, r.recorded_at
        FROM unnest(%b::uuid[], %b::uuid[], %b::text[], %b::text[], %b::text[], %b::text[],
                    %b::date[], %b::text[], %b::text[], %b::text[], %b::text[], %b::text[],
                    %b::bytea[], %b::bytea[], %b::text[], %b::text[], %b::uuid[], %b::int[],
                    %b::timestamptz[])
          AS r (tenant_id, remittance_id, trace_number, payee, payer_id, currency_code,
                payment_date, method, amount, claims_paid, adjusted, payload, sealed,
                content_hash, actor, role, request_id, policy_version, recorded_at)
    ), told AS (
      INSERT INTO claimflow.remittance_claim
             (tenant_id, remittance_id, position, claim_id, adjudication_number, reverses, paid)
      SELECT c.tenant_id, c.remittance_id, c.position, c.claim_id, c.adjudication_number,
             c.reverses = 1, c.paid::numeric
        FROM unnest(%b::uuid[], %b::uuid[], %b::int[], %b::uuid[], %b::int[], %b::int[],
                    %b::text[])
          AS c (tenant_id, remittance_id, position, claim_id, adjudication_number, reverses,
                paid)
    ), adjusted AS (
      INSERT INTO claimflow.provider_adjustment
             (tenant_id, remittance_id, position, reason_code, reference, amount, entry_id,
              claim_id)
      SELECT p.tenant_id, p.remittance_id, p.position, p.reason_code, p.reference,
             p.amount::numeric, p.entry_id, p.claim_id
        FROM unnest(%b::uuid[], %b::uuid[], %b::int[], %b::text[], %b::text[], %b::text[],
                    %b::uuid[], %b::uuid[])
          AS p (tenant_id, remittance_id, position, reason_code, reference, amount, entry_id,
                claim_id)
    ), failed AS (
      INSERT INTO claimflow.remittance_failure
             (tenant_id, remittance_id, reason_code, actor, role, request_id, recorded_at)
      SELECT * FROM unnest(%b::uuid[], %b::uuid[], %b::text[], %b::text[], %b::text[],
                           %b::uuid[], %b::timestamptz[])
    ), opened AS (
      INSERT INTO claimflow.payee_entry
             (tenant_id, entry_id, payee, kind, reference, amount, claim_id, remittance_id,
              payload, sealed, reopens, request_id, opened_at, taken_by, cancelled_by)
      SELECT e.tenant_id, e.entry_id, e.payee, e.kind, e.reference, e.amount::numeric,
             e.claim_id, e.remittance_id, e.payload, e.sealed, e.reopens, e.request_id,
             e.opened_at, e.taken_by, e.cancelled_by
        FROM unnest(%b::uuid[], %b::uuid[], %b::text[], %b::text[], %b::text[], %b::text[],
                    %b::uuid[], %b::uuid[], %b::text[], %b::bytea[], %b::uuid[], %b::uuid[],
                    %b::timestamptz[], %b::uuid[], %b::uuid[])
          AS e (tenant_id, entry_id, payee, kind, reference, amount, claim_id, remittance_id,
                payload, sealed, reopens, request_id, opened_at, taken_by, cancelled_by)
    ), ended AS (
      UPDATE claimflow.payee_entry AS e
         SET taken_by = x.taken_by, cancelled_by = x.cancelled_by
        FROM unnest(%b::uuid[], %b::text[], %b::uuid[], %b::uuid[], %b::uuid[])
          AS x (tenant_id, payee, entry_id, taken_by, cancelled_by)
       WHERE e.tenant_id = x.tenant_id AND e.payee = x.payee AND e.entry_id = x.entry_id
         AND e.taken_by IS NULL AND e.cancelled_by IS NULL
      RETURNING 1
    )
    SELECT count(*) FROM ended"""

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

# The identity of this store, and whether its log is the one that is written here; where the log
# ends; which standbys a commit waits for, empty: none. As claimflow.identity(), without its start.
IDENTITY: Final = """
    SELECT s.epoch, s.system_id = c.system_identifier::text
           AND s.timeline = ('x' || left(pg_walfile_name(pg_current_wal_lsn()), 8))::bit(32)::int,
           pg_wal_lsn_diff(pg_current_wal_flush_lsn(), '0/0')::bigint,
           current_setting('synchronous_standby_names')
      FROM claimflow.store AS s CROSS JOIN pg_control_system() AS c"""

# Begins a new epoch if it is not; why, if that was done, and how many there have been.
FOLLOW_IDENTITY: Final = "SELECT epoch, reason, epochs FROM claimflow.follow_identity()"

# The identity of this store, on a connection that has followed it.
EPOCH: Final = "SELECT epoch FROM claimflow.store"
