"""Issue 3, section 3: the commands for lessons, progress and content, and the registers."""

from __future__ import annotations

import json
import re
from pathlib import Path

import pytest

from tests.acceptance.outside import ROOT, in_checkout, mailflow

SHIPPED = ("01-path-of-one-letter", "02-envelope-and-letter")
ANSWER = {"v": 1, "t": 1700000000, "lesson": "path-of-one-letter", "item": "stages", "seed": 1, "answer": "x",
          "points": 0, "sure": "guess"}  # fmt: skip


def home(folder: Path, *lines: object) -> dict[str, str]:
    """A learner's folder with these lines of progress, as variables for a command."""
    text = "".join((line if isinstance(line, str) else json.dumps(line)) + "\n" for line in lines)
    (folder / "progress.jsonl").write_text(text, encoding="utf-8")
    return {"MAILFLOW_HOME": str(folder)}


def test_the_list_of_lessons_has_number_title_and_minutes() -> None:
    run = mailflow("lesson", "--list", "--lang", "en")
    assert run.code == 0
    assert re.search(r"(?m)^\W*0?1\b.*The path of one letter.*\d+ min", run.out)


def test_an_unknown_lesson_is_refused_with_the_nearest_name() -> None:
    run = mailflow("lesson", "path-of-one-leter")
    assert run.code == 2
    assert "path-of-one-letter" in run.err


def test_progress_is_shown_and_given_as_json(tmp_path: Path) -> None:
    variables = home(tmp_path, ANSWER)
    shown = mailflow("progress", variables=variables)
    assert shown.code == 0
    assert "path-of-one-letter" in shown.out or "The path of one letter" in shown.out
    assert json.loads(mailflow("progress", "--json", variables=variables).out)


def test_progress_travels_by_export_and_import(tmp_path: Path) -> None:
    (tmp_path / "a").mkdir()
    (tmp_path / "b").mkdir()
    file = str(tmp_path / "mine.jsonl")
    assert mailflow("progress", "export", file, variables=home(tmp_path / "a", ANSWER)).code == 0
    other = home(tmp_path / "b")
    assert mailflow("progress", "import", file, variables=other).code == 0
    assert mailflow("progress", "import", file, variables=other).code == 0, "twice changes nothing"
    lines = (tmp_path / "b" / "progress.jsonl").read_text(encoding="utf-8").splitlines()
    assert [json.loads(line)["item"] for line in lines] == ["stages"]


def test_reset_forgets_one_lesson_and_keeps_a_copy(tmp_path: Path) -> None:
    variables = home(tmp_path, ANSWER, ANSWER | {"lesson": "envelope-and-letter", "item": "rcpt"})
    assert mailflow("progress", "reset", "path-of-one-letter", variables=variables).code == 0
    kept = (tmp_path / "progress.jsonl").read_text(encoding="utf-8")
    assert "envelope-and-letter" in kept
    assert "path-of-one-letter" not in kept
    assert len(list(tmp_path.iterdir())) == 2, "what was reset is put aside, not destroyed"


@pytest.mark.parametrize("lesson", SHIPPED)
def test_what_is_shipped_is_valid_and_proves_itself(lesson: str) -> None:
    path = f"lessons/{lesson}"
    assert mailflow("validate", path).code == 0
    run = mailflow("test", path, "--seeds", "20", seconds=300)
    assert run.code == 0, run.text


def test_ci_validates_and_tests_everything_that_is_shipped() -> None:
    text = in_checkout(".ci/run")
    assert re.search(r"validate .*lessons", text)
    assert re.search(r"\btest .*lessons", text)


def test_every_rule_of_lessons_and_quizzes_has_a_page_with_a_bad_and_a_good_example(tmp_path: Path) -> None:
    (tmp_path / "quiz.yaml").write_text("mailflow-quiz: 1\nlesson: x\nscenario: first-letter\nitemz: []\n")
    found = set(re.findall(r"MF1\d{2}", mailflow("validate", str(tmp_path / "quiz.yaml")).text))
    assert found
    for rule in found:
        page = mailflow("explain", rule)
        assert page.code == 0
        assert re.search("(?i)bad", page.out)
        assert re.search("(?i)good", page.out)


def test_the_register_of_misconceptions_has_two_languages_the_truth_and_an_rfc() -> None:
    from simulator.learning.myths import myths  # the register is data of the package, with no command of its own

    assert len(myths()) >= 8
    for myth in myths().values():
        assert myth.says["en"]
        assert re.search("[а-яё]{3}", myth.says["ru"])
        assert myth.truth["en"]
        assert re.search("[а-яё]{3}", myth.truth["ru"])
        assert re.match(r"RFC \d+", myth.source), myth.id


@pytest.mark.parametrize("kind", ["quiz", "lesson"])
def test_a_schema_can_be_had_for_quizzes_and_lessons(kind: str) -> None:
    found = json.loads(mailflow("schema", kind).out)
    assert found["$schema"].startswith("https://json-schema.org/")
    assert (ROOT / "lessons" / f"{kind}.schema.json").is_file()
