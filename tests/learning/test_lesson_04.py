"""Lesson 04 as it is shipped: what a listener reads at each door, and the lab of the leaky café."""

from __future__ import annotations

import base64

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

FOLDER = ROOT / "lessons" / "04-doors-and-locks"
WORLD = "three-doors"
IMPLICIT = "submissions://mail.alpha.example:465"


def lesson(lang: str = "en") -> Lesson:
    return load_lesson(FOLDER, lang=lang)


def keys(seed: int = 1) -> dict[str, tuple[str, ...]]:
    quiz = lesson().quiz
    assert quiz is not None
    worlds = Worlds(FOLDER, seed=seed)
    return {one.id: TYPES[one.type].found(one, worlds).values for one in quiz.items}


def cured(**settings: str) -> LabResult:
    """The lab with other settings of the programs of anna and oleg, and of the server."""
    session = LabSession.open("leaky-cafe", folder=FOLDER)
    for name, value in settings.items():
        path = "hosts.mail-alpha.policy.login-in-clear" if name == "server" else f"hosts.pc-{name}.sends-via"
        session.set(path, value)
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
    assert (proof.items, proof.labs) == (9, 1)


@pytest.mark.parametrize(("lang", "words"), [("en", "Nine questions"), ("ru", "Девять вопросов")])
def test_the_text_says_nine_questions_and_asks_nine(lang: str, words: str) -> None:
    made = lesson(lang)
    assert made.quiz is not None
    assert words in "\n".join(made.text.source.lines)
    assert len(made.quiz.items) == 9


# keys


def test_the_keys_are_what_a_teacher_expects() -> None:
    found = keys()
    assert found["first-on-465"] == ("client-hello",)
    assert found["anna-password"] == ("no",)
    assert found["decode"] == ("oleg@alpha.example",)
    assert (found["strict"], found["if-available"]) == (("no",), ("yes",))
    assert found["another-name"] == ("the certificate is for another host name",)
    assert found["behind-the-server"] == ("yes",)


def test_the_first_command_behind_the_curtain_is_the_second_ehlo(worlds: Worlds) -> None:
    n = keys()["curtain"][0]
    assert worlds.ask(WORLD, f"smtp.command n={n} | first verb").one == "EHLO"
    assert worlds.ask(WORLD, "smtp.command from=pc-anna verb=EHLO t<1000000 | list tls").values == ("no", "yes")


def test_what_the_listener_has_decodes_to_the_password_of_this_student() -> None:
    found = set()
    for seed in range(1, 13):
        line = Worlds(FOLDER, seed=seed).ask(WORLD, "smtp.command from=pc-oleg verb=AUTH tls=no | first argument").one
        _, user, password = base64.b64decode(line.removeprefix("PLAIN ")).split(b"\0")
        assert user == b"oleg@alpha.example"
        found.add(password)
    assert len(found) == 4


@pytest.mark.parametrize(
    ("name", "answer", "myth"),
    [
        ("first-on-465", "220", "starttls-is-encrypted-from-start"),
        ("first-on-465", "AUTH", "465-is-obsolete"),
        ("anna-password", "cipher", "base64-is-encryption"),
        ("if-available", "no", "if-available-is-safe"),
        ("behind-the-server", "no", "tls-means-end-to-end"),
    ],
)
def test_the_five_misconceptions_are_named(name: str, answer: str, myth: str) -> None:
    quiz = lesson().quiz
    assert quiz is not None
    feedback = QuizSession(quiz, Worlds(FOLDER), seed=1).answer(name, answer, "certain")
    assert not feedback.right
    assert feedback.myth is not None
    assert feedback.myth.id == myth


# what the pages say


def test_the_listener_reads_two_chunks_of_anna_and_no_word_more(worlds: Worlds) -> None:
    seen = worlds.ask(WORLD, "tap.saw at=sniffer from=pc-anna t<60000000 clear=yes | list octets").values
    assert [one.split()[0] for one in seen] == ["EHLO", "STARTTLS"]
    assert worlds.ask(WORLD, "tap.saw at=sniffer port=465 clear=yes | count").one == "0"


def test_one_word_is_overwritten_and_no_octet_moves(worlds: Worlds) -> None:
    changed = worlds.ask(WORLD, "tcp.changed to=pc-anna | first octets").one
    said = worlds.ask(WORLD, "tcp.data to=pc-anna t>700000000 octets~STARTTLS | first octets").one
    assert changed == said.replace("STARTTLS", "XXXXXXXX")
    assert said != changed


def test_the_server_knows_nothing_of_it_and_the_story_names_the_fault(worlds: Worlds) -> None:
    from simulator.records.story import why

    assert worlds.ask(WORLD, "smtp.reply to=pc-* verb=EHLO t>700000000 text~STARTTLS | count").one == "2"
    n = int(worlds.ask(WORLD, "auth.login clear=yes | first n").one)
    assert "fault" in [line.kind for line in why(worlds.run(WORLD).records, n, everything=True)]


# the lab


def test_one_leaks_and_one_stays_at_home_at_first() -> None:
    result = cured()
    assert (result.points, result.of, result.solved, result.traps) == (0, 4, False, ())
    assert asked(result, "auth.login clear=yes | unique user") == "oleg@alpha.example"


def test_implicit_tls_for_both_solves_it_with_or_without_the_server() -> None:
    assert cured(anna=IMPLICIT, oleg=IMPLICIT).solved
    assert cured(anna=IMPLICIT, oleg=IMPLICIT, server="no").solved


def test_one_of_both_is_not_enough() -> None:
    assert cured(oleg=IMPLICIT).points == 2
    assert cured(anna=IMPLICIT).points == 2


def test_a_server_that_takes_no_password_in_clear_stops_the_leak_and_the_letter() -> None:
    result = cured(server="no", anna=IMPLICIT)
    assert (result.points, result.solved) == (2, False)
    assert asked(result, "auth.login clear=yes | count") == "0"


@pytest.mark.parametrize(
    ("settings", "trap"),
    [
        ({"anna": "submission+starttls-if-offered://mail.alpha.example:587"}, "softer"),
        ({"oleg": "submission+starttls://mail.alpha.example:587"}, "stricter"),
        ({"oleg": "smtp://mail.alpha.example:25"}, "servers-door"),
    ],
)
def test_each_trap_catches_its_own_cure_and_blocks(settings: dict[str, str], trap: str) -> None:
    result = cured(**settings)
    assert [one.id for one in result.traps] == [trap]
    assert not result.solved
