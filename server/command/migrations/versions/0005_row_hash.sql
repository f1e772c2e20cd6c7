-- A row of a claim that was edited by hand shows it at the next command (F76). Who computes this
-- hash anew deceives it, but not the audit, which folds the events.

CREATE FUNCTION claimflow.claim_row_hash(
  state text, version bigint, head_hash bytea, document text, sealed bytea
) RETURNS bytea LANGUAGE sql IMMUTABLE PARALLEL SAFE AS $$
  SELECT sha256(convert_to(version::text || ' ' || state || ' ', 'UTF8') || head_hash
                || sha256(convert_to(document, 'UTF8')) || coalesce(sealed, ''::bytea))
$$;
COMMENT ON FUNCTION claimflow.claim_row_hash(text, bigint, bytea, text, bytea) IS
  'SHA-256 of what a claim''s row says of the claim.';

ALTER TABLE claimflow.claim ADD COLUMN row_hash bytea;
UPDATE claimflow.claim
   SET row_hash = claimflow.claim_row_hash(state, version, head_hash, document, sealed);
ALTER TABLE claimflow.claim ALTER COLUMN row_hash SET NOT NULL,
  ADD CONSTRAINT claim_row_hash_length CHECK (octet_length(row_hash) = 32);
COMMENT ON COLUMN claimflow.claim.row_hash IS
  'SHA-256 of state, version, head hash and document: a row edited by hand has another.';
GRANT UPDATE (row_hash) ON claimflow.claim TO claimflow_command;

-- Whoever of the parts that write positions connects first to another log begins its epoch.
GRANT EXECUTE ON FUNCTION claimflow.follow_identity() TO claimflow_worker;
