"""Issue 3, section 4: lessons 01 and 02 as they are shipped.

Judged by reading: that they are written as a good teacher writes, in both languages.
"""

from __future__ import annotations

import re

import pytest

from tests.acceptance.outside import ROOT, answer, count, in_checkout, mailflow

FIRST = "lessons/01-path-of-one-letter"
SECOND = "lessons/02-envelope-and-letter"
LESSONS = (FIRST, SECOND)


def items(lesson: str) -> list[str]:
    """The items of a lesson's quiz, each as its text."""
    return re.split(r"(?m)^  - id: ", in_checkout(f"{lesson}/quiz.yaml"))[1:]


def types(lesson: str) -> list[str]:
    """The types of the items, in order."""
    return re.findall(r"(?m)^    type: (\w+)", in_checkout(f"{lesson}/quiz.yaml"))


@pytest.mark.parametrize("lesson", LESSONS)
def test_a_lesson_has_all_its_files_in_two_languages(lesson: str) -> None:
    for name in ("lesson.yaml", "lesson.ru.yaml", "lesson.en.md", "lesson.ru.md", "quiz.yaml", "quiz.ru.yaml"):
        assert (ROOT / lesson / name).is_file(), name


@pytest.mark.parametrize("lesson", LESSONS)
@pytest.mark.parametrize("language", ["en", "ru"])
def test_the_pages_have_live_excerpts_and_fit(lesson: str, language: str) -> None:
    text = in_checkout(f"{lesson}/lesson.{language}.md")
    for fence in ("trace", "step", "predict", "words"):
        assert f"```{fence}" in text, fence
    pages = re.split(r"(?m)^---$", text)
    assert len(pages) >= 5
    assert not [line for line in text.splitlines() if len(line) > 76]


def test_both_languages_have_the_same_pages() -> None:
    for lesson in (FIRST, SECOND):
        english, russian = (in_checkout(f"{lesson}/lesson.{code}.md") for code in ("en", "ru"))
        assert len(re.findall("(?m)^---$", english)) == len(re.findall("(?m)^---$", russian))
        assert re.findall("(?m)^```\\w+", english) == re.findall("(?m)^```\\w+", russian)


def test_lesson_01_asks_its_seven_items() -> None:
    assert sorted(types(FIRST)) == sorted(["order", "choice", "predict", "locate", "choice", "match", "number"])


def test_every_key_of_lesson_01_comes_from_the_run() -> None:
    for item in items(FIRST):
        assert "answer-from:" in item, item
        assert not re.search(r"(?m)^    answer:", item), item


def test_lesson_01_names_its_misconceptions() -> None:
    text = in_checkout(f"{FIRST}/quiz.yaml")
    for myth in ("client-looks-up-mx", "computer-to-computer", "one-server-does-all", "receiver-must-be-online"):
        assert f"myth: {myth}" in text, myth


def test_lesson_02_asks_for_envelope_and_letter() -> None:
    assert {"locate", "number", "choice", "fill", "match"} <= set(types(SECOND))


def test_the_wrong_door_refuses_the_stranger_and_takes_its_own() -> None:
    lab = f"{FIRST}/wrong-door.yaml"
    assert answer(lab, "smtp.reply verb=RCPT address=vera@gamma.example | first code") == 554
    assert answer(lab, "smtp.reply verb=RCPT address=vera@gamma.example | first enhanced") == "5.7.1"
    assert answer(lab, "smtp.reply verb=RCPT address=boris@beta.example | first code") == 250
    assert count(lab, "deliver mailbox=vera@gamma.example") == 0


def test_a_server_with_relay_open_relays_for_strangers() -> None:
    lab = (ROOT / FIRST / "wrong-door.yaml").read_text(encoding="utf-8")
    assert "open-relay" in lab
    assert mailflow("test", FIRST).code == 0


@pytest.mark.parametrize("lesson", LESSONS)
@pytest.mark.parametrize("language", ["en", "ru"])
def test_a_lesson_ends_with_what_the_lecture_leaves_out_and_three_references(lesson: str, language: str) -> None:
    pages = re.split(r"(?m)^---$", in_checkout(f"{lesson}/lesson.{language}.md"))
    assert re.search("lecture|лекци", pages[-2] + pages[-1])
    assert len(re.findall(r"(?m)^[*-] ", pages[-1])) >= 3
    assert "RFC" in pages[-1]
