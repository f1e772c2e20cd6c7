-- Services, limits and payments; server/command/tables_money.py says how they are today.

ALTER TABLE claimflow.claim
  ADD COLUMN family_id UUID, ADD COLUMN payee TEXT, ADD COLUMN duplicate_key TEXT,
  ADD COLUMN denied_lines TEXT NOT NULL DEFAULT '', ADD COLUMN due_date DATE,
  ADD COLUMN wake_at TIMESTAMP WITH TIME ZONE;
ALTER TABLE claimflow.claim NO FORCE ROW LEVEL SECURITY;
UPDATE claimflow.claim
   SET family_id = claim_id,
       payee = coalesce(document::jsonb #>> '{document,pay_to_provider,npi}',
                        document::jsonb #>> '{document,billing_provider,npi}', '');
ALTER TABLE claimflow.claim FORCE ROW LEVEL SECURITY;
ALTER TABLE claimflow.claim
  ALTER COLUMN family_id SET NOT NULL, ALTER COLUMN payee SET NOT NULL,
  ALTER COLUMN denied_lines DROP DEFAULT;
CREATE UNIQUE INDEX claim_one_live_in_family ON claimflow.claim (tenant_id, family_id)
 WHERE state NOT IN ('REJECTED', 'VOIDED', 'REPLACED');
CREATE UNIQUE INDEX claim_no_duplicate ON claimflow.claim (tenant_id, duplicate_key)
 WHERE duplicate_key IS NOT NULL AND state NOT IN ('REJECTED', 'VOIDED', 'REPLACED');
CREATE INDEX claim_wake ON claimflow.claim (wake_at) WHERE wake_at IS NOT NULL;
COMMENT ON COLUMN claimflow.claim.family_id IS 'First claim of the family; at most one of them is live (W8).';
COMMENT ON COLUMN claimflow.claim.payee IS 'Who is paid for it.';
COMMENT ON COLUMN claimflow.claim.duplicate_key IS 'No two live claims have the same (1.9).';
COMMENT ON COLUMN claimflow.claim.denied_lines IS 'Numbers of the lines that are denied for good, by commas.';
COMMENT ON COLUMN claimflow.claim.due_date IS 'Last day to decide it in time (K1).';
COMMENT ON COLUMN claimflow.claim.wake_at IS 'When the system has something to do for it.';

ALTER TABLE claimflow.policy
  ADD COLUMN recorded_at TIMESTAMP WITH TIME ZONE DEFAULT now() NOT NULL,
  ADD COLUMN recorded_by TEXT DEFAULT CURRENT_USER NOT NULL,
  ADD COLUMN reason TEXT DEFAULT 'shipped' NOT NULL;
COMMENT ON TABLE claimflow.policy IS 'Dated policies, append-only; a later row of a key takes an earlier one''s place.';
COMMENT ON COLUMN claimflow.policy.recorded_at IS 'When.';
COMMENT ON COLUMN claimflow.policy.recorded_by IS 'Who loaded it.';
COMMENT ON COLUMN claimflow.policy.reason IS 'Why.';

CREATE TABLE claimflow.claim_service (
    tenant_id UUID NOT NULL,
    claim_id UUID NOT NULL,
    line_number INTEGER NOT NULL,
    person_key TEXT NOT NULL,
    provider TEXT NOT NULL,
    procedure_code TEXT NOT NULL,
    modifiers TEXT NOT NULL,
    revenue_code TEXT NOT NULL,
    place_of_service_code TEXT NOT NULL,
    detail TEXT NOT NULL,
    from_date DATE,
    through_date DATE,
    charge NUMERIC,
    units NUMERIC,
    CONSTRAINT claim_service_pkey PRIMARY KEY (tenant_id, person_key, claim_id, line_number)
);
COMMENT ON TABLE claimflow.claim_service IS 'The services of claims that were taken in, to be compared with other claims''.';
COMMENT ON COLUMN claimflow.claim_service.tenant_id IS 'Whose claim it is.';
COMMENT ON COLUMN claimflow.claim_service.claim_id IS 'The claim.';
COMMENT ON COLUMN claimflow.claim_service.line_number IS 'The service line.';
COMMENT ON COLUMN claimflow.claim_service.person_key IS 'Hash of who was treated.';
COMMENT ON COLUMN claimflow.claim_service.provider IS 'Who treated.';
COMMENT ON COLUMN claimflow.claim_service.procedure_code IS 'What was done.';
COMMENT ON COLUMN claimflow.claim_service.modifiers IS 'By commas.';
COMMENT ON COLUMN claimflow.claim_service.revenue_code IS 'Of institutional claims.';
COMMENT ON COLUMN claimflow.claim_service.place_of_service_code IS 'Where.';
COMMENT ON COLUMN claimflow.claim_service.detail IS 'Tooth, surfaces and drug, by slashes.';
COMMENT ON COLUMN claimflow.claim_service.from_date IS 'First day; null when not given.';
COMMENT ON COLUMN claimflow.claim_service.through_date IS 'Last day.';
COMMENT ON COLUMN claimflow.claim_service.charge IS 'What was charged.';
COMMENT ON COLUMN claimflow.claim_service.units IS 'How much of it.';

CREATE TABLE claimflow.accumulator (
    tenant_id UUID NOT NULL,
    person_key TEXT NOT NULL,
    plan_id TEXT NOT NULL,
    benefit_year INTEGER NOT NULL,
    deductible_used NUMERIC NOT NULL,
    out_of_pocket_used NUMERIC NOT NULL,
    updated_at TIMESTAMP WITH TIME ZONE NOT NULL,
    CONSTRAINT accumulator_pkey PRIMARY KEY (tenant_id, person_key, plan_id, benefit_year),
    CONSTRAINT accumulator_deductible_positive CHECK (deductible_used >= 0),
    CONSTRAINT accumulator_out_of_pocket_positive CHECK (out_of_pocket_used >= 0)
);
COMMENT ON TABLE claimflow.accumulator IS 'What members have used of their plans (M14): always the sum over their claims.';
COMMENT ON COLUMN claimflow.accumulator.tenant_id IS 'Whose member it is.';
COMMENT ON COLUMN claimflow.accumulator.person_key IS 'Hash of the person.';
COMMENT ON COLUMN claimflow.accumulator.plan_id IS 'The plan.';
COMMENT ON COLUMN claimflow.accumulator.benefit_year IS 'Calendar year in which it begins.';
COMMENT ON COLUMN claimflow.accumulator.deductible_used IS 'Sum of PR-1 of live claims.';
COMMENT ON COLUMN claimflow.accumulator.out_of_pocket_used IS 'Sum of all PR of live claims.';
COMMENT ON COLUMN claimflow.accumulator.updated_at IS 'When it changed last.';

CREATE TABLE claimflow.remittance (
    tenant_id UUID NOT NULL,
    remittance_id UUID NOT NULL,
    trace_number TEXT NOT NULL,
    payee TEXT NOT NULL,
    payer_id TEXT NOT NULL,
    currency_code TEXT NOT NULL,
    payment_date DATE NOT NULL,
    method TEXT NOT NULL,
    amount NUMERIC NOT NULL,
    claims_paid NUMERIC NOT NULL,
    adjusted NUMERIC NOT NULL,
    payload TEXT NOT NULL,
    sealed BYTEA,
    content_hash BYTEA NOT NULL,
    actor TEXT NOT NULL,
    role TEXT NOT NULL,
    request_id UUID NOT NULL,
    policy_version INTEGER NOT NULL,
    recorded_at TIMESTAMP WITH TIME ZONE NOT NULL,
    CONSTRAINT remittance_pkey PRIMARY KEY (tenant_id, remittance_id),
    CONSTRAINT remittance_trace_number UNIQUE (tenant_id, trace_number),
    CONSTRAINT remittance_balances CHECK (amount = claims_paid - adjusted),
    CONSTRAINT remittance_not_negative CHECK (amount >= 0),
    CONSTRAINT remittance_hash_length CHECK (octet_length(content_hash) = 32)
);
CREATE INDEX remittance_payee ON claimflow.remittance (tenant_id, payee, recorded_at);
COMMENT ON TABLE claimflow.remittance IS 'Payments and advices (X12 835), append-only; each balances (M5).';
COMMENT ON COLUMN claimflow.remittance.tenant_id IS 'Whose it is.';
COMMENT ON COLUMN claimflow.remittance.remittance_id IS 'UUIDv7 made by the server.';
COMMENT ON COLUMN claimflow.remittance.trace_number IS 'TRN02.';
COMMENT ON COLUMN claimflow.remittance.payee IS 'Who is paid.';
COMMENT ON COLUMN claimflow.remittance.payer_id IS 'Who pays.';
COMMENT ON COLUMN claimflow.remittance.currency_code IS 'ISO 4217.';
COMMENT ON COLUMN claimflow.remittance.payment_date IS 'When the money moves.';
COMMENT ON COLUMN claimflow.remittance.method IS 'ACH, CHECK or NON_PAYMENT.';
COMMENT ON COLUMN claimflow.remittance.amount IS 'What is paid (BPR02).';
COMMENT ON COLUMN claimflow.remittance.claims_paid IS 'Sum of what its claims pay.';
COMMENT ON COLUMN claimflow.remittance.adjusted IS 'Sum of its provider-level amounts.';
COMMENT ON COLUMN claimflow.remittance.payload IS 'The remittance as canonical JSON, without sealed fields.';
COMMENT ON COLUMN claimflow.remittance.sealed IS 'Sealed fields, canonical JSON.';
COMMENT ON COLUMN claimflow.remittance.content_hash IS 'SHA-256 of it; the events of its claims name it.';
COMMENT ON COLUMN claimflow.remittance.actor IS 'Subject of the credential.';
COMMENT ON COLUMN claimflow.remittance.role IS 'Role it acted in.';
COMMENT ON COLUMN claimflow.remittance.request_id IS 'Request that caused it.';
COMMENT ON COLUMN claimflow.remittance.policy_version IS 'Policy it was made up under.';
COMMENT ON COLUMN claimflow.remittance.recorded_at IS 'When.';

CREATE TABLE claimflow.remittance_claim (
    tenant_id UUID NOT NULL,
    remittance_id UUID NOT NULL,
    position INTEGER NOT NULL,
    claim_id UUID NOT NULL,
    adjudication_number INTEGER NOT NULL,
    reverses BOOLEAN NOT NULL,
    paid NUMERIC NOT NULL,
    CONSTRAINT remittance_claim_pkey PRIMARY KEY (tenant_id, remittance_id, position),
    CONSTRAINT remittance_claim_of FOREIGN KEY(tenant_id, remittance_id) REFERENCES claimflow.remittance (tenant_id, remittance_id),
    CONSTRAINT remittance_claim_once UNIQUE (tenant_id, remittance_id, claim_id, adjudication_number, reverses)
);
CREATE INDEX remittance_claim_claim ON claimflow.remittance_claim (tenant_id, claim_id);
COMMENT ON TABLE claimflow.remittance_claim IS 'The claims of each remittance, append-only (M17 to M19).';
COMMENT ON COLUMN claimflow.remittance_claim.tenant_id IS 'Whose it is.';
COMMENT ON COLUMN claimflow.remittance_claim.remittance_id IS 'The remittance.';
COMMENT ON COLUMN claimflow.remittance_claim.position IS 'Place on it, from 0; reversals first.';
COMMENT ON COLUMN claimflow.remittance_claim.claim_id IS 'The claim.';
COMMENT ON COLUMN claimflow.remittance_claim.adjudication_number IS 'The determination that it tells.';
COMMENT ON COLUMN claimflow.remittance_claim.reverses IS 'Takes it back.';
COMMENT ON COLUMN claimflow.remittance_claim.paid IS 'What it pays; negative of a reversal.';

CREATE TABLE claimflow.provider_adjustment (
    tenant_id UUID NOT NULL,
    remittance_id UUID NOT NULL,
    position INTEGER NOT NULL,
    reason_code TEXT NOT NULL,
    reference TEXT NOT NULL,
    amount NUMERIC NOT NULL,
    entry_id UUID,
    claim_id UUID,
    CONSTRAINT provider_adjustment_pkey PRIMARY KEY (tenant_id, remittance_id, position),
    CONSTRAINT provider_adjustment_of FOREIGN KEY(tenant_id, remittance_id) REFERENCES claimflow.remittance (tenant_id, remittance_id),
    CONSTRAINT provider_adjustment_not_zero CHECK (amount <> 0)
);
COMMENT ON TABLE claimflow.provider_adjustment IS 'The provider-level amounts of each remittance, append-only (M5, M20, R1).';
COMMENT ON COLUMN claimflow.provider_adjustment.tenant_id IS 'Whose it is.';
COMMENT ON COLUMN claimflow.provider_adjustment.remittance_id IS 'The remittance.';
COMMENT ON COLUMN claimflow.provider_adjustment.position IS 'Place on it, from 0.';
COMMENT ON COLUMN claimflow.provider_adjustment.reason_code IS 'PLB03-1, such as WO, FB or L6.';
COMMENT ON COLUMN claimflow.provider_adjustment.reference IS 'PLB03-2; WO and FB sum to nothing by it (R1).';
COMMENT ON COLUMN claimflow.provider_adjustment.amount IS 'Positive reduces the payment.';
COMMENT ON COLUMN claimflow.provider_adjustment.entry_id IS 'The entry that it takes or opens.';
COMMENT ON COLUMN claimflow.provider_adjustment.claim_id IS 'The claim it belongs to, without an entry.';

CREATE TABLE claimflow.remittance_failure (
    tenant_id UUID NOT NULL,
    remittance_id UUID NOT NULL,
    reason_code TEXT NOT NULL,
    actor TEXT NOT NULL,
    role TEXT NOT NULL,
    request_id UUID NOT NULL,
    recorded_at TIMESTAMP WITH TIME ZONE NOT NULL,
    CONSTRAINT remittance_failure_pkey PRIMARY KEY (tenant_id, remittance_id),
    CONSTRAINT remittance_failure_of FOREIGN KEY(tenant_id, remittance_id) REFERENCES claimflow.remittance (tenant_id, remittance_id)
);
COMMENT ON TABLE claimflow.remittance_failure IS 'Payments that failed, each once, append-only.';
COMMENT ON COLUMN claimflow.remittance_failure.tenant_id IS 'Whose it is.';
COMMENT ON COLUMN claimflow.remittance_failure.remittance_id IS 'The remittance whose money did not arrive.';
COMMENT ON COLUMN claimflow.remittance_failure.reason_code IS 'Why.';
COMMENT ON COLUMN claimflow.remittance_failure.actor IS 'Subject of the credential.';
COMMENT ON COLUMN claimflow.remittance_failure.role IS 'Role it acted in.';
COMMENT ON COLUMN claimflow.remittance_failure.request_id IS 'Request that reported it.';
COMMENT ON COLUMN claimflow.remittance_failure.recorded_at IS 'When.';

CREATE TABLE claimflow.payee_entry (
    tenant_id UUID NOT NULL,
    entry_id UUID NOT NULL,
    sequence BIGINT GENERATED ALWAYS AS IDENTITY,
    payee TEXT NOT NULL,
    kind TEXT NOT NULL,
    reference TEXT NOT NULL,
    amount NUMERIC NOT NULL,
    claim_id UUID,
    remittance_id UUID,
    payload TEXT NOT NULL,
    sealed BYTEA,
    reopens UUID,
    request_id UUID NOT NULL,
    opened_at TIMESTAMP WITH TIME ZONE NOT NULL,
    taken_by UUID,
    cancelled_by UUID,
    CONSTRAINT payee_entry_pkey PRIMARY KEY (tenant_id, payee, entry_id),
    CONSTRAINT payee_entry_ended_once CHECK (taken_by IS NULL OR cancelled_by IS NULL)
);
CREATE INDEX payee_entry_open ON claimflow.payee_entry (tenant_id, payee, sequence) WHERE taken_by IS NULL AND cancelled_by IS NULL;
COMMENT ON TABLE claimflow.payee_entry IS 'What stands open with a payee; ended once, by a remittance or a cancellation.';
COMMENT ON COLUMN claimflow.payee_entry.tenant_id IS 'Whose it is.';
COMMENT ON COLUMN claimflow.payee_entry.entry_id IS 'The entry.';
COMMENT ON COLUMN claimflow.payee_entry.sequence IS 'In the order of opening.';
COMMENT ON COLUMN claimflow.payee_entry.payee IS 'Whose next remittance takes it.';
COMMENT ON COLUMN claimflow.payee_entry.kind IS 'REVERSAL, OVERPAYMENT, FORWARD_BALANCE or INTEREST.';
COMMENT ON COLUMN claimflow.payee_entry.reference IS 'PLB03-2.';
COMMENT ON COLUMN claimflow.payee_entry.amount IS 'Provider-level: positive reduces the payment.';
COMMENT ON COLUMN claimflow.payee_entry.claim_id IS 'The claim it comes from.';
COMMENT ON COLUMN claimflow.payee_entry.remittance_id IS 'The remittance it comes from.';
COMMENT ON COLUMN claimflow.payee_entry.payload IS 'The entry as canonical JSON, without sealed fields.';
COMMENT ON COLUMN claimflow.payee_entry.sealed IS 'Sealed fields, canonical JSON.';
COMMENT ON COLUMN claimflow.payee_entry.reopens IS 'The entry whose remittance failed.';
COMMENT ON COLUMN claimflow.payee_entry.request_id IS 'Request that opened it.';
COMMENT ON COLUMN claimflow.payee_entry.opened_at IS 'When.';
COMMENT ON COLUMN claimflow.payee_entry.taken_by IS 'The remittance that took it.';
COMMENT ON COLUMN claimflow.payee_entry.cancelled_by IS 'The request that made it void.';
