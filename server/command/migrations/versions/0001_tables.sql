-- The tables as they were first made; server/command/tables.py says how they are today.

CREATE TABLE claimflow.claim (
    tenant_id UUID NOT NULL,
    claim_id UUID NOT NULL,
    claim_number TEXT NOT NULL,
    state TEXT NOT NULL,
    version BIGINT NOT NULL,
    head_hash BYTEA NOT NULL,
    document TEXT NOT NULL,
    sealed BYTEA,
    queue TEXT NOT NULL,
    assignee TEXT,
    lease_until TIMESTAMP WITH TIME ZONE,
    submitted_by TEXT NOT NULL,
    receipt_date DATE NOT NULL,
    received_at TIMESTAMP WITH TIME ZONE NOT NULL,
    updated_at TIMESTAMP WITH TIME ZONE NOT NULL,
    policy_version INTEGER NOT NULL,
    CONSTRAINT claim_pkey PRIMARY KEY (tenant_id, claim_id),
    CONSTRAINT claim_number_unique UNIQUE (tenant_id, claim_number),
    CONSTRAINT claim_version_positive CHECK (version >= 1),
    CONSTRAINT claim_state_known CHECK (state IN ('RECEIVED', 'REJECTED', 'ACCEPTED', 'PENDED', 'INFO_REQUESTED', 'ADJUDICATED', 'PENDING_APPROVAL', 'APPROVED', 'DENIED', 'PAID', 'CLOSED', 'VOIDED', 'REPLACED')),
    CONSTRAINT claim_head_hash_length CHECK (octet_length(head_hash) = 32),
    CONSTRAINT claim_lease_whole CHECK ((assignee IS NULL) = (lease_until IS NULL)),
    CONSTRAINT claim_time_forward CHECK (updated_at >= received_at)
);
CREATE INDEX claim_waiting ON claimflow.claim (tenant_id, queue, received_at, claim_id) WHERE state IN ('ACCEPTED', 'PENDED', 'INFO_REQUESTED', 'ADJUDICATED', 'PENDING_APPROVAL');
COMMENT ON TABLE claimflow.claim IS 'A claim as its events made it: always the fold of its claim_event rows.';
COMMENT ON COLUMN claimflow.claim.tenant_id IS 'Whose claim it is; leads every key.';
COMMENT ON COLUMN claimflow.claim.claim_id IS 'UUIDv7 made by the server.';
COMMENT ON COLUMN claimflow.claim.claim_number IS 'The payer''s number for people, with its check character.';
COMMENT ON COLUMN claimflow.claim.state IS 'State of domain.md 1.2.';
COMMENT ON COLUMN claimflow.claim.version IS 'Number of events so far.';
COMMENT ON COLUMN claimflow.claim.head_hash IS 'Hash of the last event.';
COMMENT ON COLUMN claimflow.claim.document IS 'The fold of the events as canonical JSON, without sealed fields.';
COMMENT ON COLUMN claimflow.claim.sealed IS 'Sealed fields of the fold, canonical JSON.';
COMMENT ON COLUMN claimflow.claim.queue IS 'Work queue; empty when none.';
COMMENT ON COLUMN claimflow.claim.assignee IS 'Who holds the lease.';
COMMENT ON COLUMN claimflow.claim.lease_until IS 'When the lease ends by itself.';
COMMENT ON COLUMN claimflow.claim.submitted_by IS 'Subject that submitted the claim.';
COMMENT ON COLUMN claimflow.claim.receipt_date IS 'Frozen at receipt; clocks count from it.';
COMMENT ON COLUMN claimflow.claim.received_at IS 'When it was received.';
COMMENT ON COLUMN claimflow.claim.updated_at IS 'When the last event was recorded.';
COMMENT ON COLUMN claimflow.claim.policy_version IS 'Policy of the last decision.';

CREATE TABLE claimflow.claim_transition (
    event_type TEXT NOT NULL,
    from_state TEXT NOT NULL,
    to_state TEXT NOT NULL,
    CONSTRAINT claim_transition_pkey PRIMARY KEY (event_type, from_state, to_state)
);
COMMENT ON TABLE claimflow.claim_transition IS 'The legal moves, loaded by migrate; every event but a first refers to one.';
COMMENT ON COLUMN claimflow.claim_transition.event_type IS 'Name of the event.';
COMMENT ON COLUMN claimflow.claim_transition.from_state IS 'State before it.';
COMMENT ON COLUMN claimflow.claim_transition.to_state IS 'State after it.';

