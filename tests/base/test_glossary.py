"""The glossary: fixed terms fixed, both languages whole, every source named, found by any of its names."""

from __future__ import annotations

import re
import string

import pytest

from simulator.errors import MailflowError
from simulator.text.glossary import Term, find, in_order, terms

FIXED = {
    "envelope": "конверт",
    "bounce": "отчёт о недоставке",
    "relay": "пересылка",
    "queue": "очередь",
    "alignment": "согласованность доменов",
    "softfail": "мягкий отказ",
    "greylisting": "серые списки",
    "hop": "переход",
    "spoofing": "подделка адреса",
    "mailbox": "почтовый ящик",
    "forwarding": "переадресация",
}
ROWS = 4  # lines of a help box at 76 columns


@pytest.mark.parametrize("word", FIXED)
def test_the_fixed_terms_have_their_russian_names(word: str) -> None:
    assert find(word).name("ru") == FIXED[word]
    assert find(FIXED[word]).key == word


@pytest.mark.parametrize("term", terms(), ids=lambda term: term.key)
def test_a_term_is_whole_in_both_languages(term: Term) -> None:
    assert set(term.names) == set(term.meanings) == {"en", "ru"}
    assert re.fullmatch(r"RFC \d{4}(, (appendix )?[\dA-Z.]+)?|Postfix, \w+\(8\)|SpamAssassin", term.source)
    for language in ("en", "ru"):
        meaning = term.meaning(language)
        assert meaning.endswith(".") and meaning[0] not in string.ascii_lowercase
        assert len(meaning) <= ROWS * 76 and "\n" not in meaning
    assert re.search("[а-яё]", term.meaning("ru")) and not re.search("[а-яё]", term.meaning("en"))


def test_names_are_unique_in_each_language() -> None:
    for language in ("en", "ru"):
        names = [term.name(language).casefold() for term in terms()]
        assert len(set(names)) == len(names)


@pytest.mark.parametrize("word", ["Отчет о недоставке", " ENVELOPE ", "отчёт о Недоставке"])
def test_case_and_yo_do_not_matter(word: str) -> None:
    assert find(word).key in ("bounce", "envelope")


def test_an_unknown_word_gets_the_nearest_ones() -> None:
    with pytest.raises(MailflowError, match=r"no term 'envelop'; did you mean envelope\?"):
        find("envelop")
    with pytest.raises(MailflowError, match="F4 shows all terms"):
        find("xyzzy")


def test_each_language_has_its_own_order() -> None:
    russian = [term.name("ru").casefold().replace("ё", "е") for term in in_order("ru")]
    assert russian == sorted(russian) and len(russian) == len(terms())
    assert in_order("en")[0].key == "access server"


def test_an_unknown_language_falls_back_to_english() -> None:
    assert find("queue").name("de") == "queue" and find("queue").meaning("de") == find("queue").meaning("en")
