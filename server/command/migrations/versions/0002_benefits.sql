-- What claims are priced by; server/command/tables_benefits.py says how the tables are today.

CREATE TABLE claimflow.fee_schedule (
    schedule_id TEXT NOT NULL,
    version BIGINT NOT NULL,
    loaded_at TIMESTAMP WITH TIME ZONE DEFAULT now() NOT NULL,
    PRIMARY KEY (schedule_id)
);
COMMENT ON TABLE claimflow.fee_schedule IS 'The fee schedules that plans may name.';
COMMENT ON COLUMN claimflow.fee_schedule.schedule_id IS 'Such as DEMO.';
COMMENT ON COLUMN claimflow.fee_schedule.version IS 'Reference version of the last load.';
COMMENT ON COLUMN claimflow.fee_schedule.loaded_at IS 'When.';

CREATE TABLE claimflow.fee (
    schedule_id TEXT NOT NULL,
    code TEXT NOT NULL,
    modifier TEXT NOT NULL,
    category TEXT NOT NULL,
    amount NUMERIC(10, 2) NOT NULL,
    effective_from DATE NOT NULL,
    effective_to DATE,
    CONSTRAINT fee_pkey PRIMARY KEY (schedule_id, code, modifier, effective_from),
    CONSTRAINT fee_schedule_known FOREIGN KEY(schedule_id) REFERENCES claimflow.fee_schedule (schedule_id),
    CONSTRAINT fee_amount CHECK (amount >= 0),
    CONSTRAINT fee_dates CHECK (effective_to >= effective_from)
);
COMMENT ON TABLE claimflow.fee IS 'What is allowed for one unit of a service.';
COMMENT ON COLUMN claimflow.fee.schedule_id IS 'The fee schedule.';
COMMENT ON COLUMN claimflow.fee.code IS 'Procedure, or the revenue code of what has none.';
COMMENT ON COLUMN claimflow.fee.modifier IS 'A modifier with a fee of its own; empty: all others.';
COMMENT ON COLUMN claimflow.fee.category IS 'Decides the cost share; * is no category of its own.';
COMMENT ON COLUMN claimflow.fee.amount IS 'Of one unit.';
COMMENT ON COLUMN claimflow.fee.effective_from IS 'First day; a later row takes over.';
COMMENT ON COLUMN claimflow.fee.effective_to IS 'Last day; null: until a later row.';

CREATE TABLE claimflow.plan (
    plan_id TEXT NOT NULL,
    effective_from DATE NOT NULL,
    version BIGINT NOT NULL,
    fee_schedule_id TEXT NOT NULL,
    deductible NUMERIC(10, 2) NOT NULL,
    out_of_pocket_max NUMERIC(10, 2) NOT NULL,
    benefit_year_begins_month SMALLINT NOT NULL,
    copay_first BOOLEAN NOT NULL,
    unlisted TEXT NOT NULL,
    unlisted_rate NUMERIC(5, 4) NOT NULL,
    fee_above_charge BOOLEAN NOT NULL,
    CONSTRAINT plan_pkey PRIMARY KEY (plan_id, effective_from),
    CONSTRAINT plan_fee_schedule FOREIGN KEY(fee_schedule_id) REFERENCES claimflow.fee_schedule (schedule_id),
    CONSTRAINT plan_limits CHECK (deductible >= 0 AND out_of_pocket_max >= 0),
    CONSTRAINT plan_benefit_year CHECK (benefit_year_begins_month BETWEEN 1 AND 12),
    CONSTRAINT plan_unlisted CHECK (unlisted IN ('PEND', 'DENY', 'PERCENT_OF_CHARGE')),
    CONSTRAINT plan_unlisted_rate CHECK (unlisted_rate BETWEEN 0 AND 1)
);
COMMENT ON TABLE claimflow.plan IS 'Dated terms of plans.';
COMMENT ON COLUMN claimflow.plan.plan_id IS 'Such as DEMO-PPO.';
COMMENT ON COLUMN claimflow.plan.effective_from IS 'First day of these terms; a later row takes over.';
COMMENT ON COLUMN claimflow.plan.version IS 'Reference version of the load that brought them.';
COMMENT ON COLUMN claimflow.plan.fee_schedule_id IS 'Its fees.';
COMMENT ON COLUMN claimflow.plan.deductible IS 'Of a person in a benefit year.';
COMMENT ON COLUMN claimflow.plan.out_of_pocket_max IS 'Likewise, of all that is the patient''s.';
COMMENT ON COLUMN claimflow.plan.benefit_year_begins_month IS '1 to 12.';
COMMENT ON COLUMN claimflow.plan.copay_first IS 'The copay is taken before the deductible.';
COMMENT ON COLUMN claimflow.plan.unlisted IS 'What becomes of a service without a fee.';
COMMENT ON COLUMN claimflow.plan.unlisted_rate IS 'Of the charge, when that is PERCENT_OF_CHARGE.';
COMMENT ON COLUMN claimflow.plan.fee_above_charge IS 'The fee is allowed also above the charge.';

