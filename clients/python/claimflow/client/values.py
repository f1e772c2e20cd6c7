"""Python values to and from the contract's: `Decimal`, `date`, aware `datetime`, enum names.

The wire carries amounts as text with two decimals and dates as `google.type.Date`. `build` makes
any message from plain Python values, `to_python` turns any reply into plain Python values, and
both agree: what one gives, the other takes. A float is refused, since it cannot hold an amount.
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal, InvalidOperation
from typing import Any, TypeVar

from google.protobuf.descriptor import EnumDescriptor, FieldDescriptor
from google.protobuf.duration_pb2 import Duration
from google.protobuf.message import Message
from google.protobuf.timestamp_pb2 import Timestamp
from google.type.date_pb2 import Date

from claimflow.v1.common_pb2 import Consistency
from claimflow.v1.document_pb2 import ClaimDocument

M = TypeVar("M", bound=Message)

AMOUNT_FIELDS = frozenset(
    {
        "allowed",
        "amount",
        "amount_in_controversy",
        "charge",
        "deductible",
        "deductible_used",
        "interest",
        "out_of_pocket",
        "out_of_pocket_used",
        "paid",
        "paid_amount",
        "patient_responsibility",
        "recouped",
        "remaining_patient_liability",
        "total_charge",
    }
)
_WIDE = frozenset({FieldDescriptor.TYPE_INT64, FieldDescriptor.TYPE_UINT64})
# Far beyond any amount; text such as 1E999999999 is short, and its digits are not.
_MAGNITUDE_MAX = 100
QUANTITY_FIELDS = frozenset({"quantity", "units", "units_paid"})

STRONG = Consistency(strong=Consistency.Strong())
MINIMIZE_LATENCY = Consistency(minimize_latency=Consistency.MinimizeLatency())


def at_least_as_fresh(token: str, *, max_wait: timedelta | None = None) -> Consistency:
    """Return the wish for an answer that holds the write that gave this token."""
    wish = Consistency.AtLeastAsFresh(token=token)
    if max_wait is not None:
        wish.max_wait.FromTimedelta(max_wait)
    return Consistency(at_least_as_fresh=wish)


def money(value: Decimal | int | str) -> str:
    """Return an amount as the wire carries it, with two decimals; a third one is a ValueError."""
    return f"{_exact(value, decimals=2):.2f}"


def quantity(value: Decimal | int | str) -> str:
    """Return a quantity as the wire carries it, with at most three decimals."""
    exact = _exact(value, decimals=3)
    text = f"{exact:f}"
    return text.rstrip("0").rstrip(".") if "." in text else text


def amount(text: str) -> Decimal:
    """Return an amount or quantity of a reply; empty text, which is absence, is a ValueError."""
    return _exact(text, decimals=3)


def date_(value: date) -> Date:
    """Return a day as the wire carries it."""
    return Date(year=value.year, month=value.month, day=value.day)


def to_date(value: Date) -> date | None:
    """Return a day of a reply, None when it was not stated."""
    return date(value.year, value.month, value.day) if value.year else None


def timestamp(value: datetime) -> Timestamp:
    """Return an instant as the wire carries it; a datetime without zone is a ValueError."""
    if value.tzinfo is None:
        raise ValueError("an instant needs a time zone")
    stamp = Timestamp()
    stamp.FromDatetime(value)
    return stamp


def to_datetime(value: Timestamp) -> datetime:
    """Return an instant of a reply, in UTC."""
    return value.ToDatetime(UTC)


def document(fields: Mapping[str, Any] | None = None, /, **more: Any) -> ClaimDocument:
    """Return a claim's document from plain Python values."""
    return build(ClaimDocument, {**(fields or {}), **more})


def build(kind: type[M], fields: Mapping[str, Any] | M) -> M:
    """Return a message from plain values: nested mappings and lists, Decimal, date, enum names.

    Raises:
        TypeError: for an unknown field or a value of the wrong kind; names the path, no value.
        ValueError: for an amount with too many decimals, a bad date, an unknown enum name, a value
            that the field cannot hold; names the path, no value.

    """
    if isinstance(fields, Message):
        return fields
    message = kind()
    _fill(message, fields, "")
    return message


def to_python(message: Message) -> dict[str, Any]:
    """Return a message as plain values; what is not stated is left out, lists are always there."""
    return {
        field.name: _read_field(message, field)
        for field in _fields(message).values()
        if _is_stated(message, field)
    }


def enum_name(descriptor: EnumDescriptor, number: int) -> str:
    """Return a value's name without the enum's prefix, such as PENDED."""
    value = descriptor.values_by_number.get(number)
    return str(number) if value is None else value.name.removeprefix(_prefix(descriptor))


def enum_number(descriptor: EnumDescriptor, name: str) -> int:
    """Return the number of a value named with or without the enum's prefix, in any case."""
    short = name.strip().upper().replace("-", "_").removeprefix(_prefix(descriptor))
    value = descriptor.values_by_name.get(_prefix(descriptor) + short)
    if value is None:
        raise ValueError(f"unknown {descriptor.name}")
    return value.number


def _exact(value: Decimal | int | str, *, decimals: int) -> Decimal:
    if isinstance(value, bool) or not isinstance(value, (Decimal, int, str)):
        raise TypeError("an amount is a Decimal, an int or text")
    try:
        exact = Decimal(value)
    except InvalidOperation:
        raise ValueError("not a decimal number") from None
    if not exact.is_finite():
        raise ValueError("not a finite number")
    if abs(exact.adjusted()) > _MAGNITUDE_MAX:
        raise ValueError("too large or too small")
    if 10**decimals % exact.as_integer_ratio()[1]:
        raise ValueError(f"more than {decimals} decimals")
    return exact


