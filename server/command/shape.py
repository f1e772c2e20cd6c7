"""The shape of a request: wire values to plain ones, with every bad field told and no value.

For a class of `server.claims` whose fields have the names of the message's fields, converters are
built once, from the class; nothing is looked up by name twice while a claim comes in. Whether a
claim makes sense is for the intake edits; here a text is a text of bounded length, an amount a
decimal, a date a day.
"""

from __future__ import annotations

import re
import types
from collections.abc import Callable, Mapping
from dataclasses import MISSING, fields, is_dataclass
from datetime import UTC, date, datetime
from decimal import Decimal
from enum import Enum
from functools import cache
from typing import Any, Final, TypeVar, Union, get_args, get_origin, get_type_hints
from uuid import UUID

from google.protobuf.message import Message

T = TypeVar("T")
Problem = tuple[str, str]  # path of the field, what is wrong with it

TEXT_MAX: Final = 80
TEXTS_MAX: Final[Mapping[tuple[str, str], int]] = {
    ("Address", "lines"): 55,
    ("ClaimDocument", "notes"): 400,
    ("ClaimDocument", "patient_control_number"): 38,
    ("Payer", "name"): 200,
    ("Provider", "name"): 200,
    ("Procedure", "description"): 500,
    ("Source", "batch"): 400,
    ("Source", "record_id"): 200,
    ("AdjudicationLine", "fee_schedule_reference"): 200,
    ("InformationItem", "text"): 500,
    ("NewAttachment", "name"): 200,
}
LIST_MAX: Final = 20
LISTS_MAX: Final[Mapping[tuple[str, str], int]] = {
    ("ClaimDocument", "service_lines"): 999,
    ("ClaimDocument", "diagnoses"): 50,
    ("AdjudicationLine", "adjustments"): 30,
    ("AdjudicationLine", "remark_codes"): 10,
}
_QUANTITIES: Final = frozenset({"units", "units_paid", "quantity"})
_AMOUNT: Final = re.compile(r"-?(0|[1-9][0-9]{0,10})\.[0-9]{2}")
_QUANTITY: Final = re.compile(r"-?(0|[1-9][0-9]{0,9})(\.[0-9]{1,3})?")
_YEAR_MIN, _YEAR_MAX = 1800, 2199
_UUID: Final = re.compile(r"[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}", re.IGNORECASE)


class Invalid(Exception):
    """A request has fields of a wrong shape; all of them are listed."""

    def __init__(self, problems: list[Problem]) -> None:
        super().__init__("VALIDATION_FAILED")
        self.problems = problems


class Shape:
    """Collects what is wrong with one request."""

    def __init__(self) -> None:
        self.problems: list[Problem] = []

    def bad(self, path: str, what: str) -> None:
        """Note a problem; `what` says what the field should be."""
        self.problems.append((path, what))

    def done(self) -> None:
        """Go on when everything is in shape; raise `Invalid` otherwise."""
        if self.problems:
            raise Invalid(self.problems)

    def text(
        self, path: str, value: str, longest: int = TEXT_MAX, *, least: int = 0, lines: bool = False
    ) -> str:
        """Return a text of bounded length without control characters (line ends by leave)."""
        if not least <= len(value) <= longest:
            self.bad(path, f"must have {least} to {longest} characters")
        elif not value.isprintable() and any(_control(one, lines) for one in value):
            self.bad(path, "must not contain control characters")
        return value

    def uuid(self, path: str, value: str) -> UUID:
        """Return a UUID written in its usual form."""
        if _UUID.fullmatch(value) is None:
            self.bad(path, "must be a UUID")
            return UUID(int=0)
        return UUID(value)

    def amount(self, path: str, value: str) -> Decimal:
        """Return an amount of money: a decimal text with two decimals."""
        if _AMOUNT.fullmatch(value) is None:
            self.bad(path, 'must be an amount with two decimals, such as "125.00"')
            return Decimal(0)
        return Decimal(value)

    def quantity(self, path: str, value: str) -> Decimal:
        """Return a quantity: a decimal text with at most three decimals."""
        if _QUANTITY.fullmatch(value) is None:
            self.bad(path, 'must be a quantity with at most three decimals, such as "1.5"')
            return Decimal(0)
        return Decimal(value)

    def day(self, path: str, value: Any) -> date:
        """Return the day of a google.type.Date."""
        try:
            day = date(value.year, value.month, value.day)
        except (ValueError, OverflowError):
            self.bad(path, "must be a day of the calendar")
            return date.min
        if not _YEAR_MIN <= day.year <= _YEAR_MAX:
            self.bad(path, f"must be between the years {_YEAR_MIN} and {_YEAR_MAX}")
        return day

    def length(self, path: str, values: Any, most: int, least: int = 0) -> None:
        """Check how many there are in a list."""
        if not least <= len(values) <= most:
            self.bad(path, f"must have {least} to {most} entries")

    def whole(self, path: str, value: int, most: int, least: int = 0) -> int:
        """Return a whole number in its range."""
        if not least <= value <= most:
            self.bad(path, f"must be {least} to {most}")
        return value


def _control(character: str, lines: bool) -> bool:
    code = ord(character)
    return (code < 0x20 or 0x7F <= code < 0xA0) and not (lines and character in "\n\r\t")


Reader = Callable[[Any, str, Shape], Any]


def read(kind: type[T], message: Message, path: str, shape: Shape) -> T:
    """Return a message as the class whose fields have its names."""
    any_kind: Any = kind
    value: T = _class_reader(any_kind)(message, path, shape)
    return value


