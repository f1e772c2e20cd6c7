-- Who may do what. The roles own nothing, log in as nobody and do not pass row-level security by;
-- a process logs in as an operator's own role and takes one of these on. Roles belong to the whole
-- cluster, so another database may be making them at this moment.

DO $$
DECLARE
  wanted text;
BEGIN
  FOREACH wanted IN ARRAY ARRAY[
    'claimflow_command', 'claimflow_query', 'claimflow_worker', 'claimflow_maintenance'
  ] LOOP
    IF NOT EXISTS (SELECT FROM pg_roles WHERE rolname = wanted) THEN
      BEGIN
        EXECUTE format('CREATE ROLE %I NOLOGIN NOSUPERUSER NOBYPASSRLS NOCREATEDB NOCREATEROLE', wanted);
      EXCEPTION WHEN duplicate_object OR unique_violation THEN
        NULL; -- another database's migration was first
      END;
    END IF;
    IF NOT pg_has_role(current_user, wanted, 'SET') THEN
      EXECUTE format('GRANT %I TO CURRENT_USER', wanted);
    END IF;
  END LOOP;
END
$$;

REVOKE ALL ON SCHEMA claimflow FROM PUBLIC;
GRANT USAGE ON SCHEMA claimflow
  TO claimflow_command, claimflow_query, claimflow_worker, claimflow_maintenance;

GRANT SELECT, INSERT ON claimflow.claim TO claimflow_command;
GRANT UPDATE (state, version, head_hash, document, sealed, queue, assignee, lease_until,
              updated_at, policy_version) ON claimflow.claim TO claimflow_command;
GRANT SELECT, INSERT ON claimflow.claim_event TO claimflow_command;
GRANT SELECT, INSERT ON claimflow.command_receipt TO claimflow_command;
GRANT UPDATE (touched_at) ON claimflow.command_receipt TO claimflow_command;
GRANT SELECT, INSERT ON claimflow.commit_position TO claimflow_command;
GRANT SELECT, INSERT ON claimflow.read_audit TO claimflow_command;
GRANT SELECT ON claimflow.claim_transition, claimflow.store, claimflow.tenant, claimflow.policy,
                claimflow.code_system, claimflow.code_value, claimflow.reference_version
  TO claimflow_command;

GRANT SELECT ON claimflow.claim, claimflow.claim_event, claimflow.store, claimflow.policy,
                claimflow.code_system, claimflow.code_value, claimflow.reference_version
  TO claimflow_query;
GRANT SELECT, INSERT ON claimflow.read_audit TO claimflow_query;

GRANT SELECT ON claimflow.claim_event, claimflow.store TO claimflow_worker;

GRANT SELECT, DELETE ON claimflow.command_receipt, claimflow.commit_position
  TO claimflow_maintenance;

-- Tenants are kept apart by the database too: a transaction names its tenants in app.tenants. Unset
-- is no tenant, and so is the empty text that an ended SET LOCAL leaves behind.
ALTER TABLE claimflow.claim ENABLE ROW LEVEL SECURITY;
ALTER TABLE claimflow.claim FORCE ROW LEVEL SECURITY;
CREATE POLICY own_tenants ON claimflow.claim TO claimflow_command, claimflow_query
  USING (tenant_id = ANY (nullif(current_setting('app.tenants', true), '')::uuid[]))
  WITH CHECK (tenant_id = ANY (nullif(current_setting('app.tenants', true), '')::uuid[]));

ALTER TABLE claimflow.claim_event ENABLE ROW LEVEL SECURITY;
ALTER TABLE claimflow.claim_event FORCE ROW LEVEL SECURITY;
CREATE POLICY own_tenants ON claimflow.claim_event TO claimflow_command, claimflow_query
  USING (tenant_id = ANY (nullif(current_setting('app.tenants', true), '')::uuid[]))
  WITH CHECK (tenant_id = ANY (nullif(current_setting('app.tenants', true), '')::uuid[]));
CREATE POLICY every_tenant ON claimflow.claim_event FOR SELECT TO claimflow_worker USING (true);

ALTER TABLE claimflow.command_receipt ENABLE ROW LEVEL SECURITY;
ALTER TABLE claimflow.command_receipt FORCE ROW LEVEL SECURITY;
CREATE POLICY own_tenants ON claimflow.command_receipt TO claimflow_command
  USING (tenant_id = ANY (nullif(current_setting('app.tenants', true), '')::uuid[]))
  WITH CHECK (tenant_id = ANY (nullif(current_setting('app.tenants', true), '')::uuid[]));
CREATE POLICY every_tenant ON claimflow.command_receipt TO claimflow_maintenance USING (true);

ALTER TABLE claimflow.read_audit ENABLE ROW LEVEL SECURITY;
ALTER TABLE claimflow.read_audit FORCE ROW LEVEL SECURITY;
CREATE POLICY own_tenants ON claimflow.read_audit TO claimflow_command, claimflow_query
  USING (tenant_id = ANY (nullif(current_setting('app.tenants', true), '')::uuid[]))
  WITH CHECK (tenant_id = ANY (nullif(current_setting('app.tenants', true), '')::uuid[]));

-- A process that serves every tenant looks up whose policy set is whose.
ALTER TABLE claimflow.tenant ENABLE ROW LEVEL SECURITY;
ALTER TABLE claimflow.tenant FORCE ROW LEVEL SECURITY;
CREATE POLICY every_tenant ON claimflow.tenant FOR SELECT TO claimflow_command USING (true);
CREATE POLICY operators ON claimflow.tenant TO CURRENT_USER USING (true) WITH CHECK (true);

INSERT INTO claimflow.store (epoch) VALUES (gen_random_uuid());
INSERT INTO claimflow.reference_version (version) VALUES (1);

-- The change feed: only what was added to the audit event table.
CREATE PUBLICATION claimflow FOR TABLE claimflow.claim_event
  WITH (publish = 'insert', publish_via_partition_root = true);
