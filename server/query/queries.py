"""From the tree of a filter to the body of a query. Every read of the index goes through `scoped`.

Only these shapes of Elasticsearch's query language can come out, with typed values in their places:
nothing that a caller writes becomes part of the language.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from decimal import Decimal
from typing import Any
from uuid import UUID

from server.query.conditions import (
    Age,
    And,
    Comparison,
    Node,
    Not,
    Or,
    Prefix,
    Present,
    Text,
    Value,
    Within,
    has_text,
)
from server.query.fields import TEXT_PATH, Field, Kind

Query = dict[str, Any]
Blind = Callable[[str, str], str]

_RANGES = {"<": "lt", "<=": "lte", ">": "gt", ">=": "gte"}
NOTHING: Query = {"match_none": {}}


@dataclass(frozen=True, slots=True)
class Scope:
    """Whose claims a caller may read: of one tenant, and of these only the own ones when limited.

    `own` holds pairs of an index path and the values that make a claim the caller's own; any of
    them does. None means all claims of the tenant.
    """

    tenant_id: UUID
    own: tuple[tuple[str, tuple[str, ...]], ...] | None = None

    def filters(self) -> list[Query]:
        """Return the conditions that every read of the index carries."""
        tenant: Query = {"term": {"tenant_id": str(self.tenant_id)}}
        if self.own is None:
            return [tenant]
        mine: list[Query] = [{"terms": {path: list(values)}} for path, values in self.own if values]
        return [tenant, {"bool": {"should": mine, "minimum_should_match": 1}} if mine else NOTHING]

    def tenant_wide(self) -> Scope:
        """Return the scope of the whole tenant."""
        return Scope(self.tenant_id)

    def holds(self, source: Mapping[str, Any]) -> bool:
        """Tell whether a document is within the scope."""
        if source.get("tenant_id") != str(self.tenant_id):
            return False
        return self.own is None or any(
            not set(values).isdisjoint(as_list(source.get(path))) for path, values in self.own
        )


@dataclass(frozen=True, slots=True)
class Translator:
    """Turns trees into queries; `today` is the day that ages count to, `blind` hashes a value."""

    today: date
    blind: Blind

    def scoped(self, scope: Scope, node: Node) -> Query:
        """Return a query for the claims of a scope that fit the tree; only full text has a rank."""
        conjuncts = node.nodes if isinstance(node, And) else (node,)
        exact = [self._query(one, "") for one in conjuncts if not has_text(one)]
        ranked = [self._query(one, "") for one in conjuncts if has_text(one)]
        body: Query = {"filter": [*scope.filters(), *exact]}
        if ranked:
            body["must"] = ranked
        return {"bool": body}

    def _query(self, node: Node, group: str) -> Query:
        match node:
            case And(nodes):
                return self._all(nodes, group)
            case Or(nodes):
                parts = [self._query(one, group) for one in nodes]
                return {"bool": {"should": parts, "minimum_should_match": 1}}
            case Not(inner):
                return {"bool": {"must_not": [self._query(inner, group)]}}
            case Within(path, inner):
                return {"nested": {"path": path, "query": self._query(inner, path)}}
            case Text(text, phrase, prefix):
                return _full_text(text, phrase, prefix)
            case Comparison(field, operator, value):
                return self._comparison(field, operator, value, group)

    def _all(self, nodes: tuple[Node, ...], group: str) -> Query:
        body: Query = {"filter": [self._query(one, group) for one in nodes if not has_text(one)]}
        if ranked := [self._query(one, group) for one in nodes if has_text(one)]:
            body["must"] = ranked
        return {"bool": body}

    def _comparison(self, field: Field, operator: str, value: Value, group: str) -> Query:
        if operator == "!=":
            return {"bool": {"must_not": [self._comparison(field, "=", value, group)]}}
        if value == "":  # the field is empty: a list around it has no element with a value
            return {"bool": {"must_not": [_nested(field, group, _exists(field))]}}
        # In the filter context, so that it never adds to a rank.
        exact = {"bool": {"filter": [self._condition(field, operator, value)]}}
        return _nested(field, group, exact)

    def _condition(self, field: Field, operator: str, value: Value) -> Query:
        match value:
            case Present():
                return _exists(field)
            case Age(days):
                return self._age(field, operator, days)
            case Prefix(text):
                spelled: Query = {"value": text}
                if field.ignore_case:
                    spelled["case_insensitive"] = True
                return {"prefix": {field.path: spelled}}
            case _:
                return self._typed(field, operator, value)

    def _typed(self, field: Field, operator: str, value: Value) -> Query:
        if field.kind is Kind.SERVICE_DATE:
            assert isinstance(value, date), "the kind of the field decides the kind of the value"
            return _service_date(operator, value)
        if isinstance(value, datetime):
            return _range(field.path, operator, value.isoformat())
        if isinstance(value, date):
            return _day(field, operator, value)
        if field.kind is Kind.HASH:
            assert isinstance(value, str), "a hash is made of a text"
            return {"term": {field.path: self.blind(field.hashed_as, value)}}
        if isinstance(value, str):
            term: Query = {"value": value}
            if field.ignore_case:
                term["case_insensitive"] = True
            return {"term": {field.path: term}}
        return _range(field.path, operator, _number(field, value))

    def _age(self, field: Field, operator: str, days: int) -> Query:
        # Older means earlier, so the comparison turns around.
        turned = {"<": ">", "<=": ">=", ">": "<", ">=": "<=", "=": "="}[operator]
        return _day(field, turned, self.today - timedelta(days=days))


def as_list(value: Any) -> list[Any]:
    """Return the values of a field that may have none, one or several."""
    if value is None:
        return []
    return value if isinstance(value, list) else [value]


def _exists(field: Field) -> Query:
    return {"exists": {"field": field.path}}


def _nested(field: Field, group: str, query: Query) -> Query:
    """Put a condition into the nested lists between the place where we are and its field."""
    if not field.nested or field.nested[-1] == group:
        return query
    return {"nested": {"path": field.nested[-1], "query": query}}


def _number(field: Field, value: Any) -> Any:
    """Return a number as the index holds it: amounts as cents."""
    if field.kind is Kind.AMOUNT:
        return int(value * 100)
    return float(value) if isinstance(value, Decimal) else value


def _range(path: str, operator: str, value: Any) -> Query:
    if operator == "=":
        return {"term": {path: {"value": value}}}
    return {"range": {path: {_RANGES[operator]: value}}}


def _day(field: Field, operator: str, day: date) -> Query:
    """Compare with a whole day; a time is on the day when it is between its midnights, UTC."""
    text = day.isoformat()
    if field.kind is not Kind.TIME:
        return _range(field.path, operator, text)
    first, last = f"{text}T00:00:00Z", f"{text}T23:59:59.999Z"
    bounds = {
        "=": {"gte": first, "lte": last},
        "<": {"lt": first},
        "<=": {"lte": last},
        ">": {"gt": last},
        ">=": {"gte": first},
    }
    return {"range": {field.path: bounds[operator]}}


def _service_date(operator: str, day: date) -> Query:
    """Compare the days of service, from first to last, with a day: any of them will do."""
    text = day.isoformat()
    begins: Query = {"range": {"service_from_date": {"lte": text}}}
    ends: Query = {"range": {"service_through_date": {"gte": text}}}
    match operator:
        case "=":
            return {"bool": {"filter": [begins, ends]}}
        case "<" | "<=":
            return _range("service_from_date", operator, text)
        case _:
            return _range("service_through_date", operator, text)


def _full_text(text: str, phrase: bool, prefix: bool) -> Query:
    if phrase:
        return {"match_phrase": {TEXT_PATH: {"query": text}}}
    if prefix:
        return {"match_bool_prefix": {TEXT_PATH: {"query": text, "operator": "and"}}}
    return {"match": {TEXT_PATH: {"query": text, "operator": "and"}}}