CREATE TABLE claimflow.code_system (
    system TEXT NOT NULL,
    complete BOOLEAN NOT NULL,
    version BIGINT NOT NULL,
    loaded_at TIMESTAMP WITH TIME ZONE DEFAULT now() NOT NULL,
    PRIMARY KEY (system)
);
COMMENT ON TABLE claimflow.code_system IS 'The code systems that have a table here.';
COMMENT ON COLUMN claimflow.code_system.system IS 'Such as ICD_10_CM, POS or RARC.';
COMMENT ON COLUMN claimflow.code_system.complete IS 'A code that is not listed does not exist.';
COMMENT ON COLUMN claimflow.code_system.version IS 'Reference version of the last load.';
COMMENT ON COLUMN claimflow.code_system.loaded_at IS 'When.';

CREATE TABLE claimflow.command_receipt (
    tenant_id UUID NOT NULL,
    request_id UUID NOT NULL,
    method TEXT NOT NULL,
    actor TEXT NOT NULL,
    payload_hash BYTEA NOT NULL,
    claim_id UUID NOT NULL,
    version BIGINT NOT NULL,
    reply BYTEA NOT NULL,
    batch_id UUID NOT NULL,
    created_at TIMESTAMP WITH TIME ZONE NOT NULL,
    touched_at TIMESTAMP WITH TIME ZONE NOT NULL,
    CONSTRAINT command_receipt_pkey PRIMARY KEY (tenant_id, request_id),
    CONSTRAINT command_receipt_hash_length CHECK (octet_length(payload_hash) = 32)
);
CREATE INDEX command_receipt_age ON claimflow.command_receipt USING brin (created_at);
COMMENT ON TABLE claimflow.command_receipt IS 'The first reply of every command, for repeats; purged by age.';
COMMENT ON COLUMN claimflow.command_receipt.tenant_id IS 'Whose request it is.';
COMMENT ON COLUMN claimflow.command_receipt.request_id IS 'Under which the command happens at most once.';
COMMENT ON COLUMN claimflow.command_receipt.method IS 'Full name of the RPC.';
COMMENT ON COLUMN claimflow.command_receipt.actor IS 'Subject that sent it.';
COMMENT ON COLUMN claimflow.command_receipt.payload_hash IS 'SHA-256 of method, actor and content.';
COMMENT ON COLUMN claimflow.command_receipt.claim_id IS 'The claim it wrote.';
COMMENT ON COLUMN claimflow.command_receipt.version IS 'The claim''s version after it.';
COMMENT ON COLUMN claimflow.command_receipt.reply IS 'The first reply''s bytes, all but the consistency token.';
COMMENT ON COLUMN claimflow.command_receipt.batch_id IS 'The batch it was committed in; commit_position has its position.';
COMMENT ON COLUMN claimflow.command_receipt.created_at IS 'When it was carried out.';
COMMENT ON COLUMN claimflow.command_receipt.touched_at IS 'When it was last given out again (R6).';

CREATE TABLE claimflow.commit_position (
    batch_id UUID NOT NULL,
    lsn PG_LSN NOT NULL,
    created_at TIMESTAMP WITH TIME ZONE DEFAULT now() NOT NULL,
    PRIMARY KEY (batch_id)
);
CREATE INDEX commit_position_age ON claimflow.commit_position USING brin (created_at);
COMMENT ON TABLE claimflow.commit_position IS 'Where the commit of a batch ended: the consistency token of its replies.';
COMMENT ON COLUMN claimflow.commit_position.batch_id IS 'The batch.';
COMMENT ON COLUMN claimflow.commit_position.lsn IS 'A position at or past the end of the batch''s commit.';
COMMENT ON COLUMN claimflow.commit_position.created_at IS 'When it was read.';

CREATE TABLE claimflow.policy (
    policy_set TEXT NOT NULL,
    line_of_business TEXT NOT NULL,
    jurisdiction TEXT NOT NULL,
    effective_from DATE NOT NULL,
    version SERIAL NOT NULL,
    body TEXT NOT NULL,
    CONSTRAINT policy_pkey PRIMARY KEY (version)
);
CREATE INDEX policy_choice ON claimflow.policy (policy_set, line_of_business, jurisdiction, effective_from);
COMMENT ON TABLE claimflow.policy IS 'Dated policies; a row is never changed, a later one of the same key replaces it.';
COMMENT ON COLUMN claimflow.policy.policy_set IS 'Such as strict or sandbox.';
COMMENT ON COLUMN claimflow.policy.line_of_business IS 'COMMERCIAL …; * where no row is more specific.';
COMMENT ON COLUMN claimflow.policy.jurisdiction IS 'Country or state; * where no row is more specific.';
COMMENT ON COLUMN claimflow.policy.effective_from IS 'From this receipt date on.';
COMMENT ON COLUMN claimflow.policy.version IS 'Number of the row, named in every event decided under it.';
COMMENT ON COLUMN claimflow.policy.body IS 'The policy as canonical JSON.';

