"""Choosing and switching the language; Russian plurals."""

from __future__ import annotations

import subprocess
import sys

import pytest

from simulator import text
from simulator.errors import UsageError
from simulator.text import translation as module
from simulator.text.catalogue import compile_entries, entries
from simulator.text.translation import _LOCALE, Translator, choose_language


@pytest.fixture(autouse=True)
def _english_again():
    yield
    text.set_language("en")


@pytest.fixture
def letters(monkeypatch: pytest.MonkeyPatch) -> Translator:
    """A Russian translator whose catalogue has a few messages of its own and the real plural rule."""
    header = (_LOCALE / "ru.po").read_text(encoding="utf-8").split("\n\n")[0]
    source = header + (
        '\n\nmsgid "{n} letter"\nmsgid_plural "{n} letters"\nmsgstr[0] "{n} письмо"\nmsgstr[1] "{n} письма"\n'
        'msgstr[2] "{n} писем"\n\nmsgid "Queue"\nmsgstr "Очередь"\n'
    )
    monkeypatch.setattr(module, "_translations", lambda language: compile_entries(entries(source, "ru.po")))
    return Translator("ru")


@pytest.mark.parametrize(
    ("n", "word"),
    [
        *[(n, "письмо") for n in (1, 21, 101, 1001)],
        *[(n, "письма") for n in (2, 3, 4, 22, 104)],
        *[(n, "писем") for n in (0, 5, 11, 12, 14, 20, 25, 100, 111, 112, 1011)],
    ],
)
def test_russian_plurals_follow_cldr(letters: Translator, n: int, word: str) -> None:
    assert letters.ngettext("{n} letter", "{n} letters", n).format(n=n) == f"{n} {word}"


def test_what_has_no_translation_is_shown_in_english(letters: Translator) -> None:
    assert letters._("Queue") == "Очередь"
    assert letters._("not in any catalogue") == "not in any catalogue"
    assert letters.ngettext("{n} x", "{n} xs", 2) == "{n} xs"


def test_an_empty_text_is_empty_and_not_the_catalogues_header() -> None:
    assert text.translator("ru")._("") == ""


def test_english_plurals() -> None:
    english = text.translator("en")
    assert [english.ngettext("letter", "letters", n) for n in (0, 1, 2)] == ["letters", "letter", "letters"]


def test_the_shared_language_is_switched_in_place(letters: Translator) -> None:
    say = text._
    assert text.language() == "en" and say("Queue") == "Queue"
    text.set_language("ru")
    assert text.language() == "ru" and say("Queue") == "Очередь"


def test_a_marked_text_is_translated_where_it_is_shown(letters: Translator) -> None:
    label = text.N_("Queue")
    assert label == "Queue" and letters._(label) == "Очередь"


@pytest.mark.parametrize(
    ("option", "environment", "language"),
    [
        ("ru", {"MAILFLOW_LANG": "en"}, "ru"),
        ("ru_RU.UTF-8", {}, "ru"),
        ("RU", {}, "ru"),
        (None, {"MAILFLOW_LANG": "ru", "LC_ALL": "en_GB.UTF-8"}, "ru"),
        (None, {"MAILFLOW_LANG": "", "LC_ALL": "ru_RU.UTF-8"}, "ru"),
        (None, {"LC_ALL": "C", "LANG": "ru_RU.UTF-8"}, "en"),
        (None, {"LC_ALL": "", "LC_MESSAGES": "ru_RU", "LANG": "en_US"}, "ru"),
        (None, {"LANG": "ru_RU.KOI8-R"}, "ru"),
        (None, {"LANG": "de_DE.UTF-8"}, "en"),
        (None, {"LANG": "russian"}, "en"),
        (None, {}, "en"),
    ],
)
def test_the_language_is_chosen_in_this_order(option: str | None, environment: dict[str, str], language: str) -> None:
    assert choose_language(option, environment) == language


@pytest.mark.parametrize(
    ("option", "environment", "where"), [("fr", {}, "--lang"), (None, {"MAILFLOW_LANG": "fr"}, "MAILFLOW_LANG")]
)
def test_a_language_asked_for_by_name_must_exist(option: str | None, environment: dict[str, str], where: str) -> None:
    with pytest.raises(UsageError, match=f"{where} is 'fr'.*en .English., ru .Русский."):
        choose_language(option, environment)


def test_english_reads_no_catalogue() -> None:
    program = "import sys, simulator.text as t; t._('x'); print('simulator.text.catalogue' in sys.modules)"
    run = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, check=True)
    assert run.stdout.strip() == "False"