@cache
def _class_reader(kind: Any) -> Reader:
    hints = get_type_hints(kind)
    plan = {
        one.name: _field_reader(kind.__name__, one.name, hints[one.name]) for one in fields(kind)
    }
    required = [
        (one.name, _ABSENT[_bare(hints[one.name])])
        for one in fields(kind)
        if one.default is MISSING and one.default_factory is MISSING
    ]

    by_descriptor: dict[Any, tuple[str, Reader]] = {}  # saves asking a descriptor for its name

    def run(message: Any, path: str, shape: Shape) -> Any:
        values: dict[str, Any] = {}
        prefix = f"{path}." if path else ""
        for descriptor, value in message.ListFields():
            found = by_descriptor.get(descriptor)
            if found is None:
                found = by_descriptor[descriptor] = descriptor.name, plan[descriptor.name]
            name, reader = found
            values[name] = reader(value, prefix + name, shape)
        for name, absent in required:
            if name not in values:
                values[name] = plan[name](absent, prefix + name, shape)
        return kind(**values)

    return run


# What the wire holds for a field that is absent but may not be.
_ABSENT: Final[Mapping[Any, Any]] = {str: "", int: 0, Decimal: ""}


def _field_reader(owner: str, name: str, hint: Any) -> Reader:
    kind = _bare(hint)
    if get_origin(kind) is tuple:
        most = LISTS_MAX.get((owner, name), LIST_MAX)
        return _list_reader(_value_reader(owner, name, _bare(get_args(kind)[0])), most)
    return _value_reader(owner, name, kind)


def _list_reader(item: Reader, most: int) -> Reader:
    def run(values: Any, path: str, shape: Shape) -> Any:
        shape.length(path, values, most)
        return tuple(
            item(value, f"{path}[{place}]", shape) for place, value in enumerate(values[:most])
        )

    return run


def _value_reader(owner: str, name: str, kind: Any) -> Reader:
    if is_dataclass(kind):
        found: Reader = _class_reader(kind)  # type: ignore[arg-type]
        return found
    if issubclass(kind, Enum):
        return _enum_reader(kind)
    if issubclass(kind, date):
        return lambda value, path, shape: shape.day(path, value)
    if issubclass(kind, Decimal):
        if name in _QUANTITIES:
            return lambda value, path, shape: shape.quantity(path, value)
        return lambda value, path, shape: shape.amount(path, value)
    if issubclass(kind, bool):
        return lambda value, path, shape: value
    if issubclass(kind, int):
        return lambda value, path, shape: shape.whole(path, value, 2**53)
    return _text_reader(TEXTS_MAX.get((owner, name), TEXT_MAX))


def _text_reader(longest: int) -> Reader:
    def run(value: str, path: str, shape: Shape) -> str:
        if len(value) <= longest and value.isprintable():
            return value
        return shape.text(path, value, longest)

    return run


def _enum_reader(kind: type[Enum]) -> Reader:
    # Both sides list the same members in the same order; a test holds them to it.
    members = list(kind)
    shift = 0 if members[0].name == "UNSPECIFIED" else 1

    def run(value: int, path: str, shape: Shape) -> Any:
        place = value - shift
        if not 0 <= place < len(members):
            shape.bad(path, "must be a value of the enum")
            return members[0]
        return members[place]

    return run


def enum(kind: type[T], value: int, path: str, shape: Shape) -> T:
    """Return the member of a number; unspecified and unknown ones are problems."""
    if value == 0:
        shape.bad(path, "must be given")
    any_kind: Any = kind
    member: T = _enum_reader(any_kind)(max(value, 1), path, shape)
    return member


def _bare(hint: Any) -> Any:
    """Return a type without `| None`."""
    if get_origin(hint) in (Union, types.UnionType):
        return next(one for one in get_args(hint) if one is not type(None))
    return hint


Writer = Callable[[Any], Any]


def tree(value: Any) -> dict[str, Any]:
    """Return a value as the arguments of the message whose fields have its names."""
    kind: Any = type(value)
    arguments: dict[str, Any] = _writer(kind)(value)
    return arguments


@cache
def _writer(kind: Any) -> Writer:
    kind = _bare(kind)
    if get_origin(kind) is tuple:
        item = _writer(get_args(kind)[0])
        return lambda values: [item(value) for value in values]
    if is_dataclass(kind):
        return _class_writer(kind)
    if issubclass(kind, Enum):
        shift = 0 if next(iter(kind)).name == "UNSPECIFIED" else 1
        numbers = {member: place + shift for place, member in enumerate(kind)}
        return numbers.__getitem__
    if issubclass(kind, datetime):
        return moment
    if issubclass(kind, date):
        return day
    if issubclass(kind, Decimal | UUID):
        return str
    return lambda value: value


def _class_writer(kind: Any) -> Writer:
    hints = get_type_hints(kind)
    plan = [(one.name, one.default, _writer(hints[one.name])) for one in fields(kind)]

    def run(value: Any) -> dict[str, Any]:
        arguments = {}
        for name, default, write in plan:
            found = getattr(value, name)
            if found is None or (found == default and not isinstance(found, Decimal)):
                continue
            arguments[name] = write(found)
        return arguments

    return run


def day(value: date) -> dict[str, int]:
    """Return a day as the arguments of google.type.Date."""
    return {"year": value.year, "month": value.month, "day": value.day}


_EPOCH: Final = datetime(1970, 1, 1, tzinfo=UTC)


def moment(value: datetime) -> dict[str, int]:
    """Return an instant as the arguments of google.protobuf.Timestamp."""
    since = value - _EPOCH
    return {
        "seconds": since.days * 86400 + since.seconds,
        "nanos": since.microseconds * 1000,
    }
