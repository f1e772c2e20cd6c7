"""The tables that claims are priced by: plans, fees, coverage, code edits; filled by operators.

They stand on the metadata of `tables.py`. `load_tables.py` fills them; `benefits.py` reads all but
coverage whole, by version.
"""

from __future__ import annotations

from typing import Any

from sqlalchemy import (
    BigInteger,
    Boolean,
    CheckConstraint,
    Column,
    Date,
    DateTime,
    ForeignKeyConstraint,
    Integer,
    Numeric,
    PrimaryKeyConstraint,
    SmallInteger,
    Table,
    Text,
    Uuid,
    text,
)

from server.command.tables import metadata

_MOMENT = DateTime(timezone=True)
_AMOUNT = Numeric(10, 2)
_RATE = Numeric(5, 4)


def _column(name: str, kind: Any, comment: str, **more: Any) -> Column[Any]:
    return Column(name, kind, comment=comment, nullable=more.pop("nullable", False), **more)


fee_schedule = Table(
    "fee_schedule",
    metadata,
    _column("schedule_id", Text, "Such as DEMO.", primary_key=True),
    _column("version", BigInteger, "Reference version of the last load."),
    _column("loaded_at", _MOMENT, "When.", server_default=text("now()")),
    comment="The fee schedules that plans may name.",
)

fee = Table(
    "fee",
    metadata,
    _column("schedule_id", Text, "The fee schedule."),
    _column("code", Text, "Procedure, or the revenue code of what has none."),
    _column("modifier", Text, "A modifier with a fee of its own; empty: all others."),
    _column("category", Text, "Decides the cost share; * is no category of its own."),
    _column("amount", _AMOUNT, "Of one unit."),
    _column("effective_from", Date, "First day; a later row takes over."),
    _column("effective_to", Date, "Last day; null: until a later row.", nullable=True),
    PrimaryKeyConstraint("schedule_id", "code", "modifier", "effective_from", name="fee_pkey"),
    ForeignKeyConstraint(["schedule_id"], [fee_schedule.c.schedule_id], name="fee_schedule_known"),
    CheckConstraint("amount >= 0", name="fee_amount"),
    CheckConstraint("effective_to >= effective_from", name="fee_dates"),
    comment="What is allowed for one unit of a service.",
)

plan = Table(
    "plan",
    metadata,
    _column("plan_id", Text, "Such as DEMO-PPO."),
    _column("effective_from", Date, "First day of these terms; a later row takes over."),
    _column("version", BigInteger, "Reference version of the load that brought them."),
    _column("fee_schedule_id", Text, "Its fees."),
    _column("deductible", _AMOUNT, "Of a person in a benefit year."),
    _column("out_of_pocket_max", _AMOUNT, "Likewise, of all that is the patient's."),
    _column("benefit_year_begins_month", SmallInteger, "1 to 12."),
    _column("copay_first", Boolean, "The copay is taken before the deductible."),
    _column("unlisted", Text, "What becomes of a service without a fee."),
    _column("unlisted_rate", _RATE, "Of the charge, when that is PERCENT_OF_CHARGE."),
    _column("fee_above_charge", Boolean, "The fee is allowed also above the charge."),
    PrimaryKeyConstraint("plan_id", "effective_from", name="plan_pkey"),
    ForeignKeyConstraint(
        ["fee_schedule_id"], [fee_schedule.c.schedule_id], name="plan_fee_schedule"
    ),
    CheckConstraint("deductible >= 0 AND out_of_pocket_max >= 0", name="plan_limits"),
    CheckConstraint("benefit_year_begins_month BETWEEN 1 AND 12", name="plan_benefit_year"),
    CheckConstraint("unlisted IN ('PEND', 'DENY', 'PERCENT_OF_CHARGE')", name="plan_unlisted"),
    CheckConstraint("unlisted_rate BETWEEN 0 AND 1", name="plan_unlisted_rate"),
    comment="Dated terms of plans.",
)

