"""The filter language, a subset of AIP-160: text in, a tree of typed conditions out.

    filter     = [ expression ]
    expression = factor { ["AND"] factor }          AND binds weaker than OR, as AIP-160 has it
    factor     = term { "OR" term }
    term       = [ "NOT" | "-" ] simple
    simple     = "(" expression ")" | condition | text
    condition  = name operator value
               | nested ":" "(" expression ")"
               | "age_days(" name ")" operator days

Everything is typed and bounded here: field names come from `fields.py`, values are read by the
field's kind. An error names the zero-based position where reading stopped and never repeats what
was written.
"""

from __future__ import annotations

import re
from collections.abc import Set

from server.platform.redaction import Sight
from server.query.conditions import (
    EVERYTHING,
    Age,
    And,
    Comparison,
    Node,
    Not,
    Or,
    Present,
    Text,
    Unreadable,
    Within,
)
from server.query.fields import COMPARABLE, FIELDS, NESTED, TEXT_CLASS, Field, Kind
from server.query.literals import value_of

LENGTH_MAX = 4096
TERMS_MAX = 64
DEPTH_MAX = 8

OPERATORS = ("<=", ">=", "!=", "=", "<", ">", ":")
_WORD_END = frozenset(" \t\r\n()\"'=<>!:,")
_VALUE_END = frozenset(" \t\r\n()\"'")
_DAYS = re.compile(r"-?\d{1,5}", re.ASCII)


def parse(text: str, sight: Sight) -> Node:
    """Return the tree of a filter of a caller who sees this; raises `Unreadable`."""
    if len(text) > LENGTH_MAX:
        raise Unreadable(LENGTH_MAX, f"a filter has at most {LENGTH_MAX} characters")
    return _Parser(text, sight).whole()


