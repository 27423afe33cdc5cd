"""Lesson 08 as it is shipped: its keys follow the world, its lab cures and traps, its words beside what the run shows."""

from __future__ import annotations

import shutil
from pathlib import Path

import pytest

from simulator.engine.query import parse
from simulator.learning.checks import prove
from simulator.learning.dialogue import Dialogue
from simulator.learning.items import TYPES
from simulator.learning.lab import LabResult, LabSession
from simulator.learning.lesson import Lesson, load_lesson
from simulator.learning.lint import validate
from simulator.learning.quizzing import QuizSession
from simulator.learning.worlds import Worlds
from simulator.scenario.loading import load
from tests.conftest import ROOT

FOLDER = ROOT / "lessons" / "08-pop3-the-box-that-empties"
WORLD = "one-box-two-devices"
LAB = "the-phone-ate-my-mail"
PHONE, COMPUTER = "hosts.phone-boris", "hosts.pc-boris"


def lesson(lang: str = "en", folder: Path = FOLDER) -> Lesson:
    return load_lesson(folder, lang=lang)


def keys(folder: Path = FOLDER, seed: int = 1) -> dict[str, tuple[str, ...]]:
    """The key of each item, out of the run."""
    quiz = lesson(folder=folder).quiz
    assert quiz is not None
    worlds = Worlds(folder, seed=seed)
    return {item.id: TYPES[item.type].found(item, worlds).values for item in quiz.items}


def copied(where: Path, old: str, new: str) -> Path:
    """The lesson with its scenario beside it, one text of the scenario replaced."""
    made = where / FOLDER.name
    shutil.copytree(FOLDER, made)
    text = (ROOT / "scenarios" / f"{WORLD}.yaml").read_text(encoding="utf-8")
    assert old in text
    (made / f"{WORLD}.yaml").write_text(text.replace(old, new), encoding="utf-8")
    return made


def cured(*edits: tuple[str, str]) -> LabResult:
    session = LabSession.open(LAB, folder=FOLDER)
    for path, value in edits:
        session.set(path, value)
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
    assert (proof.items, proof.labs) == (9, 1)


@pytest.mark.parametrize("lang", ["en", "ru"])
def test_the_text_says_nine_questions_and_asks_nine(lang: str) -> None:
    made = lesson(lang)
    assert made.quiz is not None
    text = "\n".join(made.text.source.lines)
    assert ("Nine questions" if lang == "en" else "Девять вопросов") in text
    assert len(made.quiz.items) == 9


def test_the_form_of_a_lesson_is_kept_in_order() -> None:
    found = [page.heading for page in lesson().pages]
    order = ["POP3", "Worked example", "Now you", "Lab", "What the lecture says", "Three references"]
    places = [next(n for n, heading in enumerate(found) if heading.startswith(start)) for start in order]
    assert places == sorted(places)


@pytest.mark.parametrize("lang", ["en", "ru"])
@pytest.mark.parametrize(
    ("item", "shown"),
    [
        ("left-after-download", "pop3.reply to=phone-boris verb=UIDL | first lines"),
        ("line-drops", "pop3.reply to=pc-boris verb=UIDL t>170000000 t<200000000"),
    ],
)
def test_what_a_page_asks_to_predict_is_shown_on_a_later_page(lang: str, item: str, shown: str) -> None:
    pages = [(page.number, fence) for page in lesson(lang).pages for fence in page.fences]
    asked_on = next(number for number, fence in pages if fence.word == "predict" and item in fence.body)
    shown_on = [number for number, fence in pages if fence.word == "trace" and shown in fence.body]
    assert shown_on
    assert min(shown_on) > asked_on


# keys


def test_the_keys_are_what_a_teacher_expects() -> None:
    found = keys()
    assert found["left-after-download"] == ("2",)
    assert found["line-drops"] == ("2",)
    assert found["who-said-dele"] == ("phone-boris",)
    assert found["order-of-commands"] == ("CAPA", "USER", "PASS", "UIDL", "RETR", "DELE", "QUIT")
    assert found["by-hand"] == ("yes",)
    assert found["what-is-left"] == ("1",)
    assert found["message-number"] == ("1",)
    assert found["read-on-the-phone"] == ("no",)


