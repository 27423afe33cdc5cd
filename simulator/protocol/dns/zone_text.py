"""Cuts the text of a zone file into entries and words, each with its line and column.

Own scanner, because a student's mistake must be shown at the very word, and dnspython's tokenizer reports the line
it has read ahead to. Source: RFC 1035, 5.1 (master files), RFC 2308, 4 ($TTL).
"""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Final, Literal

from simulator.errors import MailflowError

if TYPE_CHECKING:
    from collections.abc import Iterator

Severity = Literal["error", "warning"]

_WORD: Final = re.compile(
    r'(?P<blank>[ \t\r\f\v]+)|(?P<comment>;.*)|(?P<mark>[()])|(?P<word>"(?:[^"\\]|\\.)*"|(?:[^\s;()"\\]|\\.)+)'
)


class ZoneSyntaxError(MailflowError):
    """One mistake in a zone; `line` and `column` count from 1 inside the zone's text, `column` may be None.

    `message` says what is wrong, `hint` what to write, `width` how many characters are wrong. With `severity`
    "warning" the zone works, but not as its author is likely to mean.
    """

    def __init__(
        self,
        message: str,
        *,
        line: int,
        column: int | None = None,
        hint: str = "",
        width: int = 1,
        severity: Severity = "error",
    ) -> None:
        super().__init__(message)
        self.line = line
        self.column = column
        self.message = message
        self.hint = hint
        self.width = width
        self.severity: Severity = severity

    def __str__(self) -> str:
        return f"line {self.line}: {self.message}" + (f"; {self.hint}" if self.hint else "")

    def __reduce__(self) -> tuple[object, ...]:
        return (_rebuilt, (self.message, self.line, self.column, self.hint, self.width, self.severity))


def _rebuilt(message: str, line: int, column: int | None, hint: str, width: int, severity: Severity) -> ZoneSyntaxError:
    return ZoneSyntaxError(message, line=line, column=column, hint=hint, width=width, severity=severity)


@dataclass(frozen=True, slots=True)
class Word:
    """One word as written, with quotes if it had any."""

    text: str
    line: int
    column: int

    def problem(self, message: str, hint: str = "", severity: Severity = "error") -> ZoneSyntaxError:
        """A mistake at this word."""
        return ZoneSyntaxError(
            message, line=self.line, column=self.column, hint=hint, width=len(self.text), severity=severity
        )


@dataclass(slots=True)
class Entry:
    """One directive or record: its words, and whether its line starts with a blank (the owner is the last one)."""

    line: int
    indented: bool
    words: list[Word] = field(default_factory=list)


def entries(text: str) -> Iterator[Entry]:
    """The entries of a zone's text in order; parentheses join lines. ZoneSyntaxError ends it where no one can go on."""
    entry: Entry | None = None
    opened: Word | None = None
    for number, line in enumerate(text.split("\n"), 1):
        if entry is None:
            entry = Entry(number, line[:1] in (" ", "\t"))
        for word in _words(line, number):
            opened = _joined(word, entry, opened)
        if opened is None:
            if entry.words:
                yield entry
            entry = None
    if opened is not None:
        raise opened.problem('"(" is never closed', 'write ")" after the last field of the record')


def _joined(word: Word, entry: Entry, opened: Word | None) -> Word | None:
    """Put a word into its entry; the answer is the parenthesis that is open after it."""
    if word.text == "(":
        if opened is not None:
            raise word.problem('"(" inside "("', "one pair of parentheses is enough for a record")
        return word
    if word.text == ")":
        if opened is None:
            raise word.problem('")" without "("', 'write "(" before the first field, or remove this one')
        return None
    entry.words.append(word)
    return opened


def _words(line: str, number: int) -> Iterator[Word]:
    at = 0
    while at < len(line):
        match = _WORD.match(line, at)
        if match is None:
            raise _unreadable(line, number, at)
        if match.lastgroup in ("word", "mark"):
            yield Word(match.group(), number, at + 1)
        at = match.end()


def _unreadable(line: str, number: int, at: int) -> ZoneSyntaxError:
    if line[at] == '"':
        return ZoneSyntaxError(
            "the quoted text is not closed on its line",
            line=number,
            column=at + 1,
            hint='write " at its end; a long text may be several quoted texts, one after another',
            width=len(line) - at,
        )
    return ZoneSyntaxError(
        "the line ends in a backslash", line=number, column=at + 1, hint="remove it, or write \\\\ for a backslash"
    )
