"""Write header fields with our own folder, and read header blocks without losing an octet.

Why: Python's `email` folds long Cyrillic fields differently from 3.13 on and raises on hostile letters; a trace must
be the same octets everywhere. RFC 5322 2.2 and 2.2.3 (fields, folding), RFC 2047 (encoded words).
"""

import re
from functools import lru_cache
from typing import NamedTuple

from simulator import limits
from simulator.errors import LimitExceeded, LocalProtocolError
from simulator.message.remembering import remembers_short
from simulator.message.words import decode_words, encode_run

FOLD_COLUMN = 78  # RFC 5322 2.1.1
MAX_LINE = 998  # RFC 5322 2.1.1
_LONGEST_WORD = 900  # a longer word without a space is encoded, since it could not be folded within MAX_LINE

_TOKEN = re.compile(r"[ \t]*[^ \t]+")
_FIELD_NAME = re.compile(r"[!-9;-~]{1,900}")
_NOT_PLAIN = re.compile(r"[^ -~]|=\?")
_NOT_ASCII_TEXT = re.compile(r"[^\t -~]")
_CONTROL = re.compile("[\x00-\x1f\x7f-\x9f\u2028\u2029\ud800-\udfff]")
_BLANK_LINE = re.compile(rb"\n\r?\n")
FIELD_VALUE = rb"([^\n]*+(?:\n[ \t][ \t\r]*+[^ \t\r\n][^\n]*+)*)"
"""What stands behind a field's colon, to the end: a line that begins with white space continues it, unless there is
nothing else in that line. A carriage return at the end is in it."""
_FIELD = re.compile(rb"^([!-9;-~]++)[ \t]*+:" + FIELD_VALUE + rb"\n?+", re.MULTILINE)
_CONTENT_FIELD = re.compile(rb"^(content-[!-9;-~]*+)[ \t]*+:" + FIELD_VALUE, re.MULTILINE | re.IGNORECASE)


class Field(NamedTuple):
    """One header field as found: name (str, case kept), raw value (after the colon, folds kept, no final line break),
    all its octets, and the name in lower case, by which fields are looked for.
    """

    name: str
    raw_value: bytes
    raw_octets: bytes
    key: str


def header_line(name: str, value: str) -> bytes:
    """Return one unstructured field (Subject, X-...) with its CRLF, folded at 78; what ASCII cannot carry becomes RFC
    2047 words.

    Raises LocalProtocolError for a field name that RFC 5322 forbids.
    """
    if value != value.strip(" \t") or len(value) > _LONGEST_WORD or _NOT_PLAIN.search(value):
        value = _encode_unstructured(value, len(name) + 2)
    return structured_line(name, value)


def structured_line(name: str, value: str) -> bytes:
    """Return one field whose value is ASCII already, folded before white space.

    Raises LocalProtocolError for a bad name, for octets outside printable ASCII and for a word that fits no line of
    998 octets.
    """
    if len(name) + 2 + len(value) <= FOLD_COLUMN:
        return _short_line(name, value)
    _check(name, value)
    return _fold(name, value).encode("ascii")


@lru_cache(maxsize=512)
def _short_line(name: str, value: str) -> bytes:
    """Write a field that needs no folding; most are alike in many letters."""
    _check(name, value)
    return f"{name}: {value}\r\n".encode("ascii") if value else f"{name}:\r\n".encode("ascii")


def _check(name: str, value: str) -> None:
    if not _FIELD_NAME.fullmatch(name):
        raise LocalProtocolError(f"{name[:40]!r} cannot name a header field: use printable ASCII without a colon")
    if _NOT_ASCII_TEXT.search(value):
        raise LocalProtocolError(
            f"the value of {name} holds octets that a header cannot carry: encode them (RFC 2047) first"
        )


def utf8_line(name: str, value: str) -> bytes:
    """Return one short field whose value may hold UTF-8 (RFC 6532), not folded; control characters become `?`."""
    return f"{name}: {printable(value)}\r\n".encode()


def printable(text: str) -> str:
    """Return text with every control character, line separator or lone surrogate as `?`, as Postfix does in the
    fields it adds.
    """
    return text if text.isprintable() else _CONTROL.sub("?", text)


def _fold(name: str, value: str) -> str:
    lines: list[str] = []
    first, *tokens = _TOKEN.findall(f" {value}")
    line = f"{name}:{first}"  # never a first line of the name alone
    for token in tokens:
        if len(line) + len(token) > FOLD_COLUMN:
            lines.append(line)
            line = token
        else:
            line += token
    lines.append(line)
    if max(map(len, lines)) > MAX_LINE:
        raise LocalProtocolError(f"the field {name} has a word longer than {MAX_LINE} octets: shorten it")
    return "\r\n".join(lines) + "\r\n"


