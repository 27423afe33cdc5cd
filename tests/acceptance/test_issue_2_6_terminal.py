"""Issue 2, section 6: the terminal, in a real one (tmux) and as the snapshots that tests/tui keeps.

Judged elsewhere: every pane and key, and the snapshots themselves, in tests/tui; first paint and key time in tests/bench.
"""

from __future__ import annotations

import re
import sys
import time
from pathlib import Path

import pytest

from tests.acceptance.outside import AT_THE_PROMPT, ROOT, Terminal, asked_once, terminal

EVENT = r"(?:event|событие|e) ?(\d+)(?: of |/| из )(\d+)"


def event(screen: str) -> int:
    """The number of the event that the screen stands on."""
    found = re.search(EVENT, screen)
    assert found, screen
    return int(found.group(1))


def opened(it: Terminal) -> str:
    """Wait for the stepping screen."""
    return it.wait_for("1 (Map|Карта)(.|\n)*" + EVENT, seconds=20)


def pressed(it: Terminal, *keys: str) -> str:
    """Press keys and give back the screen that follows."""
    before = it.screen()
    it.press(*keys)
    return it.changed(before)


def test_the_screen_at_80x24_shows_its_panes_and_its_key_bar() -> None:
    with terminal("mailflow play first-letter", 80, 24) as it:
        screen = opened(it)
        for word in ("1 Map", "2 Ladder", "3 Wire", "4 Log", "5 Boxes", "6 Look inside", "F1 Help"):
            assert word in screen, word
        assert "pc-anna" in screen
        assert all(len(line) <= 80 for line in screen.splitlines())


def test_the_screen_at_120x40_opens_four_panes() -> None:
    with terminal("mailflow play first-letter", 120, 40) as it:
        screen = opened(it)
        for word in ("1 Map", "2 Ladder", "3 Wire", "6 Look inside", "F1 Help"):
            assert word in screen, word


def test_a_walk_forward_and_back_by_event_and_by_stage() -> None:
    with terminal("mailflow play first-letter") as it:
        start = event(opened(it))
        assert event(pressed(it, "Right")) > start
        assert event(pressed(it, "b")) == start
        stage = event(pressed(it, "PageDown"))
        assert stage > start
        assert event(pressed(it, "PageDown")) > stage
        assert event(pressed(it, "PageUp")) <= stage
        assert event(pressed(it, "Home")) <= start


def test_the_russian_layout_moves_as_the_latin_one_does() -> None:
    with terminal("mailflow play first-letter") as it:
        start = event(opened(it))
        before = it.screen()
        it.type("т")
        assert event(it.changed(before)) > start


def test_the_walk_through_first_letter_ends_at_its_last_stage() -> None:
    with terminal("mailflow play first-letter") as it:
        opened(it)
        for _ in range(12):
            it.press("PageDown")
        screen = it.wait_for("(?i)reading")
        assert "8" in screen


def test_play_moves_by_itself_until_told_to_stop() -> None:
    with terminal("mailflow play first-letter") as it:
        start = event(opened(it))
        it.press("Space")
        for _ in range(100):
            if event(it.screen()) > start + 1:
                break
            time.sleep(0.1)
        it.press("Space")
        time.sleep(0.5)
        stopped = event(it.screen())
        time.sleep(1.5)
        assert event(it.screen()) == stopped > start


@pytest.mark.parametrize(("key", "word"), [("2", "Ladder"), ("3", "Wire"), ("4", "Log"), ("5", "Boxes")])
def test_a_pane_opens_by_its_number(key: str, word: str) -> None:
    with terminal("mailflow play 'first-letter#smtp.reply/3'") as it:
        opened(it)
        it.press("4" if key == "2" else "2")
        screen = pressed(it, key)
        assert f"{key} {word}" in screen


def test_the_wire_shows_the_transcript_and_octets_in_hex() -> None:
    with terminal("mailflow play 'first-letter#smtp.reply/3'") as it:
        opened(it)
        it.press("3")
        it.wait_for(r"[CS]: ")
        it.press("x")
        it.wait_for(r"([0-9a-f]{2} ){8}")


def test_why_goes_down_to_a_line_of_the_scenario() -> None:
    with terminal("mailflow play 'first-letter#deliver/1'", 120, 40) as it:
        opened(it)
        it.press("k")
        it.wait_for(r"first-letter\.yaml:\d+")


def test_fog_hides_what_was_not_reached() -> None:
    with terminal("mailflow play first-letter", 120, 40) as it:
        assert "fog" in opened(it).lower()


