"""The commands of learners and authors: home, lesson, progress, validate, test, schema, explain."""

from __future__ import annotations

import io
import json
import sys
from collections.abc import Callable
from pathlib import Path

import pytest

from simulator.cli import learner
from simulator.errors import UsageError
from simulator.learning.progress import Entry, Progress
from tests.cli.conftest import Command
from tests.tui.desk_files import write_lesson

LESSON = "lessons/01-small-lesson"


@pytest.fixture
def place(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A folder with one lesson, in which the command runs, and a home for the learner."""
    write_lesson(tmp_path)
    text = (tmp_path / LESSON / "quiz.yaml").read_text(encoding="utf-8")
    keep = text[: text.index("  - id: attempts")].replace(
        "resolver, text: The resolver}", "resolver, text: The resolver}"
    )
    (tmp_path / LESSON / "quiz.yaml").write_text(keep, encoding="utf-8")
    for name in ("lesson.en.md", "lesson.ru.md"):
        path = tmp_path / LESSON / name
        page = path.read_text(encoding="utf-8").replace("smtp.reply code=450\nqueue.defer", "deliver")
        page = page.replace("#smtp.reply/12", "#deliver/1").replace("```predict\nnext-attempt\n```\n", "")
        path.write_text(page, encoding="utf-8")
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("MAILFLOW_HOME", str(tmp_path / "home"))
    for module in ("simulator.learning.finding", "simulator.scenario.finding"):
        monkeypatch.setattr(f"{module}.shipped_folder", lambda: tmp_path / "shipped")
    return tmp_path


@pytest.fixture
def given(monkeypatch: pytest.MonkeyPatch) -> Callable[[str], None]:
    """Say what is typed."""
    return lambda text: monkeypatch.setattr("sys.stdin", io.StringIO(text))


def kept(place: Path, *entries: Entry) -> Progress:
    """Keep answers in the learner's home."""
    progress = Progress(place / "home")
    for entry in entries:
        progress.add(entry)
    return progress


ANSWER = Entry(lesson="small-lesson", item="who-asks", answer="pc-anna", skill="dns.mx", myth="client-looks-up-mx", t=1)


def test_mailflow_alone_is_plain_home_without_a_terminal(
    mailflow: Command, place: Path, given: Callable[[str], None]
) -> None:
    given("\n")
    done = mailflow()
    assert done.code == 0
    assert "Go on: 01 A small lesson" in done.out and "page 1 of 3" in done.out and "\x1b" not in done.out


def test_plain_before_the_command_is_plain_too(mailflow: Command, place: Path, given: Callable[[str], None]) -> None:
    given("q\n")
    assert "page 1 of 3" in mailflow("--plain", "lesson", "1").out


def test_in_a_terminal_home_and_lesson_open_their_screens(
    mailflow: Command, place: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    import simulator.tui.opening as opening

    asked: list[object] = []
    monkeypatch.setattr(opening, "open_home", lambda learner, **how: asked.append(how) or 0)
    monkeypatch.setattr(opening, "open_lesson", lambda learner, session, **how: asked.append(session.lesson.id) or 0)
    monkeypatch.setattr(type(sys.stdout), "isatty", lambda self: True)
    monkeypatch.setattr("sys.stdin", io.StringIO())
    monkeypatch.setattr("sys.stdin.isatty", lambda: True)
    monkeypatch.setenv("TERM", "xterm")
    assert mailflow("--lang", "ru", "--ascii", "--no-color").code == 0
    assert mailflow("lesson").code == 0
    assert asked == [{"lang": "ru", "ascii_only": True, "no_color": True}, "small-lesson"]


def test_a_lesson_is_opened_by_number_id_or_folder(
    mailflow: Command, place: Path, given: Callable[[str], None]
) -> None:
    for name in ("1", "small-lesson", LESSON, f"{LESSON}/lesson.yaml"):
        given("page 2\n")
        done = mailflow("lesson", name, "--plain")
        assert done.code == 0 and "The letter waits" in done.out, name


def test_the_list_of_lessons_has_number_title_minutes_and_id(mailflow: Command, place: Path) -> None:
    done = mailflow("lesson", "--list")
    assert done.code == 0 and "01" in done.out and "5 min" in done.out and "small-lesson" in done.out
    assert "Маленький урок" in mailflow("lesson", "--list", "--lang", "ru").out


def test_an_unknown_lesson_is_refused_with_the_nearest(mailflow: Command, place: Path) -> None:
    done = mailflow("lesson", "smal-lesson")
    assert done.code == 2 and "did you mean small-lesson?" in done.err


def test_no_lesson_at_all_is_a_sentence(mailflow: Command, place: Path) -> None:
    (place / LESSON / "lesson.yaml").unlink()
    done = mailflow("lesson")
    assert done.code == 2 and "MAILFLOW_PATH" in done.err


def test_a_lesson_with_a_broken_query_says_where(mailflow: Command, place: Path) -> None:
    path = place / LESSON / "quiz.yaml"
    path.write_text(path.read_text(encoding="utf-8").replace("qtype=MX", "qtipe=MX"), encoding="utf-8")
    done = mailflow("lesson", "1", "--plain")
    assert done.code == 1 and "quiz.yaml:12:" in done.err and "qtype" in done.err


def test_progress_is_shown_and_given_as_json(mailflow: Command, place: Path) -> None:
    kept(place, ANSWER, Entry(lesson="gone", item="x", t=1))
    done = mailflow("progress")
    assert "A small lesson" in done.out and "gone" in done.out and "progress.jsonl" in done.out
    assert "True is:" in done.out
    data = json.loads(mailflow("progress", "--json").out)
    assert data["lessons"][0]["id"] == "small-lesson" and data["answers"][0]["item"] == "who-asks"
    assert data["due"] and data["myths"] == {"client-looks-up-mx": 1}


def test_progress_travels_and_a_lesson_begins_anew(
    mailflow: Command, place: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    kept(place, ANSWER)
    assert mailflow("progress", "export", "mine.jsonl").code == 0
    monkeypatch.setenv("MAILFLOW_HOME", str(place / "other"))
    assert "mine.jsonl: 1" in mailflow("progress", "import", "mine.jsonl").out
    assert "mine.jsonl: 0" in mailflow("progress", "import", "mine.jsonl").out
    assert "begins anew" in mailflow("progress", "reset", "1").out
    assert "nothing kept" in mailflow("progress", "reset", "small-lesson").out
    assert len(list((place / "other").iterdir())) == 2
    for arguments in (("import", "no.jsonl"), ("export",), ("reset", "nothing"), ("exprt", "x")):
        assert mailflow("progress", *arguments).code == 2, arguments


def test_a_damaged_progress_is_told_and_kept(mailflow: Command, place: Path) -> None:
    (place / "home").mkdir()
    (place / "home" / "progress.jsonl").write_text("{torn", encoding="utf-8")
    done = mailflow("progress")
    assert done.code == 0 and "is damaged" in done.out
    assert any("damaged" in path.name for path in (place / "home").iterdir())


def test_validate_finds_the_mistakes_of_lessons_and_folders(mailflow: Command, place: Path) -> None:
    done = mailflow("validate", "lessons", "scenarios/small.yaml")
    assert done.code == 1 and "MF1" in done.out, "the example teaches skills that it does not ask for"
    path = place / LESSON / "quiz.yaml"
    path.write_text(path.read_text(encoding="utf-8").replace("why: It asks for", "wy: It asks for"), encoding="utf-8")
    done = mailflow("validate", LESSON)
    assert done.code == 1 and "quiz.yaml:10:" in done.out and "mistakes:" in done.out


def test_a_good_scenario_in_a_folder_is_still_validated(mailflow: Command, place: Path) -> None:
    done = mailflow("validate", "scenarios/small.yaml")
    assert done.code == 0 and "no mistakes" in done.out


def test_test_proves_or_says_what_is_wrong(mailflow: Command, place: Path) -> None:
    done = mailflow("test", "scenarios", "--seeds", "2")
    assert done.code == 0 and "small.yaml: proved (seeds 2" in done.out
    path = place / LESSON / "quiz.yaml"
    path.write_text(path.read_text(encoding="utf-8").replace("| first from", "| count"), encoding="utf-8")
    done = mailflow("test", "lessons")
    assert done.code == 1 and "quiz.yaml:" in done.out and "MF11" in done.out
    for arguments in (("test", "home-of-nothing"), ("test", "lessons", "--seeds", "0")):
        assert mailflow(*arguments).code == 2
    (place / "empty").mkdir()
    assert "neither lessons nor scenarios" in mailflow("test", "empty").err


@pytest.mark.parametrize("kind", ["scenario", "quiz", "lesson"])
def test_every_format_has_its_schema(mailflow: Command, kind: str) -> None:
    found = json.loads(mailflow("schema", kind).out)
    assert found["$schema"].startswith("https://json-schema.org/")


def test_explain_knows_the_rules_of_lessons_too(mailflow: Command) -> None:
    done = mailflow("explain", "mf105")
    assert done.code == 0 and "Bad:" in done.out and "Good:" in done.out
    assert "MF105" in mailflow("explain").out
    assert mailflow("explain", "MF199").code == 2


# The editor


def test_the_editor_gets_the_text_and_gives_it_back(place: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    script = place / "ed.py"
    script.write_text(
        "import sys\np = sys.argv[1]\nt = open(p).read()\nopen(p, 'w').write(t.upper())\n", encoding="utf-8"
    )
    monkeypatch.delenv("VISUAL", raising=False)
    monkeypatch.setenv("EDITOR", f"{sys.executable} {script}")
    edit = learner.editor()
    assert edit is not None and edit("mx 10\n", "zones.beta.example.txt") == "MX 10\n"


def test_an_editor_that_fails_or_is_not_there_is_a_sentence(place: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("VISUAL", raising=False)
    monkeypatch.delenv("EDITOR", raising=False)
    assert learner.editor() is None
    for command in ("no-such-editor-anywhere", f"{sys.executable} -c raise(SystemExit(3))"):
        monkeypatch.setenv("EDITOR", command)
        edit = learner.editor()
        assert edit is not None
        with pytest.raises(UsageError, match="editor"):
            edit("x", "y")
