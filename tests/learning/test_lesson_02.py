"""Lesson 02 as it is shipped: its keys, its lab of the wrong charset, and what its pages say of envelope and letter."""

from __future__ import annotations

import base64
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
from simulator.message.compose import Attachment, Draft, compose
from simulator.message.structure import parse_structure
from simulator.scenario.installing import address
from tests.conftest import ROOT

FOLDER = ROOT / "lessons" / "02-envelope-and-letter"
WORLD = "cc-bcc-attachment"
TYPE = "timeline.reminder.content-type"


def lesson(lang: str = "en", folder: Path = FOLDER) -> Lesson:
    return load_lesson(folder, lang=lang)


def keys(folder: Path = FOLDER, seed: int = 1) -> dict[str, tuple[str, ...]]:
    """The key of each item, out of the run."""
    quiz = lesson(folder=folder).quiz
    assert quiz is not None
    worlds = Worlds(folder, seed=seed)
    return {item.id: TYPES[item.type].found(item, worlds).values for item in quiz.items}


def copied(where: Path, old: str, new: str) -> Path:
    """The lesson with its scenario beside it, one text of the scenario replaced everywhere."""
    made = where / FOLDER.name
    shutil.copytree(FOLDER, made)
    text = (ROOT / "scenarios" / f"{WORLD}.yaml").read_text(encoding="utf-8")
    assert old in text
    (made / f"{WORLD}.yaml").write_text(text.replace(old, new), encoding="utf-8")
    return made


def cured(content_type: str | None = None) -> LabResult:
    session = LabSession.open("mojibake", folder=FOLDER)
    if content_type is not None:
        session.set(TYPE, content_type)
    return session.run()


def asked(result: LabResult, query: str) -> str:
    return parse(query).ask(result.run.records).text


@pytest.fixture(scope="module")
def worlds() -> Worlds:
    return Worlds(FOLDER)


# the lesson as a whole


def test_nothing_is_wrong_with_it() -> None:
    assert validate(FOLDER) == ()


def test_it_is_proved_on_twenty_seeds() -> None:
    proof = prove(FOLDER, seeds=20)
    assert proof.diagnostics == ()
    assert (proof.items, proof.labs) == (7, 1)


@pytest.mark.parametrize("lang", ["en", "ru"])
def test_the_text_says_seven_questions_and_asks_seven(lang: str) -> None:
    made = lesson(lang)
    assert made.quiz is not None
    assert ("Seven questions" if lang == "en" else "Семь вопросов") in "\n".join(made.text.source.lines)
    assert len(made.quiz.items) == 7


@pytest.mark.parametrize("lang", ["en", "ru"])
@pytest.mark.parametrize(
    ("item", "shown"),
    [
        ("rcpt-count", "smtp.command from=pc-anna verb=RCPT letter=1"),
        ("bcc-in-the-copy", "message.header name=Bcc | count"),
        ("april", "smtp.reply verb=DATA-END letter=2"),
    ],
)
def test_what_a_page_asks_to_predict_is_shown_on_a_later_page(lang: str, item: str, shown: str) -> None:
    fences = [(page.number, fence) for page in lesson(lang).pages for fence in page.fences]
    (place,) = [number for number, fence in fences if fence.word == "predict" and fence.body == (item,)]
    assert place < min(number for number, fence in fences if shown in fence.body)


# keys


def test_the_keys_are_what_a_teacher_expects() -> None:
    found = keys()
    assert found["rcpt-count"] == ("3",)
    assert found["bcc-in-the-copy"] == ("no",)
    assert found["bytes-on-the-wire"] == ("848",)
    assert found["april"] == ("250",)
    assert found["who-wrote-it"] == (
        "Subject=MUA", "Message-ID=MSA", "Received=MTA", "X-Spam-Status=filter", "Return-Path=MDA",
    )  # fmt: skip


def test_the_subject_differs_from_student_to_student() -> None:
    assert len({keys(seed=seed)["subject-by-hand"] for seed in range(1, 13)}) == 4


def test_either_rcpt_for_kolya_is_right_and_no_header_is(worlds: Worlds) -> None:
    quiz = lesson().quiz
    assert quiz is not None
    item = quiz.item("what-servers-follow")
    found = TYPES[item.type].found(item, worlds)
    for query in ("smtp.command from=pc-anna verb=RCPT", "smtp.command from=mail-alpha verb=RCPT"):
        number = worlds.ask(WORLD, f"{query} address=kolya@beta.example | first n").values
        assert TYPES[item.type].right(item, found, number, worlds)
    number = worlds.ask(WORLD, "message.header name=To letter=1 | first n").values
    assert not TYPES[item.type].right(item, found, number, worlds)


def test_another_hidden_reader_changes_the_count(tmp_path: Path) -> None:
    made = copied(tmp_path, "bcc: [kolya@beta.example]", "bcc: [kolya@beta.example, director@alpha.example]")
    assert keys(made)["rcpt-count"] == ("4",)


def test_a_server_without_a_filter_leaves_a_line_unwritten_and_the_item_is_refused(tmp_path: Path) -> None:
    found = prove(copied(tmp_path, "    filters: [spam]\n", "")).diagnostics
    assert [one.rule for one in found if "X-Spam-Status" in one.message] == ["MF115"]


