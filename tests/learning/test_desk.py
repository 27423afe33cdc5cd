"""The registers, the desk that home shows, and the shell that asks the simulated DNS."""

from __future__ import annotations

import json
import re
from pathlib import Path

import pytest

from simulator.errors import MailflowError, UsageError
from simulator.learning.desk import desk
from simulator.learning.finding import catalogue
from simulator.learning.myths import find_myth, myths
from simulator.learning.progress import Entry, Progress
from simulator.learning.quizzing import SURE, read_sure
from simulator.learning.shell import dig
from simulator.scenario.loading import load
from simulator.text import set_language
from simulator.text.glossary import terms
from tests.learning.example import lesson_folder

DAY = 86_400


@pytest.mark.parametrize("myth", myths().values(), ids=myths())
def test_a_misconception_is_said_in_two_languages_with_the_truth_and_its_rfc(myth: object) -> None:
    from simulator.learning.myths import Myth

    assert isinstance(myth, Myth)
    assert re.fullmatch(r"[a-z0-9]+(-[a-z0-9]+)*", myth.id)
    for texts in (myth.says, myth.truth):
        assert set(texts) == {"en", "ru"}
        assert re.search("[а-яё]{3}", texts["ru"])
        assert not re.search("[а-яё]", texts["en"])
        assert all(text.endswith(".") and len(text) < 240 for text in texts.values())
    assert re.fullmatch(r"RFC \d+, [\d.]+", myth.source)


def test_the_misconceptions_of_the_first_lessons_are_registered() -> None:
    first = {"client-looks-up-mx", "computer-to-computer", "one-server-does-all", "receiver-must-be-online"}
    second = {"to-header-routes", "bcc-is-a-header", "attachments-travel-apart", "from-is-checked"}
    assert first | second <= set(myths())


def test_an_unknown_misconception_is_refused_with_the_nearest() -> None:
    with pytest.raises(MailflowError, match="client-looks-up-mx"):
        find_myth("client-look-up-mx")


def test_every_term_of_the_glossary_names_a_source() -> None:
    assert all(term.source and term.meaning("ru") != term.meaning("en") for term in terms())


# how sure


@pytest.mark.parametrize(
    ("typed", "stored"),
    [("1", "guess"), ("g", "guess"), ("think so", "think"), ("certain", "certain"), ("3", "certain")],
)
def test_how_sure_is_a_number_or_a_word(typed: str, stored: str) -> None:
    assert read_sure(typed) == stored
    with pytest.raises(MailflowError, match="1 guess, 2 think so, 3 certain"):
        read_sure("very")


def test_how_sure_speaks_russian() -> None:
    set_language("ru")
    try:
        assert read_sure("уверен") == "certain"
        assert set(SURE) == {"guess", "think", "certain"}
    finally:
        set_language("en")


# the desk


@pytest.fixture
def home(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A folder with one lesson, in which the program runs."""
    lesson_folder(tmp_path)
    monkeypatch.chdir(tmp_path)
    return tmp_path


def test_a_new_learner_begins_with_the_first_lesson(home: Path) -> None:
    shown = desk([one for one in catalogue() if one.found.where == "here"], Progress(home / "mine"))
    assert shown.go_on is not None
    assert (shown.go_on.entry.id, shown.go_on.state, shown.go_on.items) == ("small-lesson", "new", 1)
    assert (shown.review, shown.slip, shown.skills) == ((), None, {})


def test_the_desk_shows_what_is_due_and_the_last_slip(home: Path) -> None:
    clock = [0.0]
    progress = Progress(home / "mine", clock=lambda: clock[0])
    clock[0] = 100.0
    wrong = Entry(lesson="small-lesson", item="who-asks", skill="path.stages", myth="client-looks-up-mx", tries=1)
    progress.add(wrong)
    lessons = [one for one in catalogue() if one.found.where == "here"]
    assert (desk(lessons, progress).review, len(desk(lessons, progress).later)) == ((), 1)
    clock[0] += DAY
    shown = desk(lessons, progress)
    assert [card.item for card in shown.review] == ["who-asks"]
    assert shown.slip is not None
    assert shown.slip.myth == "client-looks-up-mx"
    assert shown.beliefs == {"client-looks-up-mx": 1}
    assert shown.go_on is not None
    assert shown.go_on.state == "begun"
    data = json.loads(json.dumps(shown.as_data()))
    assert data["go-on"] == "small-lesson"
    assert data["skills"] == {"path.stages": {"right": 0, "asked": 1}}


def test_a_lesson_is_done_when_its_items_and_labs_are(home: Path) -> None:
    progress = Progress(home / "mine")
    progress.add(Entry(lesson="small-lesson", item="who-asks", right=True, points=1.0, done=True, tries=1))
    lessons = [one for one in catalogue() if one.found.where == "here"]
    assert desk(lessons, progress).lessons[0].state == "begun"
    progress.add(Entry(lesson="small-lesson", item="lab:broken", right=True, points=3.0, done=True))
    shown = desk(lessons, progress)
    assert shown.lessons[0].state == "done"
    assert shown.go_on is None


# the shell


def test_dig_answers_as_dig_does_and_changes_nothing(tmp_path: Path) -> None:
    scenario = load(lesson_folder(tmp_path) / "small.yaml")
    asked = dig(scenario, "dig beta.example MX +short")
    assert asked.lines == ("10 mail.beta.example.",)
    assert any("ANSWER SECTION" in line for line in dig(scenario, "mx beta.example").lines)
    assert dig(scenario, "-x 203.0.113.25 +short").lines == ("mail.beta.example.",)
    assert dig(scenario, "dig beta.example MX +short") == asked


@pytest.mark.parametrize("typed", ["", "dig", "-x here", "-z", "@nobody beta.example", "bad..name"])
def test_what_dig_does_not_understand_is_a_sentence(tmp_path: Path, typed: str) -> None:
    with pytest.raises(UsageError):
        dig(load(lesson_folder(tmp_path) / "small.yaml"), typed)