def test_the_command_that_removes_is_quit_between_the_last_dele_and_the_removal(worlds: Worlds) -> None:
    (moment,) = keys()["the-line-that-removes"]
    before = worlds.ask(WORLD, "pop3.command verb=DELE | last n").one
    after = worlds.ask(WORLD, "mailbox.expunge | first n").one
    assert int(before) < int(moment) < int(after)


def test_without_the_cut_the_phone_takes_the_letters_the_first_time(tmp_path: Path) -> None:
    fault = "\nfaults:\n  - {what: connection-cut, host: phone-boris, at: 2m5.5s}\n"
    found = keys(copied(tmp_path, fault, "\n"))
    assert found["left-after-download"] == ("2",)
    assert found["line-drops"] == ("0",)


def test_a_phone_that_leaves_letters_changes_what_is_left(tmp_path: Path) -> None:
    made = copied(tmp_path, "leave-on-server: no ", "leave-on-server: yes ")
    found = prove(made).diagnostics
    assert any(one.rule == "MF115" for one in found)  # nobody says DELE any more, so there is no key
    assert Worlds(made).ask(WORLD, "pop3.reply to=pc-boris verb=UIDL | last lines").one == "3"


@pytest.mark.parametrize(
    ("item", "answer", "myth"),
    [
        ("left-after-download", "0", "pop3-always-deletes"),
        ("line-drops", "0", "dele-is-immediate"),
        ("who-said-dele", "mail-beta", "pop3-always-deletes"),
        ("what-is-left", "3", "box-remembers-all"),
        ("message-number", "3", "seq-is-identity"),
        ("read-on-the-phone", "yes", "pop3-syncs-read-flags"),
    ],
)
def test_the_misconceptions_are_named(item: str, answer: str, myth: str) -> None:
    quiz = lesson().quiz
    assert quiz is not None
    feedback = QuizSession(quiz, Worlds(FOLDER), seed=1).answer(item, answer, "certain")
    assert not feedback.right
    assert feedback.myth is not None
    assert feedback.myth.id == myth


# the question in which the learner speaks


def spoken(*lines: str) -> bool:
    quiz = lesson().quiz
    assert quiz is not None
    return QuizSession(quiz, Worlds(FOLDER), seed=1).answer("by-hand", "\n".join(lines), "certain").right


def test_any_dialogue_that_has_the_second_letter_read_out_is_right() -> None:
    assert spoken("user boris@beta.example", "pass battery-staple", "retr 2")
    assert spoken("STAT", "USER boris@beta.example", "PASS battery-staple", "UIDL", "RETR 1", "RETR 2", "NOOP", "QUIT")


@pytest.mark.parametrize(
    "lines",
    [
        ("RETR 2", "QUIT"),
        ("USER boris@beta.example", "PASS wrong", "RETR 2", "QUIT"),
        ("USER boris@beta.example", "PASS battery-staple", "RETR 1", "QUIT"),
        ("USER boris@beta.example", "PASS battery-staple", "TOP 2 0", "QUIT"),
    ],
)
def test_a_dialogue_that_does_not_is_wrong(lines: tuple[str, ...]) -> None:
    assert not spoken(*lines)


