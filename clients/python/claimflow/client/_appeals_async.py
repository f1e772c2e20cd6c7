"""The methods of CommandService for appeals; the synchronous form is generated."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Unpack

from claimflow.client._connection_async import AsyncCaller
from claimflow.client._requests import CommandOptions
from claimflow.client.values import build
from claimflow.v1 import claim_pb2
from claimflow.v1 import command_service_pb2 as pb


class AsyncAppeals(AsyncCaller):
    """Commands 16 to 18."""

    async def file_appeal(
        self,
        claim_id: str,
        *,
        level: int = 1,
        line_numbers: Iterable[int] = (),
        good_cause_code: str = "",
        **options: Unpack[CommandOptions],
    ) -> pb.FileAppealResponse:
        """Object to a final decision on these lines, by default on all of them."""
        fields = {
            "level": level,
            "line_numbers": list(line_numbers),
            "good_cause_code": good_cause_code,
        }
        request = build(pb.FileAppealRequest, fields)
        return await self._command(self._connection.commands.FileAppeal, claim_id, request, options)

    async def withdraw_appeal(
        self, claim_id: str, *, appeal_id: str, **options: Unpack[CommandOptions]
    ) -> pb.WithdrawAppealResponse:
        """Take an appeal back."""
        request = pb.WithdrawAppealRequest(appeal_id=appeal_id)
        return await self._command(
            self._connection.commands.WithdrawAppeal, claim_id, request, options
        )

    async def dismiss_appeal(
        self, claim_id: str, *, appeal_id: str, **options: Unpack[CommandOptions]
    ) -> pb.DismissAppealResponse:
        """End an appeal without deciding it."""
        request = pb.DismissAppealRequest(appeal_id=appeal_id)
        return await self._command(
            self._connection.commands.DismissAppeal, claim_id, request, options
        )

    async def decide_appeal(
        self,
        claim_id: str,
        *,
        appeal_id: str,
        outcome: claim_pb2.AppealOutcome | str,
        **options: Unpack[CommandOptions],
    ) -> pb.DecideAppealResponse:
        """Decide an appeal; unless the decision is upheld, it is to be made anew."""
        fields = {"appeal_id": appeal_id, "outcome": outcome}
        request = build(pb.DecideAppealRequest, fields)
        return await self._command(
            self._connection.commands.DecideAppeal, claim_id, request, options
        )
