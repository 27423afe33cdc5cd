"""Encode and decode RFC 2047 words, the only way a header that is pure ASCII carries Cyrillic.

Why: encoded words have a length limit and must not be cut inside a character; readers meet every way of breaking both
rules. RFC 2047.
"""

import re
from base64 import b64encode
from collections.abc import Callable

from simulator.message.charsets import decode_octets
from simulator.message.transfer import decode_base64

_WORD_LIMIT = 75  # RFC 2047 2
_FOLD_COLUMN = 76  # RFC 2047 2: lines with encoded words
_PREFIX, _SUFFIX = "=?UTF-8?{}?", "?="
_FRAME = len("=?UTF-8?B??=")
_ENCODED_WORD = re.compile(r"=\?([^?\s]{1,80})\?([bBqQ])\?([^?\s]*)\?=")
_Q_HEX = re.compile(rb"=([0-9A-Fa-f]{2})")
_Q_PLAIN = frozenset(
    "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789!*+-/"
)  # RFC 2047 5 (3): safe in a phrase too


def encode_run(text: str, column: int) -> str:
    """Return text as one or more encoded words joined by single spaces; the first must fit a line that already holds
    `column` octets.

    UTF-8; base64 unless quoted-printable is shorter, so mostly non-ASCII text gets base64. A character is never cut
    (RFC 2047 5).
    """
    text = text.encode("utf-8", "replace").decode("utf-8")
    quoted = sum(map(_q_length, text))
    plain = 4 * ((len(text.encode("utf-8")) + 2) // 3)
    if quoted < plain:
        return " ".join(_pack(text, column, measure=_q_length, capacity=lambda room: room, write=_write_q))
    return " ".join(_pack(text, column, measure=_utf8_length, capacity=lambda room: room // 4 * 3, write=_write_b))


def _pack(
    text: str,
    column: int,
    *,
    measure: Callable[[str], int],
    capacity: Callable[[int], int],
    write: Callable[[str], str],
) -> list[str]:
    words: list[str] = []
    room = capacity(max(min(_WORD_LIMIT, _FOLD_COLUMN - column) - _FRAME, 12))
    start = used = 0
    for i, character in enumerate(text):
        length = measure(character)
        if used + length > room and i > start:
            words.append(write(text[start:i]))
            room = capacity(min(_WORD_LIMIT, _FOLD_COLUMN - 1) - _FRAME)
            start, used = i, 0
        used += length
    words.append(write(text[start:]))
    return words


def _utf8_length(character: str) -> int:
    return len(character.encode("utf-8"))


def _q_length(character: str) -> int:
    return 1 if character in _Q_PLAIN or character == " " else 3 * len(character.encode("utf-8"))


def _write_b(text: str) -> str:
    return f"{_PREFIX.format('B')}{b64encode(text.encode('utf-8')).decode('ascii')}{_SUFFIX}"


def _write_q(text: str) -> str:
    body = "".join(
        c if c in _Q_PLAIN else "_" if c == " " else "".join(f"={octet:02X}" for octet in c.encode("utf-8"))
        for c in text
    )
    return f"{_PREFIX.format('Q')}{body}{_SUFFIX}"


def decode_words(octets: bytes) -> str:
    """Return the text of an unfolded header value; raw 8-bit is read as UTF-8 or Latin-1; a broken word stays as it
    is.
    """
    text = decode_octets(octets, None)
    if "=?" not in text:
        return text
    return _replace_words(text)


def _replace_words(text: str) -> str:
    shown: list[str] = []
    pending = b""
    charset = ""
    position = 0
    for match in _ENCODED_WORD.finditer(text):
        piece = _word_octets(match[2], match[3])
        gap = text[position : match.start()]
        gap = "" if position and not gap.strip(" \t") else gap  # RFC 2047 6.2: not shown between two encoded words
        if gap or match[1].lower() != charset:
            shown += (decode_octets(pending, charset), gap)
            pending, charset = b"", match[1].lower()
        pending += piece  # neighbours of one charset are joined first: some writers cut inside a character
        position = match.end()
    shown += (decode_octets(pending, charset), text[position:])
    return "".join(shown)


def _word_octets(encoding: str, body: str) -> bytes:
    octets = body.encode("utf-8", "replace")
    if encoding in "bB":
        return decode_base64(octets)
    return _Q_HEX.sub(lambda m: bytes((int(m[1], 16),)), octets.replace(b"_", b" "))
