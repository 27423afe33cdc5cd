"""Lesson 01 as it is shipped: its keys follow the world, its lab cures and traps, its words beside what the run shows."""

from __future__ import annotations

import re
import shutil
from pathlib import Path

import pytest

from simulator.engine.query import parse
from simulator.learning.checks import prove
from simulator.learning.items import TYPES
from simulator.learning.lab import LabResult, LabSession
from simulator.learning.lesson import Lesson, load_lesson
from simulator.learning.lint import validate
from simulator.learning.pages import Fence
from simulator.learning.quizzing import QuizSession
from simulator.learning.worlds import Worlds
from simulator.scenario.loading import load
from simulator.scenario.world import run
from tests.conftest import ROOT

FOLDER = ROOT / "lessons" / "01-path-of-one-letter"
SUBMISSION = "submission+starttls://mail.alpha.example:587"


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
    text = (ROOT / "scenarios" / "first-letter.yaml").read_text(encoding="utf-8")
    assert old in text
    (made / "first-letter.yaml").write_text(text.replace(old, new), encoding="utf-8")
    return made


def cured(*edits: tuple[str, str]) -> LabResult:
    session = LabSession.open("wrong-door", folder=FOLDER)
    for path, value in edits:
        session.set(path, value)
    return session.run()


def count(result: LabResult, query: str) -> int:
    return int(parse(query).ask(result.run.records).value)


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
    text = "\n".join(made.text.source.lines)
    assert ("Seven questions" if lang == "en" else "Семь вопросов") in text
    assert len(made.quiz.items) == 7


def test_the_form_of_a_lesson_is_kept_in_order() -> None:
    found = [page.heading for page in lesson().pages]
    order = ["The path of one letter", "Worked example", "Now you", "Lab", "What the lecture says", "Three references"]
    places = [next(n for n, heading in enumerate(found) if heading.startswith(start)) for start in order]
    assert places == sorted(places)


@pytest.mark.parametrize("lang", ["en", "ru"])
def test_what_a_page_asks_to_predict_is_shown_on_a_later_page(lang: str) -> None:
    pages = lesson(lang).pages
    asked = next(page.number for page in pages for fence in page.fences if fence.word == "predict")
    shown = next(page.number for page in pages if _traces(page.fences, "tcp.connect from=mail-alpha"))
    assert asked < shown


def _traces(fences: tuple[Fence, ...], query: str) -> bool:
    return any(query in fence.body for fence in fences if fence.word == "trace")


# keys


def test_the_keys_are_what_a_teacher_expects() -> None:
    found = keys()
    assert found["stages"] == (
        "compose", "submission", "routing", "transfer", "filtering", "delivery", "retrieval", "reading",
    )  # fmt: skip
    assert found["who-asks-mx"] == ("mail-alpha",)
    assert found["port-between-servers"] == ("25",)
    assert found["boris-was-off"] == ("yes",)
    assert found["roles"] == ("MUA=pc-anna", "MTA=mail-alpha", "filter=mx-beta", "MDA=mx-beta", "access=mx-beta")
    assert found["connections"] == ("3",)


def test_the_moment_of_the_promise_is_between_the_queue_and_the_delivery() -> None:
    (moment,) = keys()["now-it-is-mine"]
    worlds = Worlds(FOLDER)
    before = worlds.ask("first-letter", "queue.enter at=mx-beta | first n").one
    after = worlds.ask("first-letter", "deliver | first n").one
    assert int(before) < int(moment) < int(after)


def test_another_host_makes_the_item_be_refused_with_the_new_name(tmp_path: Path) -> None:
    found = prove(copied(tmp_path, "mail-alpha", "post-alpha")).diagnostics
    assert any(one.rule == "MF113" and "post-alpha" in one.message for one in found)


def test_one_more_connection_changes_the_count(tmp_path: Path) -> None:
    fetch = "  - at: 1m\n    who: boris@beta.example\n    do: fetch\n"
    made = copied(tmp_path, fetch, fetch + fetch.replace("1m", "1m10s"))
    assert keys(made)["connections"] == ("4",)


def test_without_a_filter_the_order_is_refused(tmp_path: Path) -> None:
    found = prove(copied(tmp_path, "    filters: [spam]\n", "")).diagnostics
    assert any(one.rule == "MF113" and "filtering" not in one.message.partition("rows")[0] for one in found)


