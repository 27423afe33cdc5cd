"""Lesson 03 as it is shipped: its keys, the two dialogues by hand, and the lab of the letter that never ends."""

from __future__ import annotations

import pytest

from simulator.engine.query import parse
from simulator.learning.checks import prove
from simulator.learning.items import TYPES, Item
from simulator.learning.lab import LabResult, LabSession
from simulator.learning.lesson import Lesson, load_lesson
from simulator.learning.lint import validate
from simulator.learning.quizzing import QuizSession
from simulator.learning.worlds import Worlds
from tests.conftest import ROOT

FOLDER = ROOT / "lessons" / "03-smtp-by-hand"
WORLD = "telnet-hour"
GOOD = (
    "EHLO me.example", "MAIL FROM:<anna@alpha.example>", "RCPT TO:<boris@beta.example>", "DATA", "Subject: x", "", "Hi",
    ".", "QUIT",
)  # fmt: skip
REPLIES = ("220 mx ESMTP", "250 mx", "250 Ok", "250 Ok", "550 No such user", "354 Go on", "250 Ok", "221 Bye")


def lesson(lang: str = "en") -> Lesson:
    return load_lesson(FOLDER, lang=lang)


def item(name: str) -> Item:
    quiz = lesson().quiz
    assert quiz is not None
    return quiz.item(name)


def keys(seed: int = 1) -> dict[str, tuple[str, ...]]:
    quiz = lesson().quiz
    assert quiz is not None
    worlds = Worlds(FOLDER, seed=seed)
    return {one.id: TYPES[one.type].found(one, worlds).values for one in quiz.items}


def said(name: str, answer: tuple[str, ...]) -> tuple[bool, str]:
    """Whether an answer is right, and what is said of it."""
    quiz = lesson().quiz
    assert quiz is not None
    feedback = QuizSession(quiz, Worlds(FOLDER), seed=1).answer(name, answer, "think")
    return feedback.right, feedback.why


def cured(*edits: tuple[str, str]) -> LabResult:
    session = LabSession.open("never-ends", folder=FOLDER)
    for path, value in edits:
        session.set(path, value)
    return session.run()


def text(*, dot: str) -> str:
    """The script with its dot before QUIT, after it, or after the header."""
    lines = [
        "EHLO monitor.alpha.example", "MAIL FROM:<monitor@alpha.example>", "RCPT TO:<boris@beta.example>", "DATA",
        "Subject: Backup", "", "All disks are fine.", "Next report tomorrow.", "QUIT",
    ]  # fmt: skip
    place = {"before QUIT": 8, "after QUIT": 9, "after the header": 6, "nowhere": -1}[dot]
    if place >= 0:
        lines.insert(place, ".")
    return "\n".join(lines) + "\n"


@pytest.fixture(scope="module")
def worlds() -> Worlds:
    return Worlds(FOLDER)


# the lesson as a whole


def test_nothing_is_wrong_with_it() -> None:
    assert validate(FOLDER) == ()


def test_it_is_proved_on_twenty_seeds() -> None:
    proof = prove(FOLDER, seeds=20)
    assert proof.diagnostics == ()
    assert (proof.items, proof.labs) == (12, 1)


@pytest.mark.parametrize(("lang", "words"), [("en", "Twelve questions"), ("ru", "Двенадцать вопросов")])
def test_the_text_says_twelve_questions_and_asks_twelve(lang: str, words: str) -> None:
    made = lesson(lang)
    assert made.quiz is not None
    assert words in "\n".join(made.text.source.lines)
    assert len(made.quiz.items) == 12


def test_the_steps_lead_where_their_captions_say(worlds: Worlds) -> None:
    records = [record for record in worlds.run(WORLD).records if record[2].name == "smtp.reply"]
    assert parse("smtp.reply code=421").hits([records[19]])
    lab = [record for record in worlds.run("never-ends").records if record[2].name == "smtp.reply"]
    assert parse("smtp.reply code=421").hits([lab[5]])


# keys


def test_the_keys_are_what_a_teacher_expects() -> None:
    found = keys()
    assert found["commands-in-order"] == ("HELO", "MAIL", "RCPT", "DATA", "QUIT")
    assert found["by-hand"] == ("1",)
    assert found["rcpt-before-mail"] == ("503",)
    assert found["after-data"] == ("354",)
    assert found["a-line-with-a-dot"] == ("4",)
    assert found["unknown-user"] == ("RCPT",)
    assert found["the-other-reader"] == ("yes",)
    assert found["who-are-you"] == ("250",)
    assert found["be-the-server"] == ("220", "250", "250", "250", "550", "354", "250", "221")


def test_the_misspelt_name_differs_from_student_to_student() -> None:
    asked = {
        Worlds(FOLDER, seed=seed).ask(WORLD, "smtp.reply enhanced=5.1.1 | first address").one for seed in range(1, 13)
    }
    assert len(asked) > 1


@pytest.mark.parametrize(
    ("name", "answer", "myth"),
    [
        ("unknown-user", "DATA-END", "remote-means-unknown"),
        ("the-other-reader", "no", "one-recipient-per-letter"),
        ("who-are-you", "550", "helo-proves-identity"),
    ],
)
def test_misconceptions_are_named(name: str, answer: str, myth: str) -> None:
    quiz = lesson().quiz
    assert quiz is not None
    feedback = QuizSession(quiz, Worlds(FOLDER), seed=1).answer(name, answer, "certain")
    assert not feedback.right
    assert feedback.myth is not None
    assert feedback.myth.id == myth


# the dialogue as the client


