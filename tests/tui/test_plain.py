"""Plain mode: the same actions line by line, without a terminal library."""

from __future__ import annotations

import io
import re
import subprocess
import sys
from pathlib import Path

import pytest

from simulator.tui.plain import plain_world
from tests.tui.handmade import HandRun


def said(run: HandRun, *commands: str, **options: object) -> str:
    output = io.StringIO()
    code = plain_world(run, io.StringIO("".join(f"{command}\n" for command in commands)), output, **options)  # type: ignore[arg-type]
    assert code == 0
    return output.getvalue()


def test_it_says_where_one_is_and_ends_at_the_end_of_input(run: HandRun) -> None:
    text = said(run)
    assert "hand-made: One letter by hand" in text
    assert "e4/90" in text
    assert text.endswith("\n")


def test_next_back_and_the_empty_line(run: HandRun) -> None:
    places = re.findall(r"(?m)^e(\d+)/90", said(run, "n", "", "т", "b", "и"))
    assert places == ["4", "5", "6", "9", "6", "5"]


def test_stages_and_jumps(run: HandRun) -> None:
    text = said(run, "s", "stage", "go smtp.reply/3", "go e9", "go hand-made#deliver/1", "go nowhere/1", "go e999")
    assert "[2 submission / 8]" in text
    assert "hand-made#smtp.reply/3" in text
    assert "e87/90" in text
    assert text.count("there is no event") == 2


def test_why_goes_down_to_the_scenario_and_names_its_twin(run: HandRun) -> None:
    text = said(run, "s", "s", "k")
    assert "hand.yaml:20" in text
    assert "mailflow why 'hand-made#stage/2'" in text


def test_the_filter_and_its_mistakes(run: HandRun) -> None:
    text = said(run, "last", "go e90", "/ smtp.reply code=450", "n", "/ smtp.replay", "filter")
    assert "1 event found so far" in text
    assert "did you mean smtp.reply" in text
    assert "all events" in text


def test_panes_are_lists_of_text(run: HandRun) -> None:
    text = said(
        run, "go queue.defer/1", "map", "go smtp.reply/12", "boxes", "wire", "log", "show", "hex", "ladder", "copy"
    )
    for word in (
        "Queues",
        "C: MAIL FROM",
        "mail-alpha, mail server: queue 1 !1",
        "smtp.reply/12",
        "00000000",
        "mailflow play 'hand-made#smtp.reply/12'",
    ):
        assert word in text, word


def test_help_names_every_command_and_unknown_ones_are_told(run: HandRun) -> None:
    text = said(run, "help", "fly")
    assert "n, next" in text
    assert "there is no command 'fly'" in text


def test_quit_stops_before_the_rest(run: HandRun) -> None:
    assert "e5/90" not in said(run, "q", "n")


def test_no_control_octet_is_ever_written_and_no_password(run: HandRun) -> None:
    text = said(run, *["n"] * 60, "wire", "show", "go smtp.command/3", "wire", "hex", "show", "copy")
    assert not re.search(r"[\x00-\x09\x0b-\x1f\x7f]", text)
    assert "correct-horse" not in text
    assert "AGFubmFAYWxwaGEuZXhhbXBsZQBjb3JyZWN0LWhvcnNl" not in text


def test_it_speaks_russian_and_switches(run: HandRun) -> None:
    assert "стадия" in said(run, "n", lang="ru").lower()
    assert "English" in said(run, "lang", lang="ru")


def test_ascii_stays_ascii(run: HandRun) -> None:
    assert said(run, *["n"] * 50, "map", "wire", "boxes", ascii_only=True).isascii()


def test_textual_is_never_imported() -> None:
    program = (
        "import io, sys\n"
        "from tests.tui.handmade import hand_run\n"
        "from simulator.tui.plain import plain_world\n"
        "import simulator.tui.opening\n"
        "plain_world(hand_run(), io.StringIO('n\\nk\\nmap\\n'), io.StringIO())\n"
        "sys.exit('textual' in sys.modules)\n"
    )
    root = Path(__file__).resolve().parents[2]
    assert subprocess.run([sys.executable, "-c", program], cwd=root, check=False).returncode == 0


@pytest.mark.parametrize("word", ["zoom", "z", "play"])
def test_what_belongs_to_the_screen_is_said_so(run: HandRun, word: str) -> None:
    assert said(run, word).count("\n") > 3
