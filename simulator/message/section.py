"""Sections of a letter by number and name, as IMAP's BODY[...] serves them.

Why: the numbering has its own rules (a letter that is no multipart has a part 1; a letter inside a letter counts from
1 again), kept here in one place. RFC 9051 6.4.5.1.
"""

from __future__ import annotations

from dataclasses import dataclass, field

from simulator.message.header import read_fields

MESSAGE_TYPES = (b"message/rfc822", b"message/global")


@dataclass(slots=True)
class Entity:
    """A header and a body in the octets of a letter: [start, body_start) is the header with its blank line,
    [body_start, end) the body.

    `children` are the parts of a multipart, `embedded` the letter inside a message/rfc822; raw octets, types in lower
    case.
    """

    start: int
    body_start: int
    end: int
    media_type: bytes = b"text/plain"
    parameters: tuple[tuple[bytes, bytes], ...] = ()
    encoding: bytes = b""
    content_fields: dict[str, bytes] = field(default_factory=dict)
    children: tuple[Entity, ...] = ()
    embedded: Entity | None = None


def message_children(message: Entity) -> tuple[Entity, ...]:
    """Return parts 1, 2... of a letter: those of its multipart, or its body as part 1."""
    return message.children or (message,)


def children_of(part: Entity) -> tuple[Entity, ...]:
    """Return parts n.1, n.2... of part n: of a multipart, or of the letter that it holds."""
    if part.children:
        return part.children
    return message_children(part.embedded) if part.embedded is not None else ()


def find(root: Entity, numbers: tuple[int, ...]) -> Entity | None:
    """Return the part with a section number (not empty), or None."""
    children = message_children(root)
    part: Entity | None = None
    for number in numbers:
        if not 1 <= number <= len(children):
            return None
        part = children[number - 1]
        children = children_of(part)
    return part


def extract(
    octets: bytes, root: Entity, *, numbers: tuple[int, ...], part: str | None, names: tuple[str, ...]
) -> bytes | None:
    """Return the octets of a section, or None when the letter has no such section."""
    if numbers:
        found = find(root, numbers)
        if found is None:
            return None
        if part is None:
            return octets[found.body_start : found.end]
        if part == "MIME":
            return octets[found.start : found.body_start]
        message = found.embedded
    else:
        message = root
    return None if message is None else _of_message(octets, message, part, names)


def _of_message(octets: bytes, message: Entity, part: str | None, names: tuple[str, ...]) -> bytes | None:
    if part is None:
        return octets[message.start : message.end]
    if part == "TEXT":
        return octets[message.body_start : message.end]
    header = octets[message.start : message.body_start]
    if part == "HEADER":
        return header
    if part in ("HEADER.FIELDS", "HEADER.FIELDS.NOT"):
        return _some_fields(header, frozenset(map(str.lower, names)), listed=part == "HEADER.FIELDS")
    return None


def _some_fields(header: bytes, names: frozenset[str], *, listed: bool) -> bytes:
    chosen = [f.raw_octets for f in read_fields(header) if (f.key in names) is listed]
    return b"".join((*chosen, b"\r\n"))
