"""The text of a message for SEARCH: header fields and text parts, decoded and casefolded.

A search for Cyrillic words must find them in base64, so transfer encodings, charsets and encoded words are undone
here, with nothing of a message but the sections that FETCH shows. RFC 9051, 6.4.4; RFC 2045, 6; RFC 2047.
"""

from __future__ import annotations

import binascii
import codecs
import re
from collections.abc import Iterator
from datetime import date
from typing import Final

from simulator.limits import MIME_NESTING, MIME_PARTS
from simulator.protocol.imap.view import Message
from simulator.protocol.imap.writing import MONTHS

_FOLD: Final = re.compile(rb"\r\n(?=[ \t])")
_NAME: Final = re.compile(rb"(?m)^[!-9;-~]+[ \t]*:[ \t]*")
_WORD: Final = re.compile(r"=\?([!-)+-~]{1,40}?)(?:\*[^?]*)?\?([bBqQ])\?([^? ]*)\?=")
_BETWEEN_WORDS: Final = re.compile(r"(\?=)\s+(?==\?)")
_TYPE: Final = re.compile(rb"(?mi)^Content-Type[ \t]*:[ \t]*([^\s;/]+)/([^\s;]+)")
_CHARSET: Final = re.compile(rb'(?i)charset[ \t]*=[ \t]*"?([^\s";]+)')
_ENCODING: Final = re.compile(rb"(?mi)^Content-Transfer-Encoding[ \t]*:[ \t]*([^\s;]+)")
_DATE: Final = re.compile(rb"(\d{1,2})[ \t]+([A-Za-z]{3})[A-Za-z]*[ \t]+(\d{4})")
_BASE64_NOISE: Final = re.compile(rb"[^A-Za-z0-9+/]")
_MONTHS: Final = {month.upper().encode("ascii"): number for number, month in enumerate(MONTHS, 1)}


def field_text(message: Message, field: str | None) -> str | None:
    """Give the values of one header field (None: the whole header), or None if the message has no such field."""
    part, fields = ("HEADER", ()) if field is None else ("HEADER.FIELDS", (field,))
    octets = message.section((), part, fields)
    unfolded = _FOLD.sub(b"", octets or b"")
    if field is not None:
        if not unfolded.strip():
            return None
        unfolded = _NAME.sub(b"", unfolded)
    return _encoded_words(_text(unfolded, "utf-8")).casefold()


def sent_day(message: Message) -> date | None:
    """Give the day in the Date field, its time and zone disregarded (RFC 9051, 6.4.4); None if unreadable."""
    found = _DATE.search(message.envelope().date or b"")
    if found is None:
        return None
    try:
        return date(int(found[3]), _MONTHS.get(found[2].upper(), 0), int(found[1]))
    except ValueError:
        return None


def body_text(message: Message) -> str:
    """Give every text part of the body, decoded, a line between two."""
    header = _FOLD.sub(b"", message.section((), "HEADER", ()) or b"")
    if _is_container(header):
        return "\n".join(_parts(message))
    return _decoded(header, message.section((), "TEXT", ()) or b"").casefold()


def _parts(message: Message) -> Iterator[str]:
    """Walk part numbers depth first, as far as the limits for letters go."""
    waiting: list[tuple[int, ...]] = [(1,)]
    for _ in range(MIME_PARTS):
        if not waiting:
            return
        numbers = waiting.pop()
        header = message.section(numbers, "MIME", ())
        if header is None:
            continue
        waiting.append((*numbers[:-1], numbers[-1] + 1))
        header = _FOLD.sub(b"", header)
        if not _is_container(header):
            yield _decoded(header, message.section(numbers, None, ()) or b"").casefold()
        elif len(numbers) < MIME_NESTING:
            waiting.append((*numbers, 1))


def _is_container(header: bytes) -> bool:
    found = _TYPE.search(header)
    if found is None:
        return False
    kind = found[1].lower()
    return kind == b"multipart" or (kind == b"message" and found[2].lower() == b"rfc822")


def _decoded(header: bytes, octets: bytes) -> str:
    kind = _TYPE.search(header)
    if kind is not None and kind[1].lower() not in (b"text", b"message"):
        return ""
    encoding = _ENCODING.search(header)
    charset = _CHARSET.search(header)
    plain = _undo(octets, encoding[1].lower() if encoding else b"7bit")
    return _text(plain, charset[1].decode("latin-1") if charset else "utf-8")


def _undo(octets: bytes, encoding: bytes) -> bytes:
    if encoding == b"base64":
        return _from_base64(octets)
    if encoding == b"quoted-printable":
        return binascii.a2b_qp(octets)
    return octets


def _from_base64(octets: bytes) -> bytes:
    clean = _BASE64_NOISE.sub(b"", octets)
    clean = clean[:-1] if len(clean) % 4 == 1 else clean
    return binascii.a2b_base64(clean + b"=" * (-len(clean) % 4))


def _text(octets: bytes, charset: str) -> str:
    try:
        name = codecs.lookup(charset)
        return octets.decode(name.name, "replace")
    except (LookupError, ValueError):
        return octets.decode("latin-1")


def _encoded_words(text: str) -> str:
    if "=?" not in text:
        return text
    return _WORD.sub(_encoded_word, _BETWEEN_WORDS.sub(r"\1", text))


def _encoded_word(word: re.Match[str]) -> str:
    octets = word[3].encode("utf-8")
    if word[2] in "bB":
        return _text(_from_base64(octets), word[1])
    return _text(binascii.a2b_qp(octets, header=True), word[1])
