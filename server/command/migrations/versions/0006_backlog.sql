-- Events come in about the order of their times, so that a block range says much and costs little.
CREATE INDEX claim_event_recorded ON claimflow.claim_event USING brin (recorded_at);

CREATE FUNCTION claimflow.events_since(moment timestamptz, most bigint) RETURNS bigint
LANGUAGE sql STABLE SECURITY DEFINER SET search_path = pg_catalog, pg_temp AS $$
  SELECT count(*) FROM (SELECT 1 FROM claimflow.claim_event WHERE recorded_at > moment LIMIT most) e
$$;
COMMENT ON FUNCTION claimflow.events_since(timestamptz, bigint) IS
  'How many events of all tenants were recorded after a time, counted up to a limit.';

-- Row-level security holds for owners too; the worker sees every tenant.
GRANT CREATE ON SCHEMA claimflow TO claimflow_worker;
ALTER FUNCTION claimflow.events_since(timestamptz, bigint) OWNER TO claimflow_worker;
REVOKE CREATE ON SCHEMA claimflow FROM claimflow_worker;

REVOKE EXECUTE ON FUNCTION claimflow.events_since(timestamptz, bigint) FROM PUBLIC;
GRANT EXECUTE ON FUNCTION claimflow.events_since(timestamptz, bigint)
  TO claimflow_query;
