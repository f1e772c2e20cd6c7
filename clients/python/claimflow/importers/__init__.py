"""Readers of claims from elsewhere and a generator of realistic ones, all giving `ClaimDocument`.

Every reader streams: it yields one `Record` for every record of its source, in order and with a
position that is the same at every reading, so that an interrupted import can go on after it.
"""

from claimflow.importers._detect import IMPORTERS, detect
from claimflow.importers._generate import generate
from claimflow.importers._jsonl import from_json_line, to_json_line
from claimflow.importers._record import Importer, Record, UnknownFormat

__all__ = [
    "IMPORTERS",
    "Importer",
    "Record",
    "UnknownFormat",
    "detect",
    "from_json_line",
    "generate",
    "to_json_line",
]
