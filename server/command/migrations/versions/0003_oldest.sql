-- What keeps the log of the change feed from being let go: the oldest transaction that writes, in
-- whatever database of the cluster, one that was prepared and never ended, or a slot that nobody
-- reads and that holds rows back. No text of a statement is shown.

CREATE FUNCTION claimflow.oldest_transaction()
RETURNS TABLE (age_seconds double precision, pid integer, application text, kind text, username text)
LANGUAGE sql STABLE SECURITY DEFINER SET search_path = pg_catalog, pg_temp AS $$
  SELECT EXTRACT(EPOCH FROM greatest(clock_timestamp() - held.since, interval '0'))::float8,
         held.pid, held.application, held.kind, held.username
    FROM (
          SELECT a.xact_start AS since, a.pid,
                 coalesce(nullif(a.application_name, ''), a.backend_type) AS application,
                 'transaction' AS kind, a.usename::text AS username
            FROM pg_stat_activity AS a
           WHERE a.backend_xid IS NOT NULL AND a.xact_start IS NOT NULL
             AND a.pid <> pg_backend_pid()
          UNION ALL
          SELECT p.prepared, NULL, '', 'prepared', p.owner::text
            FROM pg_prepared_xacts AS p
          UNION ALL
          SELECT s.inactive_since, NULL, s.slot_name::text, 'slot', NULL
            FROM pg_replication_slots AS s
           WHERE NOT s.active AND s.inactive_since IS NOT NULL
             AND s.invalidation_reason IS NULL
             AND (s.xmin IS NOT NULL OR s.catalog_xmin IS NOT NULL)
         ) AS held
   ORDER BY held.since
   LIMIT 1
$$;
COMMENT ON FUNCTION claimflow.oldest_transaction() IS
  'The oldest thing that holds the change feed''s log back, no row when nothing does; kind is'
  ' transaction, prepared or slot (then application is the slot''s name).';

REVOKE EXECUTE ON FUNCTION claimflow.oldest_transaction() FROM PUBLIC;
GRANT EXECUTE ON FUNCTION claimflow.oldest_transaction()
  TO claimflow_worker, claimflow_query, claimflow_command, claimflow_maintenance;
