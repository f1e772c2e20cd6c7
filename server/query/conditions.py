"""The tree of a filter: typed conditions, and the one text for each tree that replies echo."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal

from server.query.fields import Field


class Unreadable(Exception):
    """A filter or an order cannot be read; `position` is where reading stopped."""

    def __init__(self, position: int, description: str) -> None:
        super().__init__(description)
        self.position = position
        self.description = description


@dataclass(frozen=True, slots=True)
class Present:
    """The field has a value (`field:*`)."""


@dataclass(frozen=True, slots=True)
class Prefix:
    """Values that begin with a text."""

    text: str


@dataclass(frozen=True, slots=True)
class Age:
    """Days since the date or time in the field."""

    days: int


Value = Present | Prefix | Age | str | int | Decimal | date | datetime | bool


@dataclass(frozen=True, slots=True)
class Comparison:
    """One condition on one field; `:` and `=` are the same here."""

    field: Field
    operator: str
    value: Value


@dataclass(frozen=True, slots=True)
class Within:
    """Conditions on one and the same element of a nested list."""

    path: str
    node: Node


@dataclass(frozen=True, slots=True)
class Text:
    """Full text: a word, the beginning of one, or a phrase."""

    text: str
    phrase: bool = False
    prefix: bool = False


@dataclass(frozen=True, slots=True)
class Not:
    """The opposite."""

    node: Node


@dataclass(frozen=True, slots=True)
class And:
    """All of them; none means everything."""

    nodes: tuple[Node, ...]


@dataclass(frozen=True, slots=True)
class Or:
    """Any of them."""

    nodes: tuple[Node, ...]


Node = Comparison | Within | Text | Not | And | Or
EVERYTHING = And(())


def has_text(node: Node) -> bool:
    """Tell whether a tree asks for full text outside of a negation, so that hits have a rank."""
    match node:
        case Text():
            return True
        case And(nodes) | Or(nodes):
            return any(has_text(one) for one in nodes)
        case _:
            return False


def normalized(node: Node) -> str:
    """Return the one text of a tree: within the limits, reading it again gives the same tree."""
    return _text(node, "", 0)


def _text(node: Node, group: str, level: int) -> str:
    """Write a node; level 0 stands alone, 1 in an AND, 2 in an OR, 3 after a NOT."""
    match node:
        case And(nodes):
            return _joined(" AND ", nodes, group, 1, level >= 1)
        case Or(nodes):
            return _joined(" OR ", nodes, group, 2, level >= 1)
        case Not(inner):
            text = f"NOT {_text(inner, group, 3)}"
            return f"({text})" if level == 3 else text
        case Within(path, inner):
            return f"{_relative(path, group)}:({_text(inner, path, 0)})"
        case Text(text, phrase, prefix):
            return quoted(text) if phrase else f"{text}{'*' if prefix else ''}"
        case Comparison(field, operator, value):
            name = _relative(field.name, group)
            if isinstance(value, Age):
                return f"age_days({name}) {operator} {value.days}"
            return f"{name} {operator} {_value(value)}"


def _joined(word: str, nodes: tuple[Node, ...], group: str, level: int, inside: bool) -> str:
    text = word.join(_text(one, group, level) for one in nodes)
    return f"({text})" if inside else text


def _relative(name: str, group: str) -> str:
    return name.removeprefix(f"{group}.") if group else name


def _value(value: Value) -> str:
    match value:
        case Present():
            return "*"
        case Prefix(text):
            return quoted(text)[:-1] + '*"'
        case bool():
            return str(value).lower()
        case datetime():
            return value.isoformat().replace("+00:00", "Z")
        case date():
            return value.isoformat()
        case str():
            return quoted(value)
        case _:
            return str(value)


def quoted(text: str) -> str:
    """Return a text in quotation marks, as the filter language has them."""
    for special in ("\\", '"', "*"):
        text = text.replace(special, "\\" + special)
    return f'"{text}"'
