"""Waiting until what was written can be found, and counting it there."""

from __future__ import annotations

import time
from collections import Counter
from collections.abc import Iterable
from datetime import timedelta

from claimflow.cli._context import EXIT_UNAVAILABLE, exit_code
from claimflow.cli._tally import Tally
from claimflow.client import ClaimflowError, Client, at_least_as_fresh, errors
from claimflow.v1.common_pb2 import Consistency

WAIT_STEP = timedelta(seconds=5)
PAUSE_SECONDS = 0.5
# Sources beyond this number are not counted one by one.
ORIGINS_MAX = 200

_PREFIX = "CLAIM_STATE_"


def wait_until_searchable(client: Client, token: str, seconds_max: float) -> bool:
    """Wait until a search finds the write that gave this token; False when that takes too long."""
    consistency = at_least_as_fresh(token, max_wait=WAIT_STEP)
    deadline = time.monotonic() + seconds_max
    while (left := deadline - time.monotonic()) > 0:
        try:
            pages = client.search_claims(
                page_size=1, consistency=consistency, timeout=min(left, 30.0)
            ).pages()
            next(pages)
        except ClaimflowError as failure:
            if exit_code(failure) != EXIT_UNAVAILABLE:
                raise
            time.sleep(min(left, PAUSE_SECONDS))
            continue
        return True
    return False


def count_by_search(client: Client, tally: Tally) -> Counter[str] | None:
    """Return the claims of the import's sources by state, as searches find them.

    None when the claims do not say where they come from, or come from too many places to ask for.
    """
    filters = [_filter(system, batch) for system, batch in tally.origins]
    if not filters or not all(filters) or len(filters) > ORIGINS_MAX:
        return None
    consistency = at_least_as_fresh(tally.token)
    try:
        return _sum(_aggregated(client, text, consistency) for text in filters)
    except errors.PermissionMissing:
        # Who may submit may not always aggregate, but may count their own claims.
        states = sorted(tally.states)
        return _sum(_counted(client, text, states, consistency) for text in filters)


def _sum(counts: Iterable[Counter[str]]) -> Counter[str]:
    total: Counter[str] = Counter()
    for count in counts:
        total.update(count)
    return total


def _aggregated(client: Client, text: str, consistency: Consistency) -> Counter[str]:
    reply = client.aggregate_claims(text, group_by=["state"], consistency=consistency)
    return Counter(
        {group.keys[0].removeprefix(_PREFIX): group.claim_count for group in reply.groups}
    )


def _counted(
    client: Client, text: str, states: Iterable[str], consistency: Consistency
) -> Counter[str]:
    found: Counter[str] = Counter()
    for state in states:
        pages = client.search_claims(
            f"{text} AND state = {state}", page_size=1, count_total=True, consistency=consistency
        ).pages()
        found[state] = next(pages).total_size
    return +found


def _filter(system: str, batch: str) -> str:
    if batch:
        return f"source.batch:{quoted(batch)}"
    return f"source.system:{quoted(system)}" if system else ""


def quoted(text: str) -> str:
    """Return a text as the filter language quotes it."""
    return '"' + text.replace("\\", "\\\\").replace('"', '\\"') + '"'
