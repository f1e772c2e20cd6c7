-- The log that the positions of an epoch belong to. A log that was restored to a point in time or
-- goes on at a promoted standby has a new timeline, a copy in another cluster another system.

CREATE FUNCTION claimflow.identity(OUT system_id text, OUT timeline integer)
LANGUAGE plpgsql STABLE SECURITY DEFINER SET search_path = pg_catalog, pg_temp AS $$
BEGIN
  IF pg_is_in_recovery() THEN
    RAISE EXCEPTION 'a standby writes no log' USING ERRCODE = 'read_only_sql_transaction';
  END IF;
  -- Of the log as it is written now: the control file knows a new timeline after a checkpoint only.
  timeline := ('x' || left(pg_walfile_name(pg_current_wal_lsn()), 8))::bit(32)::integer;
  SELECT CASE WHEN c.system_identifier < 0 THEN c.system_identifier + 18446744073709551616::numeric
              ELSE c.system_identifier END::text
    INTO system_id
    FROM pg_control_system() AS c;
END
$$;
COMMENT ON FUNCTION claimflow.identity() IS
  'The system identifier and timeline of the log, as IDENTIFY_SYSTEM tells them.';

ALTER TABLE claimflow.store ADD COLUMN system_id text, ADD COLUMN timeline integer;
UPDATE claimflow.store SET (system_id, timeline) = (SELECT i.system_id, i.timeline
                                                      FROM claimflow.identity() AS i);
ALTER TABLE claimflow.store ALTER COLUMN system_id SET NOT NULL, ALTER COLUMN timeline SET NOT NULL;
COMMENT ON COLUMN claimflow.store.system_id IS
  'System identifier of the cluster in which the epoch was begun.';
COMMENT ON COLUMN claimflow.store.timeline IS 'Timeline of the log when the epoch was begun.';

CREATE TABLE claimflow.store_epoch (
  epoch uuid NOT NULL CONSTRAINT store_epoch_pkey PRIMARY KEY,
  system_id text NOT NULL,
  timeline integer NOT NULL,
  lsn pg_lsn NOT NULL,
  reason text NOT NULL,
  begun_by text DEFAULT SESSION_USER NOT NULL,
  begun_at timestamp with time zone DEFAULT now() NOT NULL,
  CONSTRAINT store_epoch_reason CHECK (reason <> '')
);
COMMENT ON TABLE claimflow.store_epoch IS
  'Every epoch this store had, append-only; the one in force is in store.';
COMMENT ON COLUMN claimflow.store_epoch.epoch IS 'The epoch.';
COMMENT ON COLUMN claimflow.store_epoch.system_id IS 'System identifier under which it was begun.';
COMMENT ON COLUMN claimflow.store_epoch.timeline IS 'Timeline under which it was begun.';
COMMENT ON COLUMN claimflow.store_epoch.lsn IS 'Where the log ended when it was begun.';
COMMENT ON COLUMN claimflow.store_epoch.reason IS
  'Why: FIRST, SYSTEM_CHANGED, TIMELINE_CHANGED, or what an operator said.';
COMMENT ON COLUMN claimflow.store_epoch.begun_by IS 'Login of the database under which it was begun.';
COMMENT ON COLUMN claimflow.store_epoch.begun_at IS 'When.';

INSERT INTO claimflow.store_epoch (epoch, system_id, timeline, lsn, reason, begun_at)
SELECT epoch, system_id, timeline, pg_current_wal_flush_lsn(), 'FIRST', created_at
  FROM claimflow.store;

CREATE TRIGGER store_epoch_append_only BEFORE UPDATE OR DELETE OR TRUNCATE
  ON claimflow.store_epoch FOR EACH STATEMENT EXECUTE FUNCTION claimflow.refuse_change();
ALTER TABLE claimflow.store_epoch ENABLE ALWAYS TRIGGER store_epoch_append_only;

CREATE FUNCTION claimflow.begin_epoch(why text) RETURNS uuid
LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, pg_temp AS $$
DECLARE
  begun uuid := gen_random_uuid();
BEGIN
  UPDATE claimflow.store
     SET epoch = begun, created_at = now(),
         (system_id, timeline) = (SELECT i.system_id, i.timeline FROM claimflow.identity() AS i);
  INSERT INTO claimflow.store_epoch (epoch, system_id, timeline, lsn, reason)
  SELECT epoch, system_id, timeline, pg_current_wal_flush_lsn(), why FROM claimflow.store;
  -- Notes of another log's positions: who asks for one again notes where this log ends.
  DELETE FROM claimflow.commit_position;
  -- Every process sees with its next batch that there is something to read anew.
  UPDATE claimflow.reference_version SET version = version + 1;
  RETURN begun;
END
$$;
COMMENT ON FUNCTION claimflow.begin_epoch(text) IS
  'Begins a new epoch: no position, token or document of an earlier one counts any more.';

CREATE FUNCTION claimflow.follow_identity(OUT epoch uuid, OUT reason text, OUT epochs bigint)
LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, pg_temp AS $$
DECLARE
  known claimflow.store%ROWTYPE;
  here record;
BEGIN
  SELECT * INTO STRICT here FROM claimflow.identity();
  SELECT * INTO STRICT known FROM claimflow.store;
  IF (known.system_id, known.timeline) IS DISTINCT FROM (here.system_id, here.timeline) THEN
    -- One of those who noticed goes first; the others then find that it is done.
    SELECT * INTO STRICT known FROM claimflow.store FOR UPDATE;
    IF known.system_id <> here.system_id THEN
      reason := 'SYSTEM_CHANGED';
    ELSIF known.timeline <> here.timeline THEN
      reason := 'TIMELINE_CHANGED';
    END IF;
  END IF;
  epoch := CASE WHEN reason IS NULL THEN known.epoch ELSE claimflow.begin_epoch(reason) END;
  SELECT count(*) INTO epochs FROM claimflow.store_epoch;
END
$$;
COMMENT ON FUNCTION claimflow.follow_identity() IS
  'The epoch in force; begins a new one, with its reason, when the log is another than it names.';

REVOKE EXECUTE ON FUNCTION claimflow.begin_epoch(text), claimflow.follow_identity() FROM PUBLIC;
GRANT EXECUTE ON FUNCTION claimflow.begin_epoch(text) TO claimflow_maintenance;
GRANT EXECUTE ON FUNCTION claimflow.follow_identity() TO claimflow_command;
GRANT SELECT ON claimflow.store_epoch
  TO claimflow_command, claimflow_query, claimflow_worker, claimflow_maintenance;
GRANT SELECT ON claimflow.store TO claimflow_maintenance;
