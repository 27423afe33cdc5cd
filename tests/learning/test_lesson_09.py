"""Lesson 09 as it is shipped: its keys follow the world, its labs cure and trap, its words beside what the run shows."""

from __future__ import annotations

import shutil
from pathlib import Path

import pytest

from simulator.engine.query import parse
from simulator.learning.checks import prove
from simulator.learning.items import TYPES
from simulator.learning.lab import LabResult, LabSession
from simulator.learning.lesson import Lesson, load_lesson
from simulator.learning.lint import validate
from simulator.learning.quizzing import QuizSession
from simulator.learning.worlds import Worlds
from tests.conftest import ROOT

FOLDER = ROOT / "lessons" / "09-imap-the-box-that-stays"
WORLD = "three-devices"
SENT, QUOTA = "nothing-in-sent", "over-quota"
CHECK, ANSWER = "hosts.mx-beta.policy.quota-check", "hosts.mx-beta.policy.when-full"
ROOM = "people.boris@beta.example.quota"


def lesson(lang: str = "en", folder: Path = FOLDER) -> Lesson:
    return load_lesson(folder, lang=lang)


def keys(folder: Path = FOLDER, seed: int = 1) -> dict[str, tuple[str, ...]]:
    """The key of each item, out of the run."""
    quiz = lesson(folder=folder).quiz
    assert quiz is not None
    worlds = Worlds(folder, seed=seed)
    return {item.id: TYPES[item.type].found(item, worlds).values for item in quiz.items}


def cured(lab: str, *edits: tuple[str, object]) -> LabResult:
    session = LabSession.open(lab, folder=FOLDER)
    for path, value in edits:
        session.set(path, value)  # type: ignore[arg-type]
    return session.run()


def asked(result: LabResult, query: str) -> str:
    return str(parse(query).ask(result.run.records).text)


@pytest.fixture
def worlds() -> Worlds:
    return Worlds(FOLDER)


# the lesson as a whole


def test_nothing_is_wrong_with_it() -> None:
    assert validate(FOLDER) == ()


def test_it_is_proved_on_twenty_seeds() -> None:
    proof = prove(FOLDER, seeds=20)
    assert proof.diagnostics == ()
    assert (proof.items, proof.labs) == (8, 2)


@pytest.mark.parametrize("lang", ["en", "ru"])
def test_the_text_says_eight_questions_and_asks_eight(lang: str) -> None:
    made = lesson(lang)
    assert made.quiz is not None
    text = "\n".join(made.text.source.lines)
    assert ("Eight questions" if lang == "en" else "Восемь вопросов") in text
    assert len(made.quiz.items) == 8


def test_the_form_of_a_lesson_is_kept_in_order() -> None:
    found = [page.heading for page in lesson().pages]
    order = ["IMAP", "Worked example", "Now you", "Lab", "What the lecture says", "Three references"]
    places = [next(n for n, heading in enumerate(found) if heading.startswith(start)) for start in order]
    assert places == sorted(places)


@pytest.mark.parametrize("lang", ["en", "ru"])
def test_what_a_page_asks_to_predict_is_shown_on_a_later_page(lang: str) -> None:
    pages = [(page.number, fence) for page in lesson(lang).pages for fence in page.fences]
    asked_on = next(number for number, fence in pages if fence.word == "predict")
    shown_on = [
        n for n, fence in pages if fence.word == "trace" and "imap.response to=pc-boris text~Seen" in fence.body
    ]
    assert shown_on
    assert min(shown_on) > asked_on


# keys


def test_the_keys_are_what_a_teacher_expects(worlds: Worlds) -> None:
    found = keys()
    assert found["read-on-the-phone"] == ("yes",)
    assert found["uid-of-number-two"] == ("3",)
    assert found["how-it-left"] == ("SMTP",)
    assert found["tags"] == ("LOGIN=a1", "SELECT=a2", "FETCH=a3", "UID FETCH=a5", "IDLE=a7")
    assert found["who-said-no"] == (worlds.ask(QUOTA, "lmtp.reply enhanced=5.2.2 | first n").one,)
    assert found["the-line-that-announces"] == (worlds.ask(WORLD, 'imap.response text="2 EXISTS" | first n').one,)


def test_the_letter_is_gone_after_it_was_marked_and_expunge_was_asked_for(worlds: Worlds) -> None:
    (moment,) = keys()["when-it-is-gone"]
    marked = worlds.ask(WORLD, "mailbox.flags uid=3 flags~Deleted | first n").one
    command = worlds.ask(WORLD, "imap.command from=tablet-boris verb=EXPUNGE | first n").one
    assert int(marked) < int(command) < int(moment)


def test_a_phone_that_loads_everything_changes_the_key(tmp_path: Path) -> None:
    made = tmp_path / FOLDER.name
    shutil.copytree(FOLDER, made)
    text = (ROOT / "scenarios" / f"{WORLD}.yaml").read_text(encoding="utf-8")
    (made / f"{WORLD}.yaml").write_text(text.replace("downloads: headers", "downloads: all"), encoding="utf-8")
    assert int(keys(made)["header-only"][0]) > 2 * int(keys()["header-only"][0])


