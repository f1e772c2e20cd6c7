"""What stories of refusals of several topics begin with."""

from __future__ import annotations

from uuid import UUID

from tests.server.claims.cast import overpaid
from tests.server.claims.dsl import play
from tests.server.claims.pasts import PAID

OTHER = UUID(int=99)
OVERPAID = play(overpaid(), claim=PAID)