@pytest.mark.parametrize(
    ("item", "answer", "myth"),
    [
        ("rcpt-count", "1", "to-header-routes"),
        ("bcc-in-the-copy", "yes", "bcc-is-a-header"),
        ("bytes-on-the-wire", "621", "attachments-travel-apart"),
        ("april", "550", "from-is-checked"),
    ],
)
def test_the_four_misconceptions_are_named(item: str, answer: str, myth: str) -> None:
    quiz = lesson().quiz
    assert quiz is not None
    feedback = QuizSession(quiz, Worlds(FOLDER), seed=1).answer(item, answer, "certain")
    assert not feedback.right
    assert feedback.myth is not None
    assert feedback.myth.id == myth


# what the pages say


def test_the_numbers_of_the_worked_examples_are_those_of_the_run(worlds: Worlds) -> None:
    text = "message.part number=1 action=written letter=1"
    assert worlds.ask(WORLD, f"{text} | first bytes").one == "87"
    assert worlds.ask(WORLD, f"{text} | first wire-bytes").one == "120"
    assert worlds.ask(WORLD, "smtp.data to=mx-beta letter=1 | count").one == "1"
    boris, vera, kolya = map(int, worlds.ask(WORLD, "deliver letter=1 | list size").values)
    assert (boris - vera, kolya - vera) == (2, 2)


def test_message_id_stands_at_the_end_and_the_stamps_on_top(worlds: Worlds) -> None:
    letter = "message.header at=pc-boris action=read letter=1"
    names = worlds.ask(WORLD, f"{letter} | list name").values
    once = names[: len(names) // 2] if names.count("Subject") == 2 else names
    assert once[0] == "Return-Path"
    assert once[-1] == "Message-ID"
    assert max(place for place, name in enumerate(once) if name == "Received") < once.index("From")


def test_kolya_is_named_only_in_what_his_server_wrote(worlds: Worlds) -> None:
    found = worlds.ask(WORLD, "message.header at=pc-kolya action=read value~kolya | unique name")
    assert set(found.values) == {"Delivered-To", "Received"}


def test_the_false_author_is_passed_on_and_the_sender_added(worlds: Worlds) -> None:
    read = "message.header at=pc-boris action=read letter=2"
    assert "director@alpha.example" in worlds.ask(WORLD, f"{read} name=From | last value").one
    assert worlds.ask(WORLD, f"{read} name=Sender | last value").one == "anna@alpha.example"
    assert worlds.ask(WORLD, "smtp.command verb=MAIL letter=2 | unique address").values == ("anna@alpha.example",)


def test_mx_beta_offers_8bitmime_in_each_of_its_sessions(worlds: Worlds) -> None:
    assert worlds.ask(WORLD, "smtp.reply from=mx-beta verb=EHLO text~8BITMIME | count").one == "2"


def test_the_subject_can_be_decoded_by_the_command_of_the_hint(worlds: Worlds) -> None:
    value = worlds.ask(WORLD, "message.header name=Subject letter=1 action=written | first value").one
    coded = value.removeprefix("=?UTF-8?B?").removesuffix("?=")
    assert base64.b64decode(coded, validate=True).decode() == keys()["subject-by-hand"][0]


# the lab


def test_boris_reads_gibberish_at_first() -> None:
    result = cured()
    assert (result.points, result.of, result.solved, result.traps) == (0, 3, False, ())
    assert asked(result, "message.body at=pc-boris action=read | last text").startswith("ÐŸÑ€Ð¸Ð²ÐµÑ‚!")
    assert asked(result, "message.header at=pc-boris name=Subject action=read | last decoded") == "Напоминание"


@pytest.mark.parametrize(
    "named", ["text/plain; charset=utf-8", 'text/plain; charset="UTF-8"', "text/plain;charset=utf8"]
)
def test_any_way_to_name_the_charset_solves_it(named: str) -> None:
    result = cured(named)
    assert result.solved
    assert asked(result, "message.body at=pc-boris action=read | last text").startswith("Привет!")


@pytest.mark.parametrize(
    ("named", "trap", "points"),
    [("text/plain; charset=windows-1251", "another-table", 0), ("text/plain", "lucky-guess", 2)],
)
def test_each_trap_catches_its_own_cure_and_blocks(named: str, trap: str, points: int) -> None:
    result = cured(named)
    assert [one.id for one in result.traps] == [trap]
    assert (result.points, result.solved) == (points, False)


def test_no_charset_changes_an_octet_of_the_text() -> None:
    sizes = {
        asked(cured(named), "message.part action=read | last wire-bytes")
        for named in (None, "text/plain; charset=utf-8")
    }
    assert len(sizes) == 1


# what a letter may say of itself


def test_a_letter_says_what_it_is_told_and_holds_the_same_octets() -> None:
    draft = {"sender": address("a@alpha.example"), "to": (address("b@beta.example"),), "text": "Привет!"}
    truth, told = compose(Draft(**draft)), compose(Draft(**draft, text_type="text/plain; charset=koi8-r"))  # type: ignore[arg-type]
    assert b"Content-Type: text/plain; charset=koi8-r\r\n" in told
    assert told.partition(b"\r\n\r\n")[2] == truth.partition(b"\r\n\r\n")[2]


def test_only_the_text_is_mislabelled_and_not_the_whole_letter() -> None:
    made = compose(
        Draft(
            sender=address("a@alpha.example"),
            to=(address("b@beta.example"),),
            text="Привет!",
            attachments=(Attachment("plan.pdf", "application/pdf", b"%PDF"),),
            text_type="text/plain",
        )
    )
    assert [part.media_type for part in parse_structure(made).parts()] == ["text/plain", "application/pdf"]
    assert b"charset" not in made