def test_the_filter_takes_the_query_language() -> None:
    with terminal("mailflow play 'first-letter#smtp.reply/2'") as it:
        assert "EHLO" in opened(it)
        it.press("/")
        it.type("smtp.reply code=250")
        it.wait_for("1 found")
        it.press("Enter")
        ladder = it.wait_for("mailflow trace first-letter --where 'smtp.reply code=250'")
        assert "─── EHLO" not in ladder
        assert "250 mail.alpha.example" in ladder


def test_the_palette_has_every_action() -> None:
    with terminal("mailflow play 'first-letter#smtp.reply/2'") as it:
        opened(it)
        it.press("C-p")
        it.wait_for("PgDn(.|\n)*Ladder(.|\n)*Boxes")
        it.type("why")
        it.wait_for("> why")
        it.press("Enter")
        it.wait_for(r"first-letter\.yaml:\d+")


def test_help_opens_and_closes() -> None:
    with terminal("mailflow play first-letter") as it:
        opened(it)
        it.press("F1")
        it.wait_for("PgDn")
        it.press("Escape")
        it.wait_for("1 Map")


def test_the_language_is_switched_on_the_spot() -> None:
    with terminal("mailflow play first-letter") as it:
        opened(it)
        it.press("F2")
        it.wait_for("1 Карта")


def test_russian_is_chosen_on_the_command_line() -> None:
    with terminal("mailflow play first-letter --lang ru") as it:
        it.wait_for("1 Карта", seconds=20)


def test_copy_gives_a_deep_link() -> None:
    with terminal("mailflow play 'first-letter?seed=7#smtp.reply/2'") as it:
        opened(it)
        it.press("y")
        it.wait_for(r"link +first-letter\?seed=7#smtp\.reply/2")


def test_save_writes_text_and_json_lines(tmp_path: Path) -> None:
    with terminal(f"cd {tmp_path}") as it:
        it.type(f"{sys.executable} -m simulator play first-letter\n")
        opened(it)
        for keys in (("o", "Enter"), ("o", "Down", "Enter")):
            it.press(keys[0])
            it.wait_for(r"first-letter\.jsonl")
            it.press(*keys[1:])
            it.wait_for("1 Map")
        files = {path.name: path.read_text(encoding="utf-8") for path in tmp_path.iterdir()}
    assert set(files) == {"first-letter.txt", "first-letter.jsonl"}
    assert files["first-letter.jsonl"] == asked_once("trace", "first-letter", "--as", "jsonl").out
    assert "EHLO" in files["first-letter.txt"]


def test_the_mouse_opens_a_tab() -> None:
    with terminal("mailflow play 'first-letter#smtp.reply/3'") as it:
        rows = opened(it).splitlines()
        row = next(number for number, line in enumerate(rows, 1) if "3 Wire" in line)
        column = rows[row - 1].index("3 Wire") + 2
        it.type(f"\x1b[<0;{column};{row}M")
        it.type(f"\x1b[<0;{column};{row}m")
        it.wait_for(r"[CS]: ")


def test_a_resize_keeps_the_event() -> None:
    with terminal("mailflow play 'first-letter#smtp.reply/3'") as it:
        at = event(opened(it))
        it.resize(120, 40)
        it.wait_for("F1 Help")
        assert event(it.screen()) == at


def test_a_terminal_that_is_too_small_is_told_so_and_offered_plain_mode() -> None:
    with terminal("mailflow play first-letter", 50, 15) as it:
        it.wait_for("--plain", seconds=20)


def test_ctrl_c_leaves_the_terminal_clean() -> None:
    with terminal("mailflow play first-letter") as it:
        opened(it)
        it.press("C-c")
        it.wait_for(AT_THE_PROMPT)
        it.type("echo still-$((40+2))\n")
        assert "1 Map" not in it.wait_for("still-42")


def test_q_goes_out() -> None:
    with terminal("mailflow play first-letter") as it:
        opened(it)
        it.press("q")
        it.wait_for(AT_THE_PROMPT)


def test_mailflow_alone_lists_the_scenarios_and_enter_plays() -> None:
    with terminal("mailflow") as it:
        it.wait_for("first-letter", seconds=20)
        it.press("s", "Enter")
        opened(it)


@pytest.mark.parametrize("language", ["en", "ru"])
@pytest.mark.parametrize("size", ["80x24", "120x40"])
def test_the_screen_has_a_snapshot_as_text(size: str, language: str) -> None:
    columns = int(size.split("x")[0])
    word = {"en": "1 Map", "ru": "1 Карта"}[language]
    folder = ROOT / "tests" / "tui"
    texts = [path.read_text(encoding="utf-8") for path in folder.rglob("*.txt")]
    assert any(word in text and max(map(len, text.splitlines())) == columns for text in texts)