@pytest.mark.parametrize(
    ("item", "answer", "myth"),
    [
        ("who-asks-mx", "pc-anna", "client-looks-up-mx"),
        ("connections", "1", "computer-to-computer"),
        ("connections", "2", "one-server-does-all"),
        ("boris-was-off", "no", "receiver-must-be-online"),
    ],
)
def test_the_four_misconceptions_are_named(item: str, answer: str, myth: str) -> None:
    quiz = lesson().quiz
    assert quiz is not None
    session = QuizSession(quiz, Worlds(FOLDER), seed=1)
    feedback = session.answer(item, answer, "certain")
    assert not feedback.right
    assert feedback.myth is not None
    assert feedback.myth.id == myth


# the lab


def test_the_wrong_door_takes_its_own_refuses_a_third_domain_and_nothing_is_sent() -> None:
    result = cured()
    assert (result.points, result.of, result.solved, result.traps) == (1, 4, False, ())
    assert count(result, "smtp.reply to=pc-anna verb=RCPT address=boris@beta.example code=250") == 1
    assert count(result, "smtp.reply to=pc-anna verb=RCPT address=vera@gamma.example enhanced=5.7.1") == 1
    assert count(result, "smtp.command from=pc-anna verb=DATA") == 0
    assert count(result, "deliver") == 0


def test_the_program_at_the_wrong_door_neither_encrypts_nor_logs_in_and_keeps_the_letter() -> None:
    result = cured()
    said = parse("smtp.command from=pc-anna | list verb").ask(result.run.records).value
    assert said == ("EHLO", "MAIL", "RCPT", "RCPT", "QUIT")
    assert count(result, "device.append at=pc-anna name=Outbox") == 1
    assert count(result, 'mua.notice at=pc-anna text~"554 5.7.1"') == 1


def test_a_goal_that_is_not_reached_says_who_said_no() -> None:
    for state in cured().goals[:2]:
        assert state.no is not None
        assert "Relay access denied" in state.no.text


def test_the_right_door_solves_it_for_both_and_the_stranger_stays_out() -> None:
    result = cured(("hosts.pc-anna.sends-via", SUBMISSION))
    assert result.solved
    assert count(result, "deliver letter=1") == 2
    assert count(result, "smtp.reply to=pc-stranger verb=RCPT code=554") == 1


def test_an_open_relay_brings_both_letters_and_the_strangers_too_and_is_a_trap() -> None:
    result = cured(("hosts.mx-beta.policy.relay", "open"))
    assert [trap.id for trap in result.traps] == ["open-relay"]
    assert not result.solved
    assert count(result, "deliver mailbox=vera@gamma.example") == 2


def test_an_open_relay_behind_the_right_door_is_a_trap_all_the_same() -> None:
    result = cured(("hosts.pc-anna.sends-via", SUBMISSION), ("hosts.mx-beta.policy.relay", "open"))
    assert [trap.id for trap in result.traps] == ["open-relay"]
    assert not result.solved


@pytest.mark.parametrize(
    ("setting", "trap"),
    [
        ("smtp://mail.alpha.example:25", "right-house-wrong-door"),
        ("submission+starttls://mx.beta.example:587", "login-at-the-neighbours"),
    ],
)
def test_the_other_wrong_cures_are_answered_in_words(setting: str, trap: str) -> None:
    result = cured(("hosts.pc-anna.sends-via", setting))
    assert [one.id for one in result.traps] == [trap]
    assert count(result, "deliver") == 0


def test_a_program_is_not_set_up_for_the_servers_door_by_itself(tmp_path: Path) -> None:
    world = tmp_path / "only-25.yaml"
    world.write_text(
        "id: only-25\ntitle: Only port 25\npeople:\n  anna@alpha.example: {}\n"
        "hosts:\n  mail-alpha: {kind: mail-server, domains: [alpha.example], services: [smtp, imaps]}\n"
        "timeline:\n  - {at: 0s, who: anna@alpha.example, do: fetch}\n",
        encoding="utf-8",
    )
    scenario = load(world)
    assert scenario.host("pc-anna").sends_via is None
    assert run(scenario).records


# words of the pages


def test_what_the_pages_say_of_the_run_is_so() -> None:
    worlds = Worlds(FOLDER)

    def one(query: str) -> str:
        return worlds.ask("first-letter", query).text

    assert int(one("deliver | first t")) < 2_000_000  # "one second later"
    assert one("tcp.connect from=pc-anna to=pc-boris | count") == "0"
    assert re.fullmatch(
        r"EHLO, STARTTLS, EHLO, AUTH, MAIL, RCPT, DATA, QUIT", one("smtp.command from=pc-anna | list verb")
    )
    assert "AUTH" not in one("smtp.command from=mail-alpha | list verb")
    assert one("tcp.connect local=yes | list port") == "783, 24"
    assert "/new/" in one("deliver | first path")
    assert one("dns.query from=pc-anna qtype=MX | count") == "0"
