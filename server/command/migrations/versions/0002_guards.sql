-- What must hold whoever writes, of payments and policies.

DO $$
DECLARE
  guarded text;
BEGIN
  FOREACH guarded IN ARRAY ARRAY[
    'policy', 'remittance', 'remittance_claim', 'provider_adjustment', 'remittance_failure',
    'claim_service'
  ] LOOP
    EXECUTE format(
      'CREATE TRIGGER %1$s_append_only BEFORE UPDATE OR DELETE OR TRUNCATE ON claimflow.%1$s'
      ' FOR EACH STATEMENT EXECUTE FUNCTION claimflow.refuse_change()', guarded);
    EXECUTE format(
      'ALTER TABLE claimflow.%1$s ENABLE ALWAYS TRIGGER %1$s_append_only', guarded);
  END LOOP;
END
$$;

CREATE TRIGGER payee_entry_no_delete BEFORE DELETE OR TRUNCATE ON claimflow.payee_entry
  FOR EACH STATEMENT EXECUTE FUNCTION claimflow.refuse_change();
ALTER TABLE claimflow.payee_entry ENABLE ALWAYS TRIGGER payee_entry_no_delete;

-- An entry ends once, and nothing else of it ever changes.
CREATE FUNCTION claimflow.check_payee_entry_end() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  IF OLD.taken_by IS NOT NULL OR OLD.cancelled_by IS NOT NULL
     OR (to_jsonb(OLD) - 'taken_by' - 'cancelled_by')
        IS DISTINCT FROM (to_jsonb(NEW) - 'taken_by' - 'cancelled_by') THEN
    RAISE EXCEPTION 'an entry ends once and does not change'
      USING ERRCODE = 'check_violation', SCHEMA = TG_TABLE_SCHEMA, TABLE = TG_TABLE_NAME,
            CONSTRAINT = 'payee_entry_ends_once';
  END IF;
  RETURN NEW;
END
$$;
COMMENT ON FUNCTION claimflow.check_payee_entry_end() IS
  'Refuses every change of an entry but its one end.';
CREATE TRIGGER payee_entry_end BEFORE UPDATE ON claimflow.payee_entry
  FOR EACH ROW EXECUTE FUNCTION claimflow.check_payee_entry_end();
ALTER TABLE claimflow.payee_entry ENABLE ALWAYS TRIGGER payee_entry_end;

-- At the end of the transaction the rows of a remittance sum to what it says (M5), and no
-- determination is on two remittances of which none has failed (M19).
CREATE FUNCTION claimflow.check_remittance_sums() RETURNS trigger LANGUAGE plpgsql AS $$
DECLARE
  broken text;
BEGIN
  SELECT CASE
           WHEN NEW.claims_paid IS DISTINCT FROM (
                SELECT coalesce(sum(c.paid), 0) FROM claimflow.remittance_claim AS c
                 WHERE c.tenant_id = NEW.tenant_id AND c.remittance_id = NEW.remittance_id)
             THEN 'remittance_claims_sum'
           WHEN NEW.adjusted IS DISTINCT FROM (
                SELECT coalesce(sum(a.amount), 0) FROM claimflow.provider_adjustment AS a
                 WHERE a.tenant_id = NEW.tenant_id AND a.remittance_id = NEW.remittance_id)
             THEN 'remittance_adjustments_sum'
           WHEN EXISTS (
                SELECT FROM claimflow.remittance_claim AS mine
                  JOIN claimflow.remittance_claim AS other
                    ON other.tenant_id = mine.tenant_id AND other.claim_id = mine.claim_id
                   AND other.adjudication_number = mine.adjudication_number
                   AND other.reverses = mine.reverses
                   AND other.remittance_id <> mine.remittance_id
                 WHERE mine.tenant_id = NEW.tenant_id AND mine.remittance_id = NEW.remittance_id
                   AND NOT EXISTS (SELECT FROM claimflow.remittance_failure AS f
                                    WHERE f.tenant_id = other.tenant_id
                                      AND f.remittance_id = other.remittance_id))
             THEN 'remittance_claim_once_paid'
         END
    INTO broken;
  IF broken IS NOT NULL THEN
    RAISE EXCEPTION 'the remittance does not balance'
      USING ERRCODE = 'check_violation', SCHEMA = TG_TABLE_SCHEMA, TABLE = TG_TABLE_NAME,
            CONSTRAINT = broken;
  END IF;
  RETURN NULL;
END
$$;
COMMENT ON FUNCTION claimflow.check_remittance_sums() IS
  'Refuses a remittance whose rows do not sum to it, or that pays a determination again.';
CREATE CONSTRAINT TRIGGER remittance_sums AFTER INSERT ON claimflow.remittance
  DEFERRABLE INITIALLY DEFERRED FOR EACH ROW EXECUTE FUNCTION claimflow.check_remittance_sums();
ALTER TABLE claimflow.remittance ENABLE ALWAYS TRIGGER remittance_sums;
