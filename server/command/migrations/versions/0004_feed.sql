-- A remittance's own history: that it was issued, and that its money did not arrive.
ALTER PUBLICATION claimflow ADD TABLE claimflow.remittance, claimflow.remittance_failure;

GRANT SELECT ON claimflow.remittance, claimflow.remittance_failure TO claimflow_worker;
CREATE POLICY every_tenant ON claimflow.remittance FOR SELECT TO claimflow_worker USING (true);
CREATE POLICY every_tenant ON claimflow.remittance_failure
  FOR SELECT TO claimflow_worker USING (true);

-- What operators decided about documents that no index takes.
CREATE TABLE claimflow.quarantine_decision (
  sequence bigint GENERATED ALWAYS AS IDENTITY CONSTRAINT quarantine_decision_pkey PRIMARY KEY,
  view text NOT NULL,
  tenant_id uuid NOT NULL,
  id uuid NOT NULL,
  version bigint NOT NULL,
  kind text NOT NULL,
  action text NOT NULL,
  reason text NOT NULL,
  decided_by text NOT NULL,
  decided_at timestamp with time zone DEFAULT now() NOT NULL,
  CONSTRAINT quarantine_decision_action CHECK (action IN ('REPLAY', 'SKIP')),
  CONSTRAINT quarantine_decision_reason CHECK (reason <> '')
);
COMMENT ON TABLE claimflow.quarantine_decision IS
  'What operators decided about documents in quarantine, append-only.';
COMMENT ON COLUMN claimflow.quarantine_decision.sequence IS 'In the order of deciding.';
COMMENT ON COLUMN claimflow.quarantine_decision.view IS
  'The view whose index does not take the document.';
COMMENT ON COLUMN claimflow.quarantine_decision.tenant_id IS 'Whose the document is.';
COMMENT ON COLUMN claimflow.quarantine_decision.id IS 'What it is about: a claim, a remittance.';
COMMENT ON COLUMN claimflow.quarantine_decision.version IS 'The version that is not taken.';
COMMENT ON COLUMN claimflow.quarantine_decision.kind IS
  'Name of the engine''s error, or fold_failed, history_missing.';
COMMENT ON COLUMN claimflow.quarantine_decision.action IS 'REPLAY or SKIP.';
COMMENT ON COLUMN claimflow.quarantine_decision.reason IS 'Why.';
COMMENT ON COLUMN claimflow.quarantine_decision.decided_by IS 'Who.';
COMMENT ON COLUMN claimflow.quarantine_decision.decided_at IS 'When.';

CREATE TRIGGER quarantine_decision_append_only BEFORE UPDATE OR DELETE OR TRUNCATE
  ON claimflow.quarantine_decision FOR EACH STATEMENT EXECUTE FUNCTION claimflow.refuse_change();
ALTER TABLE claimflow.quarantine_decision ENABLE ALWAYS TRIGGER quarantine_decision_append_only;
ALTER TABLE claimflow.quarantine_decision ENABLE ROW LEVEL SECURITY;
ALTER TABLE claimflow.quarantine_decision FORCE ROW LEVEL SECURITY;
CREATE POLICY every_tenant ON claimflow.quarantine_decision TO claimflow_worker
  USING (true) WITH CHECK (true);
GRANT SELECT, INSERT ON claimflow.quarantine_decision TO claimflow_worker;