@pytest.mark.parametrize(
    ("item", "answer", "myth"),
    [
        ("read-on-the-phone", "no", "imap-keeps-copies-only"),
        ("uid-of-number-two", "2", "seq-is-identity"),
        ("how-it-left", "IMAP", "imap-sends"),
    ],
)
def test_the_misconceptions_are_named(item: str, answer: str, myth: str) -> None:
    quiz = lesson().quiz
    assert quiz is not None
    feedback = QuizSession(quiz, Worlds(FOLDER), seed=1).answer(item, answer, "certain")
    assert not feedback.right
    assert feedback.myth is not None
    assert feedback.myth.id == myth


# what the pages say


@pytest.mark.parametrize("seed", range(1, 21))
def test_a_header_is_about_a_quarter_of_the_letter(seed: int) -> None:
    worlds = Worlds(FOLDER, seed=seed)
    part = int(worlds.ask(WORLD, "device.append at=phone-boris uid=2 | first size").one)
    whole = int(worlds.ask(WORLD, "device.append at=pc-boris uid=2 | first size").one)
    assert 0.2 < part / whole < 0.3


def test_no_device_speaks_with_another(worlds: Worlds) -> None:
    for one in ("pc", "phone", "tablet"):
        assert worlds.ask(WORLD, f"tcp.connect from={one}-boris to=*-boris | count").one == "0"


def test_peek_sets_no_flag_and_opening_does(worlds: Worlds) -> None:
    loaded = int(worlds.ask(WORLD, 'imap.command from=phone-boris verb="UID FETCH" | last n').one)
    assert loaded < int(worlds.ask(WORLD, "mailbox.flags | first n").one)
    assert worlds.ask(WORLD, "mailbox.flags | first flags").values == ("\\Seen",)


def test_the_moved_letter_has_another_uid_in_trash(worlds: Worlds) -> None:
    assert worlds.ask(WORLD, "mailbox.append name=Trash | first uid").one == "1"
    assert worlds.ask(WORLD, "mailbox.expunge name=INBOX | first uid").one == "2"


def test_the_doors_open_where_the_captions_say(worlds: Worlds) -> None:
    assert worlds.ask(WORLD, "mailbox.append | list name").values[5] == "Sent"
    assert worlds.ask(WORLD, "mailbox.flags | last flags").values == ("\\Deleted",)
    assert worlds.ask(WORLD, "mailbox.flags | count").one == "2"
    assert worlds.ask(SENT, "device.append | first at").one == "phone-boris"


def test_the_copy_in_sent_follows_the_promise_of_the_submission_server(worlds: Worlds) -> None:
    promised = int(worlds.ask(WORLD, "smtp.reply to=pc-boris verb=DATA-END code=250 | first n").one)
    assert promised < int(worlds.ask(WORLD, "imap.command from=pc-boris verb=APPEND | first n").one)


# the lab Nothing in Sent


def test_the_answer_arrives_and_sent_is_empty() -> None:
    result = cured(SENT)
    assert (result.points, result.of, result.solved, result.traps) == (1, 4, False, ())
    assert asked(result, "device.append at=pc-boris name=Sent | count") == "0"


def test_a_phone_that_appends_solves_it() -> None:
    result = cured(SENT, ("hosts.phone-boris.keeps-sent", "server"))
    assert result.solved
    assert asked(result, "mailbox.append name=Sent | first flags") == "\\Seen"
    assert asked(result, "deliver | count") == "1"


@pytest.mark.parametrize(
    ("edit", "trap"),
    [
        (("timeline.answer.bcc", ["boris@beta.example"]), "a-letter-to-myself"),
        (("hosts.pc-boris.keeps-sent", "here"), "the-reader-instead-of-the-writer"),
    ],
)
def test_each_trap_of_nothing_in_sent_catches_its_own_cure(edit: tuple[str, object], trap: str) -> None:
    result = cured(SENT, edit)
    assert [one.id for one in result.traps] == [trap]
    assert not result.solved


# the lab Over quota


def test_the_contract_is_taken_and_lost() -> None:
    result = cured(QUOTA)
    assert (result.points, result.of, result.solved, result.traps) == (0, 4, False, ())
    assert asked(result, "smtp.reply from=mx-beta letter=3 verb=RCPT | first code") == "250"
    assert asked(result, "queue.fail at=mx-beta | count") == "1"


def test_a_goal_that_is_not_reached_says_who_said_no() -> None:
    (contract, *_) = cured(QUOTA).goals
    assert contract.no is not None
    assert "Quota exceeded" in contract.no.text


def test_asked_at_the_door_and_not_for_good_it_arrives_when_there_is_room() -> None:
    result = cured(QUOTA, (CHECK, "rcpt"), (ANSWER, "wait"))
    assert result.solved
    assert asked(result, "queue.defer at=mail-alpha letter=3 | exists") == "yes"
    emptied = int(asked(result, "mailbox.expunge at=mx-beta | first t"))
    assert emptied < int(asked(result, "deliver letter=3 | first t"))


@pytest.mark.parametrize(
    ("edit", "trap", "points"),
    [
        ((CHECK, "rcpt"), "no-for-good", 1),
        ((ANSWER, "wait"), "a-promise-without-room", 3),
        ((ROOM, "2MB"), "more-room", 3),
    ],
)
def test_each_trap_of_over_quota_catches_its_own_cure(edit: tuple[str, str], trap: str, points: int) -> None:
    result = cured(QUOTA, edit)
    assert [one.id for one in result.traps] == [trap]
    assert (result.points, result.solved) == (points, False)
