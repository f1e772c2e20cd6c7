"""The word that makes realistic claims."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date, datetime
from typing import BinaryIO

import click

from claimflow import importers
from claimflow.cli._context import pairs


@click.command()
@click.option("-n", "--count", type=click.IntRange(min=0), default=100, show_default=True)
@click.option("--seed", type=int, default=1, show_default=True, help="Same seed, same claims.")
@click.option(
    "--defect", "defects", multiple=True, metavar="EDIT=SHARE",
    help="Share of claims that fail an edit, such as E03=0.05.",
)  # fmt: skip
@click.option("--start-date", type=click.DateTime(["%Y-%m-%d"]), help="First day of service.")
@click.option("-o", "--output", type=click.File("wb"), default="-", help="Default stdout.")
def generate(
    count: int, seed: int, defects: Sequence[str], start_date: datetime | None, output: BinaryIO
) -> None:
    """Make claims, one JSON document a line, for `claimflow import -`."""
    shares = {name: _share(value) for name, value in pairs(defects, "--defect").items()}
    try:
        if start_date is None:
            documents = importers.generate(count, seed=seed, defects=shares)
        else:
            day = date(start_date.year, start_date.month, start_date.day)
            documents = importers.generate(count, seed=seed, defects=shares, start_date=day)
        for document in documents:
            # The line ends here, whether or not the format's own function ends it.
            output.write(importers.to_json_line(document).rstrip(b"\n") + b"\n")
    except ValueError as error:
        raise click.UsageError(str(error)) from None


def _share(text: str) -> float:
    try:
        share = float(text)
    except ValueError:
        raise click.UsageError("--defect takes a share between 0 and 1") from None
    if not 0 <= share <= 1:
        raise click.UsageError("--defect takes a share between 0 and 1")
    return share
