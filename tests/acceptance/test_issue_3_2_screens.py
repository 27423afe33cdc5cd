"""Issue 3, section 2: the screens of the learner's desk, in a real terminal (tmux).

Judged elsewhere: every screen in both languages and sizes, NO_COLOR and --ascii, as snapshots in tests/tui.
"""

from __future__ import annotations

import re

import pytest

from tests.acceptance.outside import mailflow, terminal

SIZES = [(80, 24), (120, 40)]


@pytest.mark.parametrize(("columns", "rows"), SIZES)
def test_home_shows_going_on_lessons_sandbox_and_skills(columns: int, rows: int) -> None:
    with terminal("mailflow --lang en", columns, rows) as it:
        screen = it.wait_for("Go on", seconds=20)
        for word in ("Lessons", "The path of one letter", "Sandbox", "F1 Help"):
            assert word in screen, word
        assert all(len(line) <= columns for line in screen.splitlines())


def test_home_speaks_russian() -> None:
    with terminal("mailflow --lang ru") as it:
        assert "Путь одного письма" in it.wait_for("Уроки", seconds=20)


def test_a_lesson_turns_its_pages_opens_the_world_and_comes_back() -> None:
    with terminal("mailflow lesson 1 --lang en") as it:
        first = it.wait_for(r"page 1 of \d+", seconds=20)
        it.press("Space")
        second = it.wait_for(r"page 2 of \d+")
        assert second != first
        it.press("w")
        it.wait_for("2 Ladder")
        it.press("q")
        it.wait_for(r"page 2 of \d+")


def test_letters_work_on_the_russian_layout() -> None:
    with terminal("mailflow lesson 1 --lang ru") as it:
        it.wait_for("1 из", seconds=20)
        it.type("ц")
        it.wait_for("2 Лестница|2 Ladder|2 Диаграмма|1 Карта")


@pytest.mark.parametrize(("key", "word"), [("F1", "Help"), ("F4", "envelope")])
def test_help_and_glossary_open_from_a_lesson(key: str, word: str) -> None:
    with terminal("mailflow lesson 1 --lang en") as it:
        before = it.wait_for(r"page 1 of \d+", seconds=20)
        it.press(key)
        assert word in it.changed(before)


def test_a_letter_composed_by_the_student_runs_on_the_wire() -> None:
    with terminal("mailflow play first-letter --lang en") as it:
        before = it.wait_for("2 Ladder", seconds=20)
        it.press("c")
        screen = it.changed(before)
        assert all(word in screen for word in ("From", "To", "Subject"))


def test_plain_mode_has_home_lesson_quiz_and_lab() -> None:
    run = mailflow("--plain", "--lang", "en", given="1\nnext\nquiz\n")
    assert run.code == 0, run.err
    assert "The path of one letter" in run.out
    assert re.search(r"\b1 of \d+", run.out)
    assert "\x1b" not in run.out
