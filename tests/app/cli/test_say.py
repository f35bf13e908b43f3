"""Where the command line says what it has to say."""

from __future__ import annotations

import io

import pytest
from rich.console import Console

from app.cli import say


@pytest.mark.parametrize("is_terminal", [True, False])
def test_a_note_beside_a_bar_is_written_where_the_bar_is(monkeypatch: pytest.MonkeyPatch, *, is_terminal: bool) -> None:
    pages = {"out": io.StringIO(), "err": io.StringIO()}
    for name, page in pages.items():
        console = Console(file=page, force_terminal=is_terminal, color_system=None)
        monkeypatch.setattr(say, name, lambda console=console: console)
    say.note_above_bar("It is [away].")
    written = {name: page.getvalue() for name, page in pages.items()}
    assert written == ({"out": "It is [away].\n", "err": ""} if is_terminal else {"out": "", "err": "It is [away].\n"})
