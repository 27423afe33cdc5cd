"""The screen in a real terminal: a walk through `first-letter` in tmux, and the octets that a terminal gets."""

from __future__ import annotations

import os
import pty
import re
import select
import sys
import time

import pytest

from simulator.records.kinds_message import STAGES
from tests.acceptance.outside import ROOT, Terminal, environment, terminal


def wait_for(it: Terminal, pattern: str, seconds: float = 20) -> str:
    """Wait until the screen matches; a program that starts slowly leaves the shell's prompt standing for a while."""
    end = time.monotonic() + seconds
    while time.monotonic() < end:
        seen = it.screen()
        if re.search(pattern, seen):
            return seen
        time.sleep(0.05)
    raise AssertionError(f"no {pattern!r} on the screen:\n{it.screen()}")


OPEN = f"{sys.executable} -m tests.tui.opened"


@pytest.mark.parametrize(("columns", "rows"), [(80, 24), (120, 40)])
def test_a_walk_through_the_first_letter(columns: int, rows: int) -> None:
    with terminal(f"{OPEN} first-letter", columns, rows) as it:
        wait_for(it, "1 Map")
        for number, stage in enumerate(STAGES, 1):
            it.press("PageDown")
            screen = wait_for(it, rf"(?m)^ first-letter.* {number} {stage}\b")
            assert all(len(line) <= columns for line in screen.splitlines())
        it.press("k")
        wait_for(it, r"first-letter\.yaml:\d+|more below")
        it.press("k", "3")
        wait_for(it, r"\[3 Wire\]|C: ")
        it.press("Home", "2")
        wait_for(it, "the world is set up")
        it.press("q")
        wait_for(it, r"shell>\s*\Z")


def test_the_whole_walk_forward_event_by_event_comes_back_to_the_start() -> None:
    with terminal(f"{OPEN} ten-lines ru") as it:
        wait_for(it, "1 Карта")
        start = wait_for(it, r"> e\d+")
        for _ in range(30):
            it.type("т")
        wait_for(it, r"> e(?:[4-9]\d|\d{3})")
        for _ in range(30):
            it.type("и")
        assert re.search(r"> e\d+", wait_for(it, re.escape(re.search(r"> e\d+ ", start)[0])))  # type: ignore[index]


def octets(*options: str) -> bytes:
    """Everything that the program sends to its terminal until q ends it."""
    pid, master = pty.fork()
    if pid == 0:
        os.chdir(ROOT)
        os.environ.update(environment({"TERM": "xterm-256color", "COLUMNS": "80", "LINES": "24"}))
        os.execv(sys.executable, [sys.executable, "-m", "tests.tui.opened", "ten-lines", *options])
    sent, end, pressed = b"", time.monotonic() + 20, False
    while time.monotonic() < end:
        if not select.select([master], [], [], 0.1)[0]:
            continue
        try:
            sent += os.read(master, 65536)
        except OSError:
            break
        if not pressed and b"F1" in sent:
            os.write(master, b"nn3q")
            pressed = True
    os.waitpid(pid, 0)
    return sent


def test_without_colour_no_colour_is_sent() -> None:
    sent = octets("--no-color")
    assert b"F1" in sent
    assert not re.findall(rb"\x1b\[[0-9;]*(?:[34]8;[25]|3[0-7]|4[0-7]|9[0-7]|10[0-7])[;m]", sent)


def test_the_terminal_is_left_as_it_was() -> None:
    sent = octets("--ascii")
    assert b"\x1b[?1049h" in sent
    assert sent.rindex(b"\x1b[?1049l") > sent.rindex(b"\x1b[?1049h")
    assert sent.rindex(b"\x1b[?25h") > sent.rindex(b"\x1b[?25l")
    assert "─".encode() not in sent
