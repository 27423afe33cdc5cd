"""Issue 3, "Done when", line by line.

Judged elsewhere: both lessons by keyboard alone from start to end in tests/tui; README's commands in .ci/run.
"""

from __future__ import annotations

import json
import re
import shutil
from pathlib import Path

import pytest

from tests.acceptance.outside import ROOT, Run, in_checkout, mailflow, need, terminal

FIRST = "lessons/01-path-of-one-letter"
SECOND = "lessons/02-envelope-and-letter"
OLD = {"v": 1, "t": 1700000000, "lesson": "path-of-one-letter", "item": "stages", "seed": 1, "answer": "x", "points": 1,
       "sure": "guess"}  # fmt: skip


def copied(where: Path, lesson: str = FIRST, **changed: tuple[str, str]) -> Path:
    """A copy of a shipped lesson with its scenario beside it, a text replaced in the files that are named."""
    made = where / Path(lesson).name
    shutil.copytree(ROOT / lesson, made)
    for path in (ROOT / "scenarios").glob("first-letter*.yaml"):
        shutil.copy(path, made)
    for name, (old, new) in changed.items():
        path = made / name.replace("__", "-").replace("_", ".")
        text = path.read_text(encoding="utf-8")
        assert old in text, old
        path.write_text(text.replace(old, new), encoding="utf-8")
    return made


def shown(made: Path, given: str, home: Path, *options: str) -> Run:
    """A lesson in plain mode with a learner's own folder."""
    return mailflow("lesson", str(made), "--plain", *options, given=given, variables={"MAILFLOW_HOME": str(home)})


def test_the_first_command_of_the_readme_opens_home_on_lesson_01(tmp_path: Path) -> None:
    first = re.search(r"```\w*\n(?:.*\n)*?```", in_checkout("README.md"))
    assert first
    with terminal(f"MAILFLOW_HOME={tmp_path} mailflow --lang en") as it:
        assert "The path of one letter" in it.wait_for("Go on", seconds=20)


def test_lesson_01_can_be_read_to_its_end_in_a_terminal_in_russian(tmp_path: Path) -> None:
    need("tmux")
    with terminal(f"MAILFLOW_HOME={tmp_path} mailflow lesson 1 --lang ru", 80, 24) as it:
        pages = int(re.findall(r"1 из (\d+)", it.wait_for(r"1 из \d+", seconds=20))[0])
        for page in range(2, pages + 1):
            it.press("Space")
            screen = it.wait_for(rf"{page} из {pages}")
            assert all(len(line) <= 80 for line in screen.splitlines())


@pytest.mark.parametrize("lesson", [FIRST, SECOND])
def test_a_lesson_can_be_read_in_plain_mode_in_russian(tmp_path: Path, lesson: str) -> None:
    pages = re.split(r"(?m)^---$", in_checkout(f"{lesson}/lesson.ru.md"))
    run = shown(ROOT / lesson, "next\n" * len(pages), tmp_path, "--lang", "ru")
    assert run.code == 0, run.err
    for page in pages:
        heading = re.search(r"(?m)^#+ (.+)$", page)
        assert heading
        assert heading.group(1) in run.out


def test_another_host_in_the_world_makes_the_item_be_refused_or_follow(tmp_path: Path) -> None:
    world = ROOT / "scenarios" / "first-letter.yaml"
    made = copied(tmp_path, first__letter_yaml=("mail-alpha", "post-alpha"))
    assert "post-alpha" not in world.read_text(encoding="utf-8")
    run = mailflow("test", str(made), "--seeds", "1")
    assert run.code == 1
    assert re.search(r"quiz\.yaml:\d+:\d+\s+MF\d{3}", run.text)
    assert "post-alpha" in run.text


def test_over_20_seeds_every_key_has_one_value_and_no_distractor_equals_it() -> None:
    for lesson in (FIRST, SECOND):
        assert mailflow("test", lesson, "--seeds", "20", seconds=300).code == 0


def test_a_lab_whose_solution_solves_nothing_is_refused(tmp_path: Path) -> None:
    made = copied(tmp_path)
    path = made / "wrong-door.yaml"
    text = path.read_text(encoding="utf-8")
    path.write_text(text[: text.index("  solution:")], encoding="utf-8")
    run = mailflow("test", str(made))
    assert run.code == 1
    assert "wrong-door.yaml" in run.text


def test_a_torn_last_line_is_skipped_with_a_message_and_the_rest_is_kept(tmp_path: Path) -> None:
    (tmp_path / "progress.jsonl").write_text(json.dumps(OLD) + '\n{"v": 1, "t": 17', encoding="utf-8")
    run = mailflow("progress", variables={"MAILFLOW_HOME": str(tmp_path)})
    assert run.code == 0
    assert "progress.jsonl" in run.text
    assert json.dumps(OLD) in (tmp_path / "progress.jsonl").read_text(encoding="utf-8")


@pytest.mark.parametrize("text", ['{"v": 99, "t": 1}\n', "\x00\x01\x02 no json\n" * 3])
def test_a_newer_or_damaged_file_is_put_aside_with_a_message_and_nothing_is_lost(tmp_path: Path, text: str) -> None:
    file = tmp_path / "progress.jsonl"
    file.write_text(text, encoding="utf-8")
    run = shown(ROOT / FIRST, "quiz\na\nguess\n", tmp_path)
    assert run.code == 0
    assert "progress" in run.text
    assert any(path.read_text(encoding="utf-8") == text for path in tmp_path.iterdir())
    assert "Traceback" not in run.text


def test_a_folder_that_cannot_be_written_is_said_once_and_the_lesson_goes_on(tmp_path: Path) -> None:
    (tmp_path / "home").write_text("a file where a folder should be", encoding="utf-8")
    run = shown(ROOT / FIRST, "next\n", tmp_path / "home")
    assert run.code == 0
    assert str(tmp_path / "home") in run.text or "MAILFLOW_HOME" in run.text


def test_a_lesson_with_a_broken_query_says_so_at_its_place(tmp_path: Path) -> None:
    made = copied(tmp_path, quiz_yaml=("qtype=MX", "qtipe=MX"))
    run = shown(made, "quiz\n", tmp_path)
    assert re.search(r"quiz\.yaml:\d+:\d+\s+MF\d{3}", run.text)
    assert "qtype" in run.text
    assert "Traceback" not in run.text


def test_an_answer_typed_wrongly_is_a_message_and_costs_no_try(tmp_path: Path) -> None:
    run = shown(ROOT / FIRST, "quiz\n" + "zzz\n" * 3, tmp_path)
    assert run.code == 0, run.text
    assert "Traceback" not in run.text
    file = tmp_path / "progress.jsonl"
    assert not file.exists() or not file.read_text(encoding="utf-8")