CREATE TABLE claimflow.read_audit (
    tenant_id UUID NOT NULL,
    read_id UUID NOT NULL,
    read_at TIMESTAMP WITH TIME ZONE NOT NULL,
    actor TEXT NOT NULL,
    role TEXT NOT NULL,
    purpose TEXT NOT NULL,
    method TEXT NOT NULL,
    claim_ids UUID[] NOT NULL,
    classes TEXT[] NOT NULL,
    decision TEXT DEFAULT 'RELEASED' NOT NULL,
    terms_hash BYTEA,
    break_glass TEXT,
    correlation_id TEXT NOT NULL,
    CONSTRAINT read_audit_pkey PRIMARY KEY (tenant_id, read_id)
);
COMMENT ON TABLE claimflow.read_audit IS 'Who was shown what of whom, and why, append-only; no values.';
COMMENT ON COLUMN claimflow.read_audit.tenant_id IS 'Whose data was shown.';
COMMENT ON COLUMN claimflow.read_audit.read_id IS 'UUIDv7 of the record.';
COMMENT ON COLUMN claimflow.read_audit.read_at IS 'When.';
COMMENT ON COLUMN claimflow.read_audit.actor IS 'Subject of the credential.';
COMMENT ON COLUMN claimflow.read_audit.role IS 'Role it acted in.';
COMMENT ON COLUMN claimflow.read_audit.purpose IS 'Purpose of use, such as HPAYMT.';
COMMENT ON COLUMN claimflow.read_audit.method IS 'Full name of the RPC.';
COMMENT ON COLUMN claimflow.read_audit.claim_ids IS 'The claims shown.';
COMMENT ON COLUMN claimflow.read_audit.classes IS 'PHI classes of what was shown.';
COMMENT ON COLUMN claimflow.read_audit.decision IS 'RELEASED or REFUSED.';
COMMENT ON COLUMN claimflow.read_audit.terms_hash IS 'Keyed hash of the query''s terms.';
COMMENT ON COLUMN claimflow.read_audit.break_glass IS 'Reason code of an emergency read.';
COMMENT ON COLUMN claimflow.read_audit.correlation_id IS 'The call in the request log.';

CREATE TABLE claimflow.reference_version (
    "only" BOOLEAN DEFAULT true NOT NULL,
    version BIGINT NOT NULL,
    PRIMARY KEY ("only"),
    CONSTRAINT reference_version_one_row CHECK ("only")
);
COMMENT ON TABLE claimflow.reference_version IS 'By which a process sees that its copy of policies and codes is old.';
COMMENT ON COLUMN claimflow.reference_version."only" IS 'One row.';
COMMENT ON COLUMN claimflow.reference_version.version IS 'Grows with every change of policies, tenants and codes.';

CREATE TABLE claimflow.store (
    "only" BOOLEAN DEFAULT true NOT NULL,
    epoch UUID NOT NULL,
    created_at TIMESTAMP WITH TIME ZONE DEFAULT now() NOT NULL,
    PRIMARY KEY ("only"),
    CONSTRAINT store_one_row CHECK ("only")
);
COMMENT ON TABLE claimflow.store IS 'The identity of this store, named in every position and token.';
COMMENT ON COLUMN claimflow.store."only" IS 'One row.';
COMMENT ON COLUMN claimflow.store.epoch IS 'The store''s identity; a new one after a restore or a failover.';
COMMENT ON COLUMN claimflow.store.created_at IS 'When this epoch began.';

CREATE TABLE claimflow.tenant (
    tenant_id UUID NOT NULL,
    name TEXT DEFAULT '' NOT NULL,
    policy_set TEXT NOT NULL,
    PRIMARY KEY (tenant_id)
);
COMMENT ON TABLE claimflow.tenant IS 'Tenants with a policy set of their own; all others have the default set.';
COMMENT ON COLUMN claimflow.tenant.tenant_id IS 'The tenant.';
COMMENT ON COLUMN claimflow.tenant.name IS 'Name for people.';
COMMENT ON COLUMN claimflow.tenant.policy_set IS 'The policy set its claims are decided under.';

