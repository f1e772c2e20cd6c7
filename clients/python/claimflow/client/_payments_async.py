"""The methods of CommandService that move money; the synchronous form is generated."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import date
from decimal import Decimal
from typing import Unpack

from claimflow.client._connection_async import AsyncCaller
from claimflow.client._requests import CommandOptions, CreateOptions
from claimflow.client.values import build, money
from claimflow.v1 import command_service_pb2 as pb
from claimflow.v1 import remittance_pb2


class AsyncPayments(AsyncCaller):
    """Commands 13, 14 and 25."""

    async def issue_remittance(
        self,
        claim_ids: Iterable[str],
        *,
        payment_date: date | None = None,
        trace_number: str = "",
        method: remittance_pb2.PaymentMethod | str = remittance_pb2.PAYMENT_METHOD_ACH,
        **options: Unpack[CreateOptions],
    ) -> pb.IssueRemittanceResponse:
        """Pay and tell the final decisions of up to 500 claims of one payee, all or none.

        Without a payment date it is today's; without a trace number the server makes one.
        """
        fields = {
            "claim_ids": list(claim_ids),
            "payment_date": payment_date,
            "trace_number": trace_number,
            "method": method,
        }
        request = build(pb.IssueRemittanceRequest, fields)
        return await self._create(self._connection.commands.IssueRemittance, request, options)

    async def report_payment_failure(
        self, remittance_id: str, *, trace_number: str, **options: Unpack[CreateOptions]
    ) -> pb.ReportPaymentFailureResponse:
        """Tell that a remittance's money did not arrive; its claims are to be paid again."""
        request = pb.ReportPaymentFailureRequest(
            remittance_id=remittance_id, trace_number=trace_number
        )
        return await self._create(self._connection.commands.ReportPaymentFailure, request, options)

    async def record_overpayment(
        self, claim_id: str, *, amount: Decimal | int | str, **options: Unpack[CommandOptions]
    ) -> pb.RecordOverpaymentResponse:
        """Note that more was paid than was due."""
        request = pb.RecordOverpaymentRequest(amount=money(amount))
        return await self._command(
            self._connection.commands.RecordOverpayment, claim_id, request, options
        )

    async def recoup_overpayment(
        self,
        claim_id: str,
        *,
        overpayment_id: str,
        amount: Decimal | int | str,
        **options: Unpack[CommandOptions],
    ) -> pb.RecoupOverpaymentResponse:
        """Take an amount of an overpayment from the payee's next remittance."""
        request = pb.RecoupOverpaymentRequest(overpayment_id=overpayment_id, amount=money(amount))
        return await self._command(
            self._connection.commands.RecoupOverpayment, claim_id, request, options
        )