CREATE TABLE claimflow.cost_share (
    plan_id TEXT NOT NULL,
    effective_from DATE NOT NULL,
    category TEXT NOT NULL,
    copay NUMERIC(10, 2) NOT NULL,
    coinsurance_rate NUMERIC(5, 4) NOT NULL,
    deductible_applies BOOLEAN NOT NULL,
    covered BOOLEAN NOT NULL,
    authorization_required BOOLEAN NOT NULL,
    CONSTRAINT cost_share_pkey PRIMARY KEY (plan_id, effective_from, category),
    CONSTRAINT cost_share_plan FOREIGN KEY(plan_id, effective_from) REFERENCES claimflow.plan (plan_id, effective_from) ON DELETE CASCADE,
    CONSTRAINT cost_share_copay CHECK (copay >= 0),
    CONSTRAINT cost_share_rate CHECK (coinsurance_rate BETWEEN 0 AND 1)
);
COMMENT ON TABLE claimflow.cost_share IS 'What a plan''s members pay for services of a category.';
COMMENT ON COLUMN claimflow.cost_share.plan_id IS 'The plan.';
COMMENT ON COLUMN claimflow.cost_share.effective_from IS 'First day of its terms.';
COMMENT ON COLUMN claimflow.cost_share.category IS 'Of fees; * for all others.';
COMMENT ON COLUMN claimflow.cost_share.copay IS 'Of each line.';
COMMENT ON COLUMN claimflow.cost_share.coinsurance_rate IS 'Of what deductible and copay leave.';
COMMENT ON COLUMN claimflow.cost_share.deductible_applies IS 'Whether the deductible is taken.';
COMMENT ON COLUMN claimflow.cost_share.covered IS 'Whether the plan pays for the category at all.';
COMMENT ON COLUMN claimflow.cost_share.authorization_required IS 'Whether a number is asked for.';

CREATE TABLE claimflow.coverage_load (
    tenant_id UUID NOT NULL,
    version BIGINT NOT NULL,
    loaded_at TIMESTAMP WITH TIME ZONE DEFAULT now() NOT NULL,
    PRIMARY KEY (tenant_id)
);
COMMENT ON TABLE claimflow.coverage_load IS 'Tenants whose coverage is loaded; of all others it is not checked.';
COMMENT ON COLUMN claimflow.coverage_load.tenant_id IS 'The tenant.';
COMMENT ON COLUMN claimflow.coverage_load.version IS 'Reference version of the last load.';
COMMENT ON COLUMN claimflow.coverage_load.loaded_at IS 'When.';

CREATE TABLE claimflow.coverage (
    tenant_id UUID NOT NULL,
    member_key TEXT NOT NULL,
    plan_id TEXT NOT NULL,
    from_date DATE NOT NULL,
    through_date DATE,
    CONSTRAINT coverage_pkey PRIMARY KEY (tenant_id, member_key, plan_id, from_date),
    CONSTRAINT coverage_loaded FOREIGN KEY(tenant_id) REFERENCES claimflow.coverage_load (tenant_id),
    CONSTRAINT coverage_dates CHECK (through_date >= from_date)
);
COMMENT ON TABLE claimflow.coverage IS 'Which plan covers a member on which days.';
COMMENT ON COLUMN claimflow.coverage.tenant_id IS 'Whose member it is; leads the key.';
COMMENT ON COLUMN claimflow.coverage.member_key IS 'Hash of the member number; the number itself is not kept.';
COMMENT ON COLUMN claimflow.coverage.plan_id IS 'The plan that covers the member.';
COMMENT ON COLUMN claimflow.coverage.from_date IS 'First day.';
COMMENT ON COLUMN claimflow.coverage.through_date IS 'Last day; null: for good.';

CREATE TABLE claimflow.code_edit_table (
    name TEXT NOT NULL,
    version BIGINT NOT NULL,
    loaded_at TIMESTAMP WITH TIME ZONE DEFAULT now() NOT NULL,
    PRIMARY KEY (name),
    CONSTRAINT code_edit_table_known CHECK (name IN ('PTP', 'MUE'))
);
COMMENT ON TABLE claimflow.code_edit_table IS 'The code edits that are loaded.';
COMMENT ON COLUMN claimflow.code_edit_table.name IS 'PTP or MUE.';
COMMENT ON COLUMN claimflow.code_edit_table.version IS 'Reference version of the last load.';
COMMENT ON COLUMN claimflow.code_edit_table.loaded_at IS 'When.';