cost_share = Table(
    "cost_share",
    metadata,
    _column("plan_id", Text, "The plan."),
    _column("effective_from", Date, "First day of its terms."),
    _column("category", Text, "Of fees; * for all others."),
    _column("copay", _AMOUNT, "Of each line."),
    _column("coinsurance_rate", _RATE, "Of what deductible and copay leave."),
    _column("deductible_applies", Boolean, "Whether the deductible is taken."),
    _column("covered", Boolean, "Whether the plan pays for the category at all."),
    _column("authorization_required", Boolean, "Whether a number is asked for."),
    PrimaryKeyConstraint("plan_id", "effective_from", "category", name="cost_share_pkey"),
    ForeignKeyConstraint(
        ["plan_id", "effective_from"],
        [plan.c.plan_id, plan.c.effective_from],
        name="cost_share_plan",
        ondelete="CASCADE",
    ),
    CheckConstraint("copay >= 0", name="cost_share_copay"),
    CheckConstraint("coinsurance_rate BETWEEN 0 AND 1", name="cost_share_rate"),
    comment="What a plan's members pay for services of a category.",
)

coverage_load = Table(
    "coverage_load",
    metadata,
    _column("tenant_id", Uuid, "The tenant.", primary_key=True),
    _column("version", BigInteger, "Reference version of the last load."),
    _column("loaded_at", _MOMENT, "When.", server_default=text("now()")),
    comment="Tenants whose coverage is loaded; of all others it is not checked.",
)

coverage = Table(
    "coverage",
    metadata,
    _column("tenant_id", Uuid, "Whose member it is; leads the key."),
    _column("member_key", Text, "Hash of the member number; the number itself is not kept."),
    _column("plan_id", Text, "The plan that covers the member."),
    _column("from_date", Date, "First day."),
    _column("through_date", Date, "Last day; null: for good.", nullable=True),
    PrimaryKeyConstraint("tenant_id", "member_key", "plan_id", "from_date", name="coverage_pkey"),
    ForeignKeyConstraint(["tenant_id"], [coverage_load.c.tenant_id], name="coverage_loaded"),
    CheckConstraint("through_date >= from_date", name="coverage_dates"),
    comment="Which plan covers a member on which days.",
)

code_edit_table = Table(
    "code_edit_table",
    metadata,
    _column("name", Text, "PTP or MUE.", primary_key=True),
    _column("version", BigInteger, "Reference version of the last load."),
    _column("loaded_at", _MOMENT, "When.", server_default=text("now()")),
    CheckConstraint("name IN ('PTP', 'MUE')", name="code_edit_table_known"),
    comment="The code edits that are loaded.",
)

ptp_pair = Table(
    "ptp_pair",
    metadata,
    _column("column_1", Text, "The code that is paid."),
    _column("column_2", Text, "The code that is part of it."),
    _column("effective_from", Date, "First day."),
    _column("deleted_on", Date, "Last day; null: in force.", nullable=True),
    _column("modifier_indicator", SmallInteger, "0 absolute, 1 set aside by a modifier, 9 none."),
    PrimaryKeyConstraint("column_1", "column_2", "effective_from", name="ptp_pair_pkey"),
    CheckConstraint(
        "column_1 ~ '^[0-9A-Z]{5}$' AND column_2 ~ '^[0-9A-Z]{5}$' AND column_1 <> column_2",
        name="ptp_pair_codes",
    ),
    CheckConstraint("deleted_on >= effective_from", name="ptp_pair_dates"),
    CheckConstraint("modifier_indicator IN (0, 1, 9)", name="ptp_pair_indicator"),
    comment="NCCI procedure-to-procedure edits: what is not paid beside what.",
)

mue_limit = Table(
    "mue_limit",
    metadata,
    _column("code", Text, "The code."),
    _column("effective_from", Date, "First day."),
    _column("effective_to", Date, "Last day; null: in force.", nullable=True),
    _column("max_units", Integer, "Units that are plausible; 0 is a limit as well."),
    _column("adjudication_indicator", SmallInteger, "1 by line, 2 by day, 3 by day, clinical."),
    PrimaryKeyConstraint("code", "effective_from", name="mue_limit_pkey"),
    CheckConstraint("code ~ '^[0-9A-Z]{5}$'", name="mue_limit_code"),
    CheckConstraint("max_units >= 0", name="mue_limit_units"),
    CheckConstraint("adjudication_indicator IN (1, 2, 3)", name="mue_limit_indicator"),
    CheckConstraint("effective_to >= effective_from", name="mue_limit_dates"),
    comment="NCCI medically unlikely edits: units of a code that one provider may bill.",
)
