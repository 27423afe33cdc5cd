"""Rewrites a letter so that a next hop without 8BITMIME can take it: parts in 8bit become quoted-printable or base64.

The only change that a relay may make to a body, and one that breaks signatures; so what is signed is left alone, and
what has no 7-bit form (a header in UTF-8) is not invented. RFC 6152, 3; RFC 2045, 6; RFC 1428 (unknown-8bit).
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Final

from simulator.message.header import read_fields
from simulator.message.section import Entity
from simulator.message.structure import parse_structure
from simulator.message.transfer import choose_encoding, encode

_IDENTITY: Final = frozenset({b"", b"7bit", b"8bit", b"binary"})
_SIGNED: Final = frozenset({b"multipart/signed", b"multipart/encrypted"})
_FIELD: Final = "content-transfer-encoding"
_UNKNOWN: Final = b"Content-Type: text/plain; charset=unknown-8bit\r\n"

Edit = tuple[int, int, bytes]
"""Octets from, to, and what stands there instead."""


def to_seven_bit(letter: bytes) -> bytes | None:
    """Give the letter in ASCII with the same content; itself if it is ASCII already, None if there is no way."""
    if letter.isascii():
        return letter
    parts: list[bytes] = []
    position = 0
    root = parse_structure(letter).root
    for entity in _entities(root):
        if entity.media_type in _SIGNED and not letter[entity.body_start : entity.end].isascii():
            return None
        for start, end, octets in _edits(letter, entity, top=entity is root):
            parts += [letter[position:start], octets]
            position = end
    converted = b"".join([*parts, letter[position:]])
    return converted if converted.isascii() else None


def _entities(root: Entity) -> Iterator[Entity]:
    """Every entity in the order of its octets."""
    waiting = [root]
    while waiting:
        entity = waiting.pop()
        yield entity
        inside = (entity.embedded,) if entity.embedded is not None else entity.children
        waiting += reversed(inside)


def _edits(letter: bytes, entity: Entity, *, top: bool) -> Iterator[Edit]:
    body = letter[entity.body_start : entity.end]
    leaf = not entity.children and entity.embedded is None
    if body.isascii() or entity.encoding not in _IDENTITY:
        return
    name = choose_encoding(body) if leaf else "7bit"
    if leaf or entity.encoding in (b"8bit", b"binary"):
        yield entity.start, entity.body_start, _labelled(letter[entity.start : entity.body_start], name, top=top)
    if leaf:
        encoded = encode(body, name)
        last = name == "base64" and entity.end == len(letter)  # elsewhere the line before a boundary has its end
        yield entity.body_start, entity.end, encoded + b"\r\n" if last else encoded


def _labelled(header: bytes, encoding: str, *, top: bool) -> bytes:
    """Put the encoding into a header block, with what makes it MIME where it was none."""
    fields = read_fields(header)
    names = {field.key for field in fields}
    kept = [field.raw_octets for field in fields if field.key != _FIELD]
    if top and "mime-version" not in names:
        kept.append(b"MIME-Version: 1.0\r\n")
    if "content-type" not in names:
        kept.append(_UNKNOWN)
    return b"".join([*kept, f"Content-Transfer-Encoding: {encoding}\r\n\r\n".encode("ascii")])