CREATE TABLE claimflow.claim_event (
    tenant_id UUID NOT NULL,
    claim_id UUID NOT NULL,
    version BIGINT NOT NULL,
    event_id UUID NOT NULL,
    event_type TEXT NOT NULL,
    schema_number INTEGER NOT NULL,
    from_state TEXT,
    to_state TEXT NOT NULL,
    payload TEXT NOT NULL,
    sealed BYTEA,
    key_id UUID NOT NULL,
    actor TEXT NOT NULL,
    role TEXT NOT NULL,
    request_id UUID NOT NULL,
    reason_code TEXT,
    policy_version INTEGER NOT NULL,
    recorded_at TIMESTAMP WITH TIME ZONE NOT NULL,
    prev_hash BYTEA NOT NULL,
    hash BYTEA NOT NULL,
    CONSTRAINT claim_event_pkey PRIMARY KEY (tenant_id, claim_id, version),
    CONSTRAINT claim_event_transition FOREIGN KEY(event_type, from_state, to_state) REFERENCES claimflow.claim_transition (event_type, from_state, to_state),
    CONSTRAINT claim_event_version_positive CHECK (version >= 1),
    CONSTRAINT claim_event_first_from_nothing CHECK ((version = 1) = (from_state IS NULL)),
    CONSTRAINT claim_event_first_received CHECK ((version = 1) = (event_type = 'ClaimReceived')),
    CONSTRAINT claim_event_first_state CHECK (version > 1 OR to_state = 'RECEIVED'),
    CONSTRAINT claim_event_state_known CHECK (to_state IN ('RECEIVED', 'REJECTED', 'ACCEPTED', 'PENDED', 'INFO_REQUESTED', 'ADJUDICATED', 'PENDING_APPROVAL', 'APPROVED', 'DENIED', 'PAID', 'CLOSED', 'VOIDED', 'REPLACED')),
    CONSTRAINT claim_event_prev_hash_length CHECK (octet_length(prev_hash) = 32),
    CONSTRAINT claim_event_hash_length CHECK (octet_length(hash) = 32),
    CONSTRAINT claim_event_sealed_salted CHECK (octet_length(sealed) > 32)
);
COMMENT ON TABLE claimflow.claim_event IS 'The audit event table, append-only: what happened to each claim, chained by hash.';
COMMENT ON COLUMN claimflow.claim_event.tenant_id IS 'Whose claim it is.';
COMMENT ON COLUMN claimflow.claim_event.claim_id IS 'The claim.';
COMMENT ON COLUMN claimflow.claim_event.version IS '1, 2, 3 … of the claim, without a gap.';
COMMENT ON COLUMN claimflow.claim_event.event_id IS 'UUIDv7 of the event.';
COMMENT ON COLUMN claimflow.claim_event.event_type IS 'Name of the event''s class.';
COMMENT ON COLUMN claimflow.claim_event.schema_number IS 'Version of the event type''s format.';
COMMENT ON COLUMN claimflow.claim_event.from_state IS 'State before; null for the first event only.';
COMMENT ON COLUMN claimflow.claim_event.to_state IS 'State after.';
COMMENT ON COLUMN claimflow.claim_event.payload IS 'Canonical JSON: the exact bytes that are hashed.';
COMMENT ON COLUMN claimflow.claim_event.sealed IS 'Salt and JSON of what names a person.';
COMMENT ON COLUMN claimflow.claim_event.key_id IS 'Key of the sealed part; zero while it is not encrypted.';
COMMENT ON COLUMN claimflow.claim_event.actor IS 'Subject of the credential.';
COMMENT ON COLUMN claimflow.claim_event.role IS 'Role it acted in.';
COMMENT ON COLUMN claimflow.claim_event.request_id IS 'Request that caused it.';
COMMENT ON COLUMN claimflow.claim_event.reason_code IS 'Why, when a reason was given.';
COMMENT ON COLUMN claimflow.claim_event.policy_version IS 'Policy it was decided under.';
COMMENT ON COLUMN claimflow.claim_event.recorded_at IS 'When; never before the previous event of the claim.';
COMMENT ON COLUMN claimflow.claim_event.prev_hash IS 'Hash of the previous event, or the genesis hash.';
COMMENT ON COLUMN claimflow.claim_event.hash IS 'Hash of this event (reliability.md 3.7).';

CREATE TABLE claimflow.code_value (
    system TEXT NOT NULL,
    code TEXT NOT NULL,
    valid_from DATE,
    valid_to DATE,
    CONSTRAINT code_value_once UNIQUE NULLS NOT DISTINCT (system, code, valid_from),
    CONSTRAINT code_value_system FOREIGN KEY(system) REFERENCES claimflow.code_system (system),
    CONSTRAINT code_value_dates CHECK (valid_to >= valid_from)
);
COMMENT ON TABLE claimflow.code_value IS 'Codes that may be billed, with the days on which they may.';
COMMENT ON COLUMN claimflow.code_value.system IS 'The code system.';
COMMENT ON COLUMN claimflow.code_value.code IS 'The code, without a dot.';
COMMENT ON COLUMN claimflow.code_value.valid_from IS 'First day; null: always.';
COMMENT ON COLUMN claimflow.code_value.valid_to IS 'Last day; null: for good.';

