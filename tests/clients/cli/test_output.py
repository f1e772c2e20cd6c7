"""What is printed is what was told, whatever brackets stand in it."""

from __future__ import annotations

import pytest

from claimflow.cli import _output
from claimflow.cli._context import tell_failure
from claimflow.client import ClaimflowError

TEXTS = ["[/x]", "[bold]x", r"\[/b] and [/b]", "a path C:\\", "[Errno 111] refused [::1]:50051"]


@pytest.mark.parametrize("text", TEXTS)
def test_brackets_of_a_message_or_a_cell_are_no_markup(
    capsys: pytest.CaptureFixture[str], text: str
) -> None:
    tell_failure(ClaimflowError(text), as_json=False)
    console = _output.console()
    console.print(_output.table("", ("what",), [(text,)]))
    console.print(_output.facts([("what", text)]))
    printed = capsys.readouterr()
    assert text in printed.err
    assert printed.out.count(text) == 2