@pytest.mark.parametrize(
    "lines",
    [
        GOOD,
        ("RCPT TO:<boris@beta.example>", *GOOD),
        ("helo me", *GOOD[1:-1]),
        (*GOOD[:2], "RCPT TO:<nobody@beta.example>", *GOOD[2:]),
        ("VRFY boris@beta.example", "NOOP", *GOOD),
    ],
    ids=["straight", "with a slip", "HELO in small letters, and no QUIT", "with a wrong reader too", "with detours"],
)
def test_every_dialogue_that_brings_the_letter_is_right(lines: tuple[str, ...]) -> None:
    assert said("by-hand", lines)[0]


@pytest.mark.parametrize(
    ("lines", "why"),
    [
        (("QUIT",), "something is missing"),
        (GOOD[:1] + GOOD[2:], "503"),
        (GOOD[:7], "no end"),
        ((*GOOD[:2], "RCPT TO:<borsi@beta.example>", *GOOD[3:]), "550"),
        (("GET / HTTP/1.1",), "221"),
        ((*GOOD, *GOOD), "something is missing"),
    ],
    ids=["QUIT at once", "no MAIL", "no dot", "to nobody", "another protocol", "after QUIT nothing is said"],
)
def test_a_dialogue_that_brings_nothing_says_why(lines: tuple[str, ...], why: str) -> None:
    right, words = said("by-hand", lines)
    assert right is (lines == (*GOOD, *GOOD))
    assert right or why in words


def test_nothing_typed_is_no_answer() -> None:
    kind = TYPES["type"]
    with pytest.raises(Exception, match="Nothing was typed"):
        kind.read(item("by-hand"), " \n", 1, Worlds(FOLDER))


# the dialogue as the server


@pytest.mark.parametrize(
    "replies",
    [
        REPLIES,
        ("220 hello", "250-hello\n250-SIZE 1000\n250 HELP", "250", "250 ok", "553 who?", "354", "250", "221"),
        tuple(reply.replace("550", "554") for reply in REPLIES),
    ],
)
def test_a_server_that_does_its_work_is_right(replies: tuple[str, ...]) -> None:
    assert said("be-the-server", replies) == (True, item("be-the-server").because)


@pytest.mark.parametrize(
    ("place", "reply", "why"),
    [
        (0, "hello", "hangs up"),
        (1, "250-hello", "still waits"),
        (2, "450 later", "comes again later"),
        (3, "550 no", "gives up"),
        (4, "250 Ok", "taken on what you cannot do"),
        (5, "250 Ok", "hangs up"),
        (7, "250 Ok", "something else"),
    ],
)
def test_the_first_wrong_reply_ends_it_and_says_why(place: int, reply: str, why: str) -> None:
    right, words = said("be-the-server", (*REPLIES[:place], reply))
    assert not right
    assert why in words


def test_a_server_that_leaves_early_is_told_what_waits() -> None:
    right, words = said("be-the-server", REPLIES[:4])
    assert not right
    assert "RCPT TO:" in words


# what the pages say


def test_the_numbers_of_the_worked_examples_are_those_of_the_run(worlds: Worlds) -> None:
    assert worlds.ask(WORLD, "smtp.reply verb=EHLO t<2000000 | first text").one.count("\n") == 10
    assert worlds.ask(WORLD, 'tcp.data from=pc-anna octets~".." | list size').values == ("4",)
    assert worlds.ask(WORLD, "smtp.reply code=421 | first t").one == "541100000"
    assert worlds.ask(WORLD, "smtp.reply code=550 verb=DATA-END | first text").one == "Error: bare <LF> received"


def test_the_false_name_is_written_down_beside_the_address(worlds: Worlds) -> None:
    found = worlds.ask(WORLD, "message.header name=Received value~director.bank.example | first value").one
    assert "198.51.100.10" in found


# the lab


def test_the_server_hangs_up_at_first() -> None:
    result = cured()
    assert (result.points, result.of, result.solved, result.traps) == (0, 4, False, ())


def test_the_dot_alone_shows_the_second_mistake() -> None:
    result = cured(("timeline.report.text", text(dot="before QUIT")))
    assert not result.solved
    assert parse("smtp.reply verb=DATA-END | first enhanced").ask(result.run.records).text == "5.5.2"


def test_the_newline_alone_changes_nothing() -> None:
    assert cured(("timeline.report.newline", "crlf")).points == 0


def test_both_together_solve_it() -> None:
    result = cured(("timeline.report.newline", "crlf"), ("timeline.report.text", text(dot="before QUIT")))
    assert result.solved
    assert result.points == 4


@pytest.mark.parametrize(("dot", "trap"), [("after QUIT", "quit-in-the-letter"), ("after the header", "cut-short")])
def test_each_trap_catches_its_own_cure_and_blocks(dot: str, trap: str) -> None:
    result = cured(("timeline.report.newline", "crlf"), ("timeline.report.text", text(dot=dot)))
    assert [one.id for one in result.traps] == [trap]
    assert not result.solved


def test_what_is_in_order_is_told_without_what_this_server_does_not_offer(worlds: Worlds) -> None:
    from simulator.learning.items.speak import open_dialogue

    dialogue = open_dialogue(item("by-hand"), worlds)
    assert dialogue.greeting == ("220 mx.beta.example ESMTP",)
    assert dialogue.say("RCPT TO:<boris@beta.example>").remark.endswith(
        "EHLO, HELO, RSET, NOOP, VRFY, EXPN, HELP, QUIT"
    )
    dialogue.say("EHLO me.example")
    assert "STARTTLS" in dialogue.legal
    assert "AUTH" not in dialogue.legal
    dialogue.say("STARTTLS")
    assert dialogue.spoken[-1].remark == "From here on the server expects TLS, and no hand can speak that."
    assert not dialogue.say("EHLO me.example").good
    assert dialogue.over