def _encode_unstructured(value: str, column: int) -> str:
    """Encode the shortest run of words that needs it; white space between two encoded words is not shown (RFC 2047
    6.2).
    """
    tokens = _TOKEN.findall(value)
    bad = [i for i, token in enumerate(tokens) if _NOT_PLAIN.search(token) or len(token) > _LONGEST_WORD]
    if value != value.strip(" \t") or not tokens:
        return encode_run(value, column)
    if not bad:
        return value
    before, after = "".join(tokens[: bad[0]]), "".join(tokens[bad[-1] + 1 :])
    run = "".join(tokens[bad[0] : bad[-1] + 1])
    space = run[: len(run) - len(run.lstrip(" \t"))] if before else ""
    column = 1 if len(before) + column + 20 > FOLD_COLUMN else column + len(before) + len(space)
    return f"{before}{space}{encode_run(run[len(space) :], column)}{after}"


def split_message(octets: bytes) -> tuple[bytes, bytes]:
    """Return (header block with its blank line, body); joined they are the input. Bare LF is read like CRLF."""
    end = header_end(octets, 0, len(octets))
    return octets[:end], octets[end:]


def header_end(octets: bytes, start: int, end: int) -> int:
    """Return the offset behind the blank line that closes the header block at `start`, or `end` when there is none."""
    if octets.startswith((b"\r\n", b"\n"), start, end):
        return octets.index(b"\n", start) + 1
    match = _BLANK_LINE.search(octets, start, end)
    return match.end() if match else end


def fields(octets: bytes) -> list[Field]:
    """Return the fields of a letter or of its header block, in order; lines that are no field are left out.

    Raises LimitExceeded when the block is longer than limits allow (100 kB).
    """
    end = header_end(octets, 0, len(octets))
    if end > limits.HEADER_OCTETS:
        raise LimitExceeded(
            f"the header block has {end} octets, more than {limits.HEADER_OCTETS}: show the letter as octets"
        )
    return read_fields(octets[:end])


def read_fields(block: bytes) -> list[Field]:
    """Return the fields of a header block, tolerant: no limit is checked and nothing raised."""
    return list(_read_fields(block))


@lru_cache(maxsize=64)
def _read_fields(block: bytes) -> tuple[Field, ...]:
    """By octets: the programs on a letter's way read the same block several times in a row."""
    return tuple(map(_field, _FIELD.finditer(block)))


def _field(match: re.Match[bytes]) -> Field:
    name = match[1].decode("ascii")
    return Field(name, match[2].removesuffix(b"\r"), match[0], name.lower())


def raw_fields(block: bytes) -> list[tuple[bytes, bytes]]:
    """Return name and raw value of each field of a header block, as `read_fields` does but for all that is derived; a
    value may have a carriage return at its end.
    """
    return _FIELD.findall(block)


def first_values(block: bytes) -> dict[str, bytes]:
    """Return the raw value of the first field of each name in a header block, by the name in lower case."""
    found = reversed(_FIELD.findall(block))
    return {name.decode("ascii").lower(): value.removesuffix(b"\r") for name, value in found}


def content_values(block: bytes) -> dict[str, bytes]:
    """Return what `first_values` does for the fields that say what a part is: `content-type` and its like."""
    found = reversed(_CONTENT_FIELD.findall(block))
    return {name.decode("ascii").lower(): value.removesuffix(b"\r") for name, value in found}


def unfold(raw_value: bytes) -> bytes:
    """Return a raw value on one line: line breaks removed, the white space behind them kept, ends stripped. RFC 5322
    2.2.3.
    """
    if b"\n" in raw_value or b"\r" in raw_value:
        raw_value = raw_value.replace(b"\r", b"").replace(b"\n", b"")
    return raw_value.strip(b" \t")


@remembers_short(1024)
def decode_value(raw_value: bytes) -> str:
    """Return the text a person reads: unfolded, RFC 2047 decoded, tolerant. It may hold control characters: show it
    through `safe`.
    """
    return decode_words(unfold(raw_value))


def field_text(octets: bytes, name: str) -> str | None:
    """Return the decoded first field of that name in a letter, or None."""
    value = first_values(octets[: header_end(octets, 0, len(octets))]).get(name.lower())
    return None if value is None else decode_value(value)