class _Parser:
    """Reads one filter, left to right, by recursive descent."""

    def __init__(self, text: str, sight: Sight) -> None:
        self.text = text
        self.sight = sight
        self.at = 0
        self.terms = 0
        self.group = ""  # the nested list whose parentheses we are in

    def whole(self) -> Node:
        self._skip()
        if self.at == len(self.text):
            return EVERYTHING
        node = self._expression(1)
        if self.at < len(self.text):
            raise self._error("a closing parenthesis has no opening one")
        return node

    def _error(self, description: str, position: int | None = None) -> Unreadable:
        return Unreadable(self.at if position is None else position, description)

    def _skip(self) -> None:
        while self.at < len(self.text) and self.text[self.at].isspace():
            self.at += 1

    def _peek(self) -> str:
        return self.text[self.at] if self.at < len(self.text) else ""

    def _keyword(self, word: str) -> bool:
        """Take a keyword that stands here alone."""
        end = self.at + len(word)
        if not self.text.startswith(word, self.at):
            return False
        if end < len(self.text) and not (self.text[end].isspace() or self.text[end] in "()"):
            return False
        self.at = end
        self._skip()
        return True

    def _expression(self, depth: int) -> Node:
        if depth > DEPTH_MAX:
            raise self._error(f"a filter nests at most {DEPTH_MAX} levels")
        nodes = [self._factor(depth)]
        while self.at < len(self.text) and self._peek() != ")":
            self._keyword("AND")
            nodes.append(self._factor(depth))
        return nodes[0] if len(nodes) == 1 else And(tuple(nodes))

    def _factor(self, depth: int) -> Node:
        nodes = [self._term(depth)]
        while self._keyword("OR"):
            nodes.append(self._term(depth))
        return nodes[0] if len(nodes) == 1 else Or(tuple(nodes))

    def _term(self, depth: int) -> Node:
        if self._keyword("NOT"):
            return Not(self._simple(depth))
        following = self.text[self.at + 1 : self.at + 2]
        if self._peek() == "-" and following and not following.isspace():
            self.at += 1
            return Not(self._simple(depth))
        return self._simple(depth)

    def _simple(self, depth: int) -> Node:
        here = self._peek()
        if here == "(":
            return self._parentheses(depth)
        start = self.at
        if here in "\"'" and here:
            return self._phrase()
        word = self._take(_WORD_END)
        if not word or word in ("AND", "OR", "NOT"):
            raise self._error("a condition or a word is missing", start)
        if self._peek() == "(":
            if word != "age_days":
                raise self._error("there is no such function", start)
            return self._age(start)
        self._skip()
        operator = self._operator()
        if operator is None:
            return self._word(word, start)
        if operator == ":" and self._peek() == "(":
            return self._within(word, start, depth)
        return self._comparison(self._field(word, start), operator)

    def _parentheses(self, depth: int) -> Node:
        opened = self.at
        self.at += 1
        self._skip()
        node = self._expression(depth + 1)
        if self._peek() != ")":
            raise self._error("the parenthesis is not closed", opened)
        self.at += 1
        self._skip()
        return node

    def _take(self, ends: Set[str]) -> str:
        start = self.at
        while self.at < len(self.text) and self.text[self.at] not in ends:
            if self.text[self.at].isspace():
                break
            self._character()
            self.at += 1
        return self.text[start : self.at]

    def _character(self) -> None:
        if ord(self.text[self.at]) < 32 or 0xD800 <= ord(self.text[self.at]) <= 0xDFFF:
            raise self._error("control characters are not taken")

    def _quoted(self) -> tuple[str, bool]:
        """Return a quoted text and whether it ends in an unescaped asterisk, which is cut."""
        opened, quote = self.at, self.text[self.at]
        self.at += 1
        parts: list[str] = []
        star = False
        while (here := self._peek()) != quote:
            if not here:
                raise self._error("the quotation is not closed", opened)
            if here not in "\t\r\n":
                self._character()
            if star:
                raise self._error("an asterisk stands at the end only")
            if here == "\\":
                self.at += 1
                here = self._peek()
                if not here:
                    raise self._error("the quotation is not closed", opened)
            elif here == "*":
                star = True
                here = ""
            parts.append(here)
            self.at += 1
        self.at += 1
        return "".join(parts), star

    def _count(self, position: int) -> None:
        self.terms += 1
        if self.terms > TERMS_MAX:
            raise self._error(f"a filter has at most {TERMS_MAX} conditions and words", position)

    def _text_allowed(self, position: int) -> None:
        self._count(position)
        if self.group:
            raise self._error("a list is searched by field, not by text", position)
        if TEXT_CLASS not in self.sight.classes:
            raise self._error("the caller may not search the text of claims", position)

    def _phrase(self) -> Node:
        start = self.at
        text, star = self._quoted()
        self._skip()
        if self._operator() is not None:
            raise self._error("a field's name has no quotation marks", start)
        if star or not text.strip():
            raise self._error("a quoted text has words and no asterisk", start)
        self._text_allowed(start)
        return Text(text, phrase=True)

    def _word(self, word: str, start: int) -> Node:
        self._text_allowed(start)
        text = word.removesuffix("*")
        if "*" in text or not text or text.startswith("-"):
            raise self._error("such a word stands in quotation marks", start)
        return Text(text, prefix=text != word)

    def _operator(self) -> str | None:
        for operator in OPERATORS:
            if self.text.startswith(operator, self.at):
                self.at += len(operator)
                self._skip()
                return operator
        return None

    def _field(self, name: str, start: int) -> Field:
        field = FIELDS.get(f"{self.group}.{name}" if self.group else name)
        if field is None:
            raise self._error("there is no such field", start)
        if not field.visible_to(self.sight):
            raise self._error("the caller may not search by this field", start)
        return field

    def _within(self, name: str, start: int, depth: int) -> Node:
        path = f"{self.group}.{name}" if self.group else name
        if path not in NESTED:
            raise self._error("there is no such list", start)
        outer, self.group = self.group, path
        node = self._parentheses(depth)
        self.group = outer
        return Within(path, node)

    def _age(self, start: int) -> Node:
        self.at += 1
        self._skip()
        name_at = self.at
        field = self._field(self._take(_WORD_END), name_at)
        if field.kind not in (Kind.DATE, Kind.TIME):
            raise self._error("age_days takes a date or a time", name_at)
        self._skip()
        if self._peek() != ")":
            raise self._error("age_days takes one field")
        self.at += 1
        self._skip()
        operator = self._operator()
        if operator is None:
            raise self._error("age_days is compared with a number of days")
        value_at = self.at
        days = self._take(_VALUE_END)
        if not _DAYS.fullmatch(days):
            raise self._error("a number of days is missing", value_at)
        self._count(start)
        self._end_of_value()
        return Comparison(field, "=" if operator == ":" else operator, Age(int(days)))

    def _comparison(self, field: Field, operator: str) -> Node:
        start = self.at
        self._count(start)
        quoted = self._peek() in "\"'" and self._peek() != ""
        text, star = self._quoted() if quoted else self._bare_value(start)
        self._end_of_value()
        operator = "=" if operator == ":" else operator
        if star and not text:
            if operator not in ("=", "!="):
                raise self._error("presence is asked for with : or =", start)
            return Comparison(field, operator, Present())
        if operator not in ("=", "!=") and (field.kind not in COMPARABLE or not text):
            raise self._error("this field has no order, compare it with =, != or :", start)
        try:
            return Comparison(field, operator, value_of(field, text, star))
        except ValueError as error:
            raise self._error(str(error), start) from None

    def _bare_value(self, start: int) -> tuple[str, bool]:
        word = self._take(_VALUE_END)
        if not word:
            raise self._error("a value is missing", start)
        text = word.removesuffix("*")
        if "*" in text:
            raise self._error("an asterisk stands at the end only", start)
        return text, text != word

    def _end_of_value(self) -> None:
        here = self._peek()
        if here and not here.isspace() and here != ")":
            raise self._error("a space is missing")
        self._skip()