CREATE TABLE claimflow.ptp_pair (
    column_1 TEXT NOT NULL,
    column_2 TEXT NOT NULL,
    effective_from DATE NOT NULL,
    deleted_on DATE,
    modifier_indicator SMALLINT NOT NULL,
    CONSTRAINT ptp_pair_pkey PRIMARY KEY (column_1, column_2, effective_from),
    CONSTRAINT ptp_pair_codes CHECK (column_1 ~ '^[0-9A-Z]{5}$' AND column_2 ~ '^[0-9A-Z]{5}$' AND column_1 <> column_2),
    CONSTRAINT ptp_pair_dates CHECK (deleted_on >= effective_from),
    CONSTRAINT ptp_pair_indicator CHECK (modifier_indicator IN (0, 1, 9))
);
COMMENT ON TABLE claimflow.ptp_pair IS 'NCCI procedure-to-procedure edits: what is not paid beside what.';
COMMENT ON COLUMN claimflow.ptp_pair.column_1 IS 'The code that is paid.';
COMMENT ON COLUMN claimflow.ptp_pair.column_2 IS 'The code that is part of it.';
COMMENT ON COLUMN claimflow.ptp_pair.effective_from IS 'First day.';
COMMENT ON COLUMN claimflow.ptp_pair.deleted_on IS 'Last day; null: in force.';
COMMENT ON COLUMN claimflow.ptp_pair.modifier_indicator IS '0 absolute, 1 set aside by a modifier, 9 none.';

CREATE TABLE claimflow.mue_limit (
    code TEXT NOT NULL,
    effective_from DATE NOT NULL,
    effective_to DATE,
    max_units INTEGER NOT NULL,
    adjudication_indicator SMALLINT NOT NULL,
    CONSTRAINT mue_limit_pkey PRIMARY KEY (code, effective_from),
    CONSTRAINT mue_limit_code CHECK (code ~ '^[0-9A-Z]{5}$'),
    CONSTRAINT mue_limit_units CHECK (max_units >= 0),
    CONSTRAINT mue_limit_indicator CHECK (adjudication_indicator IN (1, 2, 3)),
    CONSTRAINT mue_limit_dates CHECK (effective_to >= effective_from)
);
COMMENT ON TABLE claimflow.mue_limit IS 'NCCI medically unlikely edits: units of a code that one provider may bill.';
COMMENT ON COLUMN claimflow.mue_limit.code IS 'The code.';
COMMENT ON COLUMN claimflow.mue_limit.effective_from IS 'First day.';
COMMENT ON COLUMN claimflow.mue_limit.effective_to IS 'Last day; null: in force.';
COMMENT ON COLUMN claimflow.mue_limit.max_units IS 'Units that are plausible; 0 is a limit as well.';
COMMENT ON COLUMN claimflow.mue_limit.adjudication_indicator IS '1 by line, 2 by day, 3 by day, clinical.';

GRANT SELECT ON claimflow.fee_schedule, claimflow.fee, claimflow.plan, claimflow.cost_share,
                claimflow.coverage_load, claimflow.coverage, claimflow.code_edit_table,
                claimflow.ptp_pair, claimflow.mue_limit
  TO claimflow_command;

-- Members are kept apart by tenant like claims; operators load them.
ALTER TABLE claimflow.coverage ENABLE ROW LEVEL SECURITY;
ALTER TABLE claimflow.coverage FORCE ROW LEVEL SECURITY;
CREATE POLICY own_tenants ON claimflow.coverage FOR SELECT TO claimflow_command
  USING (tenant_id = ANY (nullif(current_setting('app.tenants', true), '')::uuid[]));
CREATE POLICY operators ON claimflow.coverage TO CURRENT_USER USING (true) WITH CHECK (true);

-- A process that serves every tenant looks up whose coverage is checked.
ALTER TABLE claimflow.coverage_load ENABLE ROW LEVEL SECURITY;
ALTER TABLE claimflow.coverage_load FORCE ROW LEVEL SECURITY;
CREATE POLICY every_tenant ON claimflow.coverage_load FOR SELECT TO claimflow_command USING (true);
CREATE POLICY operators ON claimflow.coverage_load TO CURRENT_USER USING (true) WITH CHECK (true);
