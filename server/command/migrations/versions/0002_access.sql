-- Who may do what with services, limits and payments; as 0001_access.sql.

DO $$
BEGIN
  IF NOT EXISTS (SELECT FROM pg_roles WHERE rolname = 'claimflow_timers') THEN
    BEGIN
      CREATE ROLE claimflow_timers NOLOGIN NOSUPERUSER NOBYPASSRLS NOCREATEDB NOCREATEROLE;
    EXCEPTION WHEN duplicate_object OR unique_violation THEN
      NULL; -- another database's migration was first
    END;
  END IF;
  IF NOT pg_has_role(current_user, 'claimflow_timers', 'SET') THEN
    GRANT claimflow_timers TO CURRENT_USER;
  END IF;
END
$$;

GRANT UPDATE (family_id, payee, duplicate_key, denied_lines, due_date, wake_at)
  ON claimflow.claim TO claimflow_command;
GRANT SELECT, INSERT ON claimflow.claim_service, claimflow.remittance, claimflow.remittance_claim,
                        claimflow.provider_adjustment, claimflow.remittance_failure,
                        claimflow.payee_entry, claimflow.accumulator
  TO claimflow_command;
GRANT UPDATE (taken_by, cancelled_by) ON claimflow.payee_entry TO claimflow_command;
GRANT UPDATE (deductible_used, out_of_pocket_used, updated_at)
  ON claimflow.accumulator TO claimflow_command;
GRANT SELECT ON claimflow.remittance, claimflow.remittance_claim, claimflow.provider_adjustment,
                claimflow.remittance_failure, claimflow.payee_entry, claimflow.accumulator
  TO claimflow_query;
GRANT USAGE ON SCHEMA claimflow TO claimflow_timers;
GRANT SELECT (tenant_id, claim_id, state, version, wake_at) ON claimflow.claim TO claimflow_timers;

-- The system's own clocks see of every tenant which claim is due, and nothing else.
CREATE POLICY every_tenant ON claimflow.claim FOR SELECT TO claimflow_timers USING (true);

DO $$
DECLARE
  kept text;
BEGIN
  FOREACH kept IN ARRAY ARRAY[
    'claim_service', 'remittance', 'remittance_claim', 'provider_adjustment',
    'remittance_failure', 'payee_entry', 'accumulator'
  ] LOOP
    EXECUTE format('ALTER TABLE claimflow.%I ENABLE ROW LEVEL SECURITY', kept);
    EXECUTE format('ALTER TABLE claimflow.%I FORCE ROW LEVEL SECURITY', kept);
    EXECUTE format(
      'CREATE POLICY own_tenants ON claimflow.%I TO claimflow_command, claimflow_query'
      ' USING (tenant_id = ANY (nullif(current_setting(''app.tenants'', true), '''')::uuid[]))'
      ' WITH CHECK'
      ' (tenant_id = ANY (nullif(current_setting(''app.tenants'', true), '''')::uuid[]))', kept);
  END LOOP;
END
$$;
