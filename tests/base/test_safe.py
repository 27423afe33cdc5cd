"""The safety boundary: nothing that a terminal or a markup reader obeys gets through, and nothing is lost from sight."""

from __future__ import annotations

import unicodedata

import pytest
from hypothesis import example, given
from hypothesis import strategies as st
from rich.markup import render
from textual.content import Content

from simulator.safe import safe_markup, safe_octets, safe_text

HOSTILE = {
    "\x1b]52;c;cm0gLXJmIH4=\x07": "\\x1b]52;c;cm0gLXJmIH4=\\x07",
    "\x9b31mred": "\\x9b31mred",
    "a\x00b\x7f": "a\\x00b\\x7f",
    "line\r\nbreak\ttab": "line\\x0d\\x0abreak\\x09tab",
    "invoice\u202efdp.exe": "invoice\\u202efdp.exe",
    "\u2066x\u2069": "\\u2066x\\u2069",
    "zero\u200bwidth\ufeff": "zero\\u200bwidth\\ufeff",
    "\u2028\u2029\u0085": "\\u2028\\u2029\\x85",
    "half \ud800 pair": "half \\ud800 pair",
    "tag \U000e0041": "tag \\U000e0041",
    "soft\xadhyphen": "soft\\xadhyphen",
}
ANY_TEXT = st.text(st.characters(), max_size=40)  # surrogates too
MARKUP_TEXT = st.text(st.sampled_from("[]\\/abz#@$ 1=.\x1b'\"\n(){}!^"), max_size=20)


@pytest.mark.parametrize("text", HOSTILE)
def test_a_control_is_spelt_out(text: str) -> None:
    assert safe_text(text) == HOSTILE[text]


@pytest.mark.parametrize("text", ["", "plain", "Обед сегодня?", "日本語 🙂 é", "[/red] \\ stays"])
def test_clean_text_comes_back_as_the_same_object(text: str) -> None:
    assert safe_text(text) is text
    assert safe_text(text, newline=True) is text


@given(ANY_TEXT)
def test_nothing_unprintable_is_left(text: str) -> None:
    for shown, allowed in ((safe_text(text), ""), (safe_text(text, newline=True), "\n")):
        bad = [c for c in shown if unicodedata.category(c) in ("Cc", "Cs", "Zl", "Zp") and c not in allowed]
        assert bad == []
        assert not set(shown) & set(
            "\u061c\u200e\u200f\u202a\u202b\u202c\u202d\u202e\u2066\u2067\u2068\u2069\u200b\ufeff"
        )
        shown.encode("utf-8")


@given(ANY_TEXT)
def test_making_safe_twice_changes_nothing_more(text: str) -> None:
    once = safe_text(text)
    assert safe_text(once) is once


def test_lines_can_be_kept() -> None:
    assert safe_text("a\r\nb\nc\rd\te", newline=True) == "a\nb\nc\\x0dd       e"
    assert safe_text("Received: x\r\n\tby y", newline=True) == "Received: x\n        by y"


@pytest.mark.parametrize(
    ("octets", "text"),
    [
        (b"250 2.1.0 Ok", "250 2.1.0 Ok"),
        ("Обед".encode(), "Обед"),
        (b"\xff\xfe\r\n", "\\xff\\xfe\\x0d\\x0a"),
        (b"\xc2\x9b31m", "\\xc2\\x9b31m"),
        ("\u202e".encode(), "\\xe2\\x80\\xae"),
        (b"\xed\xa0\x80", "\\xed\\xa0\\x80"),
    ],
)
def test_octets_are_spelt_octet_by_octet(octets: bytes, text: str) -> None:
    assert safe_octets(octets) == text


@given(st.binary(max_size=60))
def test_octets_are_always_safe(octets: bytes) -> None:
    shown = safe_octets(octets)
    assert safe_text(shown) is shown


def as_shown(text: str) -> str:
    """What safe_markup promises to show: safe text, loose backslashes spelt out."""
    text = safe_text(text)
    shown = "".join("\\x5c" if c == "\\" and text[i + 1 : i + 2] in ("", "[") else c for i, c in enumerate(text))
    return shown


@given(MARKUP_TEXT)
@example("[/red]")
@example("\\[red]")
@example("[bold]\\")
@example("[@click=app.quit]x[/]")
@example("[a\n]")
def test_markup_is_shown_and_not_obeyed(text: str) -> None:
    marked = f"[bold]{safe_markup(text)}[/bold]!"
    assert render(marked, emoji=False).plain == as_shown(text) + "!"
    assert Content.from_markup(marked).plain == as_shown(text) + "!"


def test_text_without_brackets_needs_no_escape() -> None:
    text = "Обед?"
    assert safe_markup(text) is text
