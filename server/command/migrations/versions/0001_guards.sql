-- What must hold whoever writes: an operator with psql, a superuser, a replication role.
-- ENABLE ALWAYS, since session_replication_role = replica passes every other trigger by.

CREATE FUNCTION claimflow.refuse_change() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  RAISE EXCEPTION '% is append-only', TG_TABLE_NAME
    USING ERRCODE = 'object_not_in_prerequisite_state', TABLE = TG_TABLE_NAME,
          CONSTRAINT = TG_TABLE_NAME || '_append_only';
END
$$;
COMMENT ON FUNCTION claimflow.refuse_change() IS 'Refuses every change of an append-only table.';

CREATE TRIGGER claim_event_append_only BEFORE UPDATE OR DELETE OR TRUNCATE
  ON claimflow.claim_event FOR EACH STATEMENT EXECUTE FUNCTION claimflow.refuse_change();
ALTER TABLE claimflow.claim_event ENABLE ALWAYS TRIGGER claim_event_append_only;

CREATE TRIGGER read_audit_append_only BEFORE UPDATE OR DELETE OR TRUNCATE
  ON claimflow.read_audit FOR EACH STATEMENT EXECUTE FUNCTION claimflow.refuse_change();
ALTER TABLE claimflow.read_audit ENABLE ALWAYS TRIGGER read_audit_append_only;

-- Once for all rows of a statement. The rows are in the table already, so a predecessor is found
-- there whether it is of this batch or older; with the primary key this means no gap and no fork.
-- The settings keep it on the primary key even while the table's statistics are those of an empty
-- one, and LATERAL with a LIMIT asks for each row by its whole key: a plan that is kept from then
-- must not read the index of all claims for every batch.
CREATE FUNCTION claimflow.check_claim_event_chain() RETURNS trigger LANGUAGE plpgsql
  SET enable_seqscan = off SET enable_hashjoin = off SET enable_mergejoin = off AS $$
DECLARE
  broken text;
BEGIN
  SELECT CASE
           WHEN before.version IS NULL THEN 'claim_event_version_follows'
           WHEN before.to_state IS DISTINCT FROM added.from_state THEN 'claim_event_state_follows'
           WHEN before.hash IS DISTINCT FROM added.prev_hash THEN 'claim_event_hash_follows'
           WHEN before.recorded_at > added.recorded_at THEN 'claim_event_time_follows'
           ELSE 'claim_event_transition'
         END
    INTO broken
    FROM added
    LEFT JOIN LATERAL (
           SELECT e.version, e.to_state, e.hash, e.recorded_at
             FROM claimflow.claim_event AS e
            WHERE e.tenant_id = added.tenant_id
              AND e.claim_id = added.claim_id
              AND e.version = added.version - 1
            LIMIT 1) AS before ON true
    LEFT JOIN claimflow.claim_transition AS legal
      ON legal.event_type = added.event_type
     AND legal.from_state = added.from_state
     AND legal.to_state = added.to_state
   WHERE added.version > 1
     AND (before.to_state IS DISTINCT FROM added.from_state
          OR before.hash IS DISTINCT FROM added.prev_hash
          OR before.recorded_at > added.recorded_at
          OR legal.event_type IS NULL)
   LIMIT 1;
  IF broken IS NOT NULL THEN
    RAISE EXCEPTION 'the events do not continue their claim''s history'
      USING ERRCODE = 'check_violation', SCHEMA = TG_TABLE_SCHEMA, TABLE = TG_TABLE_NAME,
            CONSTRAINT = broken;
  END IF;
  RETURN NULL;
END
$$;
COMMENT ON FUNCTION claimflow.check_claim_event_chain() IS
  'Refuses events that skip a version, change state without a legal move or break the hash chain.';

CREATE TRIGGER claim_event_chain AFTER INSERT ON claimflow.claim_event
  REFERENCING NEW TABLE AS added
  FOR EACH STATEMENT EXECUTE FUNCTION claimflow.check_claim_event_chain();
ALTER TABLE claimflow.claim_event ENABLE ALWAYS TRIGGER claim_event_chain;
