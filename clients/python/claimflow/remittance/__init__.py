"""Remittance advices (X12 835): values, a reader, a writer, and a checker of their balance."""

from claimflow.remittance._order import in_writing_order
from claimflow.remittance._policy import CODE_POLICY, CodePolicy
from claimflow.remittance._reversal import reversal_of
from claimflow.remittance._segments_out import CannotWrite
from claimflow.remittance.checker import Sums, check, check_all, forward_balance, is_balanced, sums
from claimflow.remittance.problems import Malformation, Place, Problem, ReadProblem, Severity
from claimflow.remittance.reader import Reading, read
from claimflow.remittance.values import (
    Account,
    Adjustment,
    Party,
    Patient,
    ProviderAdjustment,
    Remittance,
    RemittanceLine,
    RemittedClaim,
    Transfer,
)
from claimflow.remittance.writer import Interchange, write

__all__ = [
    "CODE_POLICY",
    "Account",
    "Adjustment",
    "CannotWrite",
    "CodePolicy",
    "Interchange",
    "Malformation",
    "Party",
    "Patient",
    "Place",
    "Problem",
    "ProviderAdjustment",
    "ReadProblem",
    "Reading",
    "Remittance",
    "RemittanceLine",
    "RemittedClaim",
    "Severity",
    "Sums",
    "Transfer",
    "check",
    "check_all",
    "forward_balance",
    "in_writing_order",
    "is_balanced",
    "read",
    "reversal_of",
    "sums",
    "write",
]