def test_a_pop3_dialogue_hears_lists_and_letters_whole_and_says_what_is_in_order() -> None:
    dialogue = Dialogue(load(WORLD), host="pc-boris", server="mail-beta", port=110, at_us=50_000_000)
    assert dialogue.greeting[0].startswith("+OK")
    refused = dialogue.say("LIST")
    assert not refused.good
    assert "USER" in refused.remark
    assert "RETR" not in dialogue.legal
    assert dialogue.say("USER boris@beta.example").good
    assert dialogue.say("PASS battery-staple").good
    assert "RETR" in dialogue.legal
    listed = dialogue.say("UIDL").answer
    assert (len(listed), listed[-1]) == (4, ".")
    letter = dialogue.say("RETR 2").answer
    assert any(line.startswith("Subject:") for line in letter)
    assert letter[-1] == "."
    assert dialogue.say("LIST 1").answer[0].startswith("+OK 1 ")
    assert not dialogue.over
    assert dialogue.say("QUIT").good
    assert dialogue.over


# what the pages say


def test_a_list_has_one_line_for_each_letter(worlds: Worlds) -> None:
    assert worlds.ask(WORLD, "pop3.reply to=pc-boris verb=UIDL | list lines").values == ("2", "2", "1")
    assert worlds.ask(WORLD, "pop3.reply to=phone-boris verb=UIDL | list lines").values == ("2", "2")


def test_both_dele_have_their_ok_and_the_line_breaks_before_quit_is_heard(worlds: Worlds) -> None:
    marked = worlds.ask(WORLD, "pop3.reply to=phone-boris verb=DELE | list status").values
    assert marked == ("+OK",) * 4
    assert worlds.ask(WORLD, "fault | unique what").values == ("connection-cut",)
    cut = int(worlds.ask(WORLD, "fault | first n").one)
    assert int(worlds.ask(WORLD, "pop3.reply to=phone-boris verb=DELE t<130000000 | last n").one) < cut
    assert int(worlds.ask(WORLD, "pop3.command from=phone-boris verb=QUIT | first n").one) > cut


def test_on_its_second_visit_the_computer_retrieves_nothing(worlds: Worlds) -> None:
    between = "pop3.command from=pc-boris verb=RETR t>100000000 t<400000000 | count"
    assert worlds.ask(WORLD, between).one == "0"


@pytest.mark.parametrize("seed", range(1, 21))
def test_the_two_letters_with_number_one_differ_in_size(seed: int) -> None:
    sizes = Worlds(FOLDER, seed=seed).ask(WORLD, "pop3.reply to=pc-boris verb=RETR | list text").values
    assert len(sizes) == 3
    assert sizes[0] != sizes[2]


def test_the_door_of_the_lab_opens_at_dele(worlds: Worlds) -> None:
    verbs = worlds.ask(LAB, "pop3.command | list verb").values
    assert verbs[5] == "DELE"
    for lang in ("en", "ru"):
        assert f"{LAB}#pop3.command/6" in "\n".join(lesson(lang).text.source.lines)


# the lab


def test_the_phone_has_both_letters_and_the_computer_none() -> None:
    result = cured()
    assert (result.points, result.of, result.solved, result.traps) == (1, 3, False, ())
    assert asked(result, "device.append at=pc-boris name=INBOX | count") == "0"


@pytest.mark.parametrize(
    "edits",
    [
        ((f"{PHONE}.leave-on-server", "yes"),),
        ((f"{PHONE}.leave-on-server", "yes"), (f"{PHONE}.reads-via", "imaps://mail.beta.example:993")),
        ((f"{PHONE}.leave-on-server", "yes"), (f"{COMPUTER}.reads-via", "imaps://mail.beta.example:993")),
    ],
)
def test_leaving_letters_there_or_imap_solves_it(edits: tuple[tuple[str, str], ...]) -> None:
    result = cured(*edits)
    assert result.solved
    assert asked(result, "mailbox.expunge | count") == "0"


@pytest.mark.parametrize(
    ("edit", "trap"),
    [
        (("timeline.at-the-desk.at", "30s"), "get-up-earlier"),
        ((f"{COMPUTER}.reads-via", "imaps://mail.beta.example:993"), "the-wrong-device"),
    ],
)
def test_each_trap_catches_its_own_cure_and_blocks(edit: tuple[str, str], trap: str) -> None:
    result = cured(edit)
    assert [one.id for one in result.traps] == [trap]
    assert not result.solved
