"""Issue 4, section 6: lessons 03, 04, 08 and 09 as they are shipped.

Judged by reading: that they are written as a good teacher writes, in both languages.
"""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from tests.acceptance.outside import ROOT, in_checkout, mailflow

LESSONS = ("03", "04", "08", "09")
SCENARIO = {"03": "telnet-hour", "04": "three-doors", "08": "one-box-two-devices", "09": "three-devices"}
MYTHS = {
    "03": ("helo-proves-identity", "one-recipient-per-letter", "data-starts-with-envelope", "250-means-read"),
    "04": ("starttls-is-encrypted-from-start", "base64-is-encryption", "tls-means-end-to-end", "port-25-for-users"),
    "08": ("pop3-always-deletes", "dele-is-immediate", "pop3-syncs-read-flags"),
    "09": ("imap-sends", "imap-keeps-copies-only", "deleted-means-gone", "seq-is-identity"),
}
TYPES = {
    "03": {"order", "type", "predict", "fill", "choice", "number", "match"},
    "04": {"match", "locate", "predict", "choice", "fill"},
    "08": {"predict", "locate", "choice", "type", "number"},
    "09": {"predict", "number", "choice", "locate", "match"},
}


def folder(number: str) -> Path:
    """The folder of a lesson."""
    found = sorted(ROOT.glob(f"lessons/{number}-*"))
    assert len(found) == 1, f"no lesson {number}"
    return found[0]


def quiz(number: str) -> str:
    """The text of a lesson's quiz."""
    return in_checkout(str((folder(number) / "quiz.yaml").relative_to(ROOT)))


@pytest.mark.parametrize("number", LESSONS)
def test_a_lesson_has_all_its_files_in_two_languages(number: str) -> None:
    for name in ("lesson.yaml", "lesson.ru.yaml", "lesson.en.md", "lesson.ru.md", "quiz.yaml", "quiz.ru.yaml"):
        assert (folder(number) / name).is_file(), name
    assert SCENARIO[number] in (folder(number) / "lesson.yaml").read_text(encoding="utf-8")


@pytest.mark.parametrize("number", LESSONS)
def test_a_lesson_passes_its_own_checks(number: str) -> None:
    for command in ("validate", "test"):
        run = mailflow(command, str(folder(number)), seconds=300)
        assert run.code == 0, run.text


@pytest.mark.parametrize("number", LESSONS)
def test_both_languages_have_the_same_pages_and_fit(number: str) -> None:
    english, russian = ((folder(number) / f"lesson.{code}.md").read_text(encoding="utf-8") for code in ("en", "ru"))
    assert len(re.findall("(?m)^---$", english)) == len(re.findall("(?m)^---$", russian)) >= 4
    assert re.findall("(?m)^```\\w+", english) == re.findall("(?m)^```\\w+", russian)
    assert not [line for text in (english, russian) for line in text.splitlines() if len(line) > 76]


@pytest.mark.parametrize("number", LESSONS)
def test_a_quiz_asks_what_the_plan_names(number: str) -> None:
    assert set(re.findall(r"(?m)^    type: (\w+)", quiz(number))) >= TYPES[number]


@pytest.mark.parametrize("number", LESSONS)
def test_a_lesson_names_its_misconceptions(number: str) -> None:
    texts = "".join(path.read_text(encoding="utf-8") for path in folder(number).glob("*.yaml"))
    for myth in MYTHS[number]:
        assert f"myth: {myth}" in texts, myth


def test_the_student_speaks_and_is_spoken_to() -> None:
    assert {"type", "serve"} <= set(re.findall(r"(?m)^    type: (\w+)", quiz("03")))


@pytest.mark.parametrize(
    "word", ["kind: tap", "what: starttls-strip", "what: connection-cut", "quota:", "observed-by="]
)
def test_a_shipped_world_uses_what_the_lessons_need(word: str) -> None:
    files = [*ROOT.glob("scenarios/*.yaml"), *ROOT.glob("lessons/*/*.yaml")]
    assert any(word in path.read_text(encoding="utf-8") for path in files)