def _prefix(descriptor: EnumDescriptor) -> str:
    first = descriptor.values[0].name
    return first.removesuffix("UNSPECIFIED")


def _fields(message: Message) -> dict[str, FieldDescriptor]:
    # The stubs know two descriptor classes, the pure one and the compiled one; both behave alike.
    fields: Any = message.DESCRIPTOR.fields
    return {field.name: field for field in fields}


def _snake(name: str) -> str:
    return "".join(f"_{letter.lower()}" if letter.isupper() else letter for letter in name)


def _fill(message: Message, fields: Mapping[str, Any], path: str) -> None:
    if not isinstance(fields, Mapping):
        raise TypeError(f"{path or 'the document'}: a mapping is needed")
    known = _fields(message)
    for name, value in fields.items():
        field = known.get(_snake(name))
        if field is None:
            raise TypeError(f"{path}{name}: no such field")
        if value is not None:
            _set_field(message, field, value, f"{path}{field.name}")


def _set_field(message: Message, field: FieldDescriptor, value: Any, path: str) -> None:
    if not field.is_repeated:
        _set_one(message, field, value, path)
        return
    if isinstance(value, (str, bytes, Mapping)):
        raise TypeError(f"{path}: a list is needed")
    target = getattr(message, field.name)
    for index, item in enumerate(value):
        place = f"{path}[{index}]"
        if field.message_type is not None:
            _set_message(target.add(), item, place)
            continue
        scalar = _scalar(field, item, place)
        try:
            target.append(scalar)
        except ValueError:
            raise _misfit(place) from None


def _set_one(message: Message, field: FieldDescriptor, value: Any, path: str) -> None:
    if field.message_type is None:
        scalar = _scalar(field, value, path)
        try:
            setattr(message, field.name, scalar)
        except ValueError:
            raise _misfit(path) from None
        return
    target = getattr(message, field.name)
    target.SetInParent()
    _set_message(target, value, path)


def _set_message(target: Message, value: Any, path: str) -> None:
    if isinstance(value, type(target)):
        target.CopyFrom(value)
        return
    try:
        if isinstance(target, Date) and isinstance(value, (date, str)):
            target.CopyFrom(date_(_as_date(value)))
        elif isinstance(target, Timestamp) and isinstance(value, (datetime, str)):
            target.CopyFrom(timestamp(_as_datetime(value)))
        elif isinstance(target, Duration) and isinstance(value, timedelta):
            target.FromTimedelta(value)
        else:
            _fill(target, value, f"{path}.")
    except ValueError as error:
        raise _at(path, error) from None


def _misfit(path: str) -> ValueError:
    # A number beyond its bits, or text that is no text; the error of protobuf holds the value.
    return ValueError(f"{path}: a value that does not fit")


def _as_date(value: date | str) -> date:
    if isinstance(value, datetime):
        raise ValueError("a date is needed, not an instant")
    if isinstance(value, date):
        return value
    try:
        return date.fromisoformat(value)
    except ValueError:
        raise ValueError("not a date such as 2024-01-31") from None


def _as_datetime(value: datetime | str) -> datetime:
    if isinstance(value, datetime):
        return value
    try:
        return datetime.fromisoformat(value)
    except ValueError:
        raise ValueError("not an instant such as 2024-01-31T12:00:00Z") from None


def _at(path: str, error: ValueError) -> ValueError:
    told = str(error)
    return ValueError(told if told.startswith(path) else f"{path}: {told}")


def _scalar(field: FieldDescriptor, value: Any, path: str) -> Any:
    try:
        if field.enum_type is not None and isinstance(value, str):
            return enum_number(field.enum_type, value)
        if field.type == FieldDescriptor.TYPE_STRING:
            return _text(field, value)
    except (ValueError, TypeError) as error:
        raise type(error)(f"{path}: {error}") from None
    if field.type in _WIDE and isinstance(value, str) and value.isascii() and value.isdigit():
        return int(value)  # JSON carries numbers of 64 bits as text
    if isinstance(value, bool) != (field.type == FieldDescriptor.TYPE_BOOL) or not isinstance(
        value, int
    ):
        raise TypeError(f"{path}: {type(value).__name__} does not fit")
    return value


def _text(field: FieldDescriptor, value: Any) -> str:
    if value == "" and isinstance(value, str):
        return value
    if field.name in AMOUNT_FIELDS:
        return money(value)
    if field.name in QUANTITY_FIELDS:
        return quantity(value)
    if not isinstance(value, str):
        raise TypeError("text is needed")
    return value


def _is_stated(message: Message, field: FieldDescriptor) -> bool:
    if field.is_repeated:
        return True
    if field.has_presence:
        return bool(message.HasField(field.name))
    if field.enum_type is not None or field.type == FieldDescriptor.TYPE_STRING:
        return bool(getattr(message, field.name))
    return True


def _read_field(message: Message, field: FieldDescriptor) -> Any:
    value = getattr(message, field.name)
    if field.is_repeated:
        return [_read_value(field, item) for item in value]
    return _read_value(field, value)


def _read_value(field: FieldDescriptor, value: Any) -> Any:
    if field.enum_type is not None:
        return enum_name(field.enum_type, value)
    if isinstance(value, Date):
        return to_date(value)
    if isinstance(value, Timestamp):
        return to_datetime(value)
    if isinstance(value, Duration):
        return value.ToTimedelta()
    if isinstance(value, Message):
        return to_python(value)
    if value and field.name in AMOUNT_FIELDS | QUANTITY_FIELDS and isinstance(value, str):
        return amount(value)
    return value
