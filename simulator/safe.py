r"""The one boundary that makes text safe to show: controls, bidirectional overrides and markup.

Terminals obey ESC and C1 controls, bidirectional controls reorder what is read, and `[/red]` in a subject is
markup to Rich and Textual; letters and peers are hostile, so every widget, line of output, log, error message
and report passes its text through here. What is removed from effect stays visible: ESC is shown as \x1b.
Sources: ECMA-48 (C0, C1), Unicode 9.9 and UAX #9 (bidirectional controls).
"""

from __future__ import annotations

import re
from typing import Final

# Ranges as text, so that this file itself holds none of these characters.
_ALWAYS: Final = (
    r"\x00-\x08\x0b-\x1f\x7f-\x9f"  # C0, DEL, C1
    r"\xad\u061c\u180e"  # soft hyphen, Arabic letter mark, Mongolian vowel separator
    r"\u200b-\u200f\u2028-\u202e\u2060-\u206f"  # zero-width, line and paragraph separators, bidirectional controls
    r"\ufeff\ufff9-\ufffb"  # byte order mark, interlinear annotation
    r"\ud800-\udfff"  # lone surrogates, which no terminal encoding can carry
    r"\U000e0000-\U000e007f"  # tag characters
)
_UNSAFE: Final = re.compile(f"[{_ALWAYS}\\t\\n]")
_UNSAFE_BUT_LINES: Final = re.compile(f"[{_ALWAYS}]")
# Rich and Textual disagree about backslashes before a bracket or at the end, so those are spelt out too.
_LOOSE_BACKSLASH: Final = re.compile(r"\\(?=\[|\Z)")
_UNSAFE_OCTETS: Final = re.compile(rb"[^\x20-\x7e]")


def safe_text(text: str, *, newline: bool = False) -> str:
    r"""Text in which every control, bidirectional and invisible character is spelt out (`\x1b`, `\u202e`).

    With `newline` the text keeps its lines: LF stays, CRLF becomes LF, tabs become spaces to columns of 8.
    Clean text comes back as the same object.
    """
    if not newline:
        return _UNSAFE.sub(_spell, text) if _UNSAFE.search(text) else text
    if "\t" in text or "\r" in text:
        text = text.replace("\r\n", "\n").expandtabs(8)
    return _UNSAFE_BUT_LINES.sub(_spell, text) if _UNSAFE_BUT_LINES.search(text) else text


def safe_octets(octets: bytes) -> str:
    r"""Octets as text: printable ASCII and good UTF-8 as it reads, every other octet as `\x9b`.

    Nothing is lost in the controls: what is spelt out is spelt octet by octet, so U+009B reads `\xc2\x9b`.
    """
    if not _UNSAFE_OCTETS.search(octets):
        return octets.decode("ascii")
    return _UNSAFE.sub(_spell_octets, octets.decode("utf-8", "surrogateescape"))


def safe_markup(text: str, *, newline: bool = False) -> str:
    r"""Text safe inside Rich or Textual markup: `safe_text`, with every bracket escaped.

    A backslash before a bracket or at the end shows as `\x5c`, since the two read it differently there.
    """
    text = safe_text(text, newline=newline)
    if "[" not in text and not text.endswith("\\"):
        return text
    return _LOOSE_BACKSLASH.sub(r"\\x5c", text).replace("[", r"\[")


def _spell(match: re.Match[str]) -> str:
    code = ord(match.group())
    if code <= 0xFF:
        return f"\\x{code:02x}"
    return f"\\u{code:04x}" if code <= 0xFFFF else f"\\U{code:08x}"


def _spell_octets(match: re.Match[str]) -> str:
    return "".join(f"\\x{octet:02x}" for octet in match.group().encode("utf-8", "surrogateescape"))
