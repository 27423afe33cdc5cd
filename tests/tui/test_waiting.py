"""How far a long run is: told to a terminal, and to nothing else."""

from __future__ import annotations

import io

import pytest

from simulator.tui import waiting


class Terminal(io.StringIO):
    def isatty(self) -> bool:
        return True


def test_a_terminal_is_told_how_much_is_done_and_left(monkeypatch: pytest.MonkeyPatch) -> None:
    clock = iter([0.0, 0.5, 2.0, 4.0, 6.0])
    monkeypatch.setattr(waiting.time, "monotonic", lambda: next(clock))
    screen = Terminal()
    assert list(waiting.counted("abcd", screen)) == list("abcd")
    said = screen.getvalue().split("\r\x1b[K")
    assert said == [
        "",
        "1 of 4, about 6 seconds left",
        "2 of 4, about 4 seconds left",
        "3 of 4, about 2 seconds left",
        "",
    ]


def test_a_pipe_is_told_nothing() -> None:
    screen = io.StringIO()
    assert list(waiting.counted(range(3), screen)) == [0, 1, 2]
    assert screen.getvalue() == ""


def test_the_line_is_wiped_when_the_work_breaks_off() -> None:
    screen = Terminal()
    told = waiting.counted("ab", screen)
    next(told)
    told.close()
    assert screen.getvalue() == "\r\x1b[K"
