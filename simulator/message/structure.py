"""The MIME structure of a letter as offsets into its octets.

Why: IMAP serves sections octet by octet and people look inside hostile letters, so nothing here copies, raises or
recurses: missing boundaries, nesting of 2000 and NULs give a smaller tree, never an error. RFC 2045, RFC 2046 5.1 and
5.2.1, RFC 9051 6.4.5 (numbers).
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field

from simulator import limits
from simulator.message import bodystructure, transfer
from simulator.message.charsets import decode_octets
from simulator.message.envelope import Envelope, read_envelope
from simulator.message.header import content_values, header_end, read_fields, unfold
from simulator.message.params import Parameters, base_name, parse_parameters, text_parameter
from simulator.message.remembering import remembers_short
from simulator.message.section import MESSAGE_TYPES, Entity, children_of, extract, message_children

_CANDIDATES = 20_000  # lines that begin like a boundary, over the whole letter; more is an attack
_SEARCHES = (
    10  # times that the whole letter may be searched for boundaries; parts in parts search the same octets again
)
_SEARCHED_FREELY = 2_000_000  # octets; so a small letter may nest to the limit
_READ_ALREADY = ("content-type", "content-transfer-encoding")
_IDENTITY = (b"", b"7bit", b"8bit", b"binary")  # RFC 2046 5.2.1: other encodings hide the letter inside


@dataclass(frozen=True, slots=True, kw_only=True)
class Part:
    """One leaf of a letter for a list on the screen: IMAP section number, type in lower case, decoded file name,
    octets as they travel.
    """

    number: tuple[int, ...]
    media_type: str
    charset: str | None
    encoding: str
    filename: str | None
    size: int


@dataclass(slots=True)
class Structure:
    """A parsed letter; `octets` is the whole content, `root` its outermost entity."""

    octets: bytes
    root: Entity
    _envelope: Envelope | None = field(default=None, repr=False)

    def section(self, numbers: tuple[int, ...], part: str | None, fields: tuple[str, ...] = ()) -> bytes | None:
        """Return a section, or None when there is none such. RFC 9051 6.4.5.1.

        `part` is None, "HEADER", "TEXT", "MIME", "HEADER.FIELDS" or "HEADER.FIELDS.NOT"; `fields` are names for the
        last two, any case.
        """
        return extract(self.octets, self.root, numbers=numbers, part=part, names=fields)

    def envelope(self) -> Envelope:
        """Return the header as IMAP's ENVELOPE has it, raw octets. RFC 9051 7.5.2."""
        if self._envelope is None:
            header = _header(self.octets, self.root.start, self.root.body_start)
            self._envelope = read_envelope(read_fields(header))
        return self._envelope

    def body(self) -> bodystructure.Body:
        """Return IMAP's BODY as nested tuples of octets, numbers and None. RFC 9051 7.5.2."""
        return bodystructure.build(self.octets, self.root, extended=False)

    def body_structure(self) -> bodystructure.Body:
        """Return IMAP's BODYSTRUCTURE: BODY with the extension data."""
        return bodystructure.build(self.octets, self.root, extended=True)

    def parts(self) -> tuple[Part, ...]:
        """Return every leaf in order; a letter inside the letter comes as itself and then as its own leaves."""
        return tuple(_part(number, entity) for number, entity in self._leaves())

    def decoded_octets(self, part: Part) -> bytes:
        """Return the content of a part without its transfer encoding."""
        return transfer.decode(self.section(part.number, None) or b"", part.encoding)

    def decoded_text(self, part: Part, content: bytes | None = None) -> str:
        """Return a text part as a person reads it, LF line ends; it may hold control characters: show it through
        `safe`. `content` are its decoded octets, where they are at hand.
        """
        return _text(self.decoded_octets(part) if content is None else content, part.charset)

    def _leaves(self) -> Iterator[tuple[tuple[int, ...], Entity]]:
        stack = _numbered((), message_children(self.root))
        while stack:
            number, entity = stack.pop()
            if not entity.children:
                yield number, entity
            stack += _numbered(number, children_of(entity))


def _text(content: bytes, charset: str | None) -> str:
    return decode_octets(content, charset).replace("\r\n", "\n")


def _numbered(above: tuple[int, ...], entities: tuple[Entity, ...]) -> list[tuple[tuple[int, ...], Entity]]:
    """Return the parts with their numbers, the last first: a stack from which the first comes off first."""
    return [((*above, i), entities[i - 1]) for i in range(len(entities), 0, -1)]


def text_parts(
    octets: bytes, content_type: bytes | None, encoding: bytes, *, body_start: int, most: int
) -> list[tuple[str, str]]:
    """Return media type and text of the first `most` text parts of a letter, as `parts` and `decoded_text` do.

    `content_type` and `encoding` are the raw values in its header, which ends at `body_start`. Most letters have one
    part, and no tree is needed to find it.
    """
    media_type, parameters = _media_type(content_type) if content_type is not None else (b"text/plain", ())
    if media_type.startswith((b"multipart/", b"message/")):
        structure = parse_structure(octets)
        texts = [part for part in structure.parts() if part.media_type.startswith("text/")]
        return [(part.media_type, structure.decoded_text(part)) for part in texts[:most]]
    if not media_type.startswith(b"text/"):
        return []
    content = transfer.decode(octets[body_start:], unfold(encoding).decode("latin-1"))
    return [(media_type.decode("latin-1"), _text(content, text_parameter(parameters, "charset")))]


def parse_structure(octets: bytes) -> Structure:
    """Return the structure of a letter's content; linear in its size for letters that are not hostile, never raises.

    Parsing stops at limits.MIME_NESTING and limits.MIME_PARTS: deeper or later parts stay inside the part that holds
    them.
    """
    root = _entity(octets, 0, len(octets), default=b"text/plain")
    parser = _Parser(octets)
    work = [(root, 1)]
    while work:
        entity, depth = work.pop()
        if depth < limits.MIME_NESTING:
            work += [(child, depth + 1) for child in parser.open(entity)]
    return Structure(octets, root)


class _Parser:
    """Opens one entity at a time under the budgets of the whole letter."""

    def __init__(self, octets: bytes) -> None:
        self.octets = octets
        self.parts_left = limits.MIME_PARTS
        self.candidates_left = _CANDIDATES
        self.octets_left = _SEARCHES * len(octets) + _SEARCHED_FREELY

    def open(self, entity: Entity) -> list[Entity]:
        """Parse the entities directly inside; parts are counted here, in whatever order."""
        if self.parts_left <= 0:
            return []
        if entity.media_type in MESSAGE_TYPES and entity.encoding in _IDENTITY:
            entity.embedded = _entity(self.octets, entity.body_start, entity.end, default=b"text/plain")
            self.parts_left -= 1
            return [entity.embedded]
        if not entity.media_type.startswith(b"multipart/") or self.octets_left <= 0:
            return []
        self.octets_left -= entity.end - entity.body_start
        boundary = dict(entity.parameters).get(b"boundary", b"").rstrip(b" \t")
        default = b"message/rfc822" if entity.media_type == b"multipart/digest" else b"text/plain"  # RFC 2046 5.1.5
        ranges = self._cut(entity, b"\n--" + boundary) if boundary else []
        entity.children = tuple([_entity(self.octets, start, end, default=default) for start, end in ranges])
        return list(entity.children)

    def _cut(self, entity: Entity, line: bytes) -> list[tuple[int, int]]:
        """Return (start, end) of the parts between boundary lines; the line break before a boundary belongs to it
        (RFC 2046 5.1.1).
        """
        octets, end = self.octets, entity.end
        ranges: list[tuple[int, int]] = []
        start = -1
        position = self._first(entity, line)
        while position >= 0 and self.candidates_left > 0:
            self.candidates_left -= 1
            kind, after = _boundary_line(octets, position + len(line), end)
            if kind and start >= 0:
                stop = position - 1 if position > start and octets[position - 1] == 13 else position
                ranges.append((start, max(start, stop)))
                self.parts_left -= 1
            if kind == "close" or self.parts_left <= 0:
                return ranges
            start = after if kind else start
            position = octets.find(line, after - 1, end)
        if 0 <= start < end:  # no closing boundary: the last part runs to the end
            ranges.append((start, end))
            self.parts_left -= 1
        return ranges

    def _first(self, entity: Entity, line: bytes) -> int:
        """Find the first boundary line; it may be the first line of the body, whose line break is the header's."""
        if self.octets.startswith(line[1:], entity.body_start, entity.end):
            return entity.body_start - 1
        return self.octets.find(line, entity.body_start, entity.end)


def _boundary_line(octets: bytes, position: int, end: int) -> tuple[str, int]:
    """Return ("open", "close" or "" for a line that only begins alike, offset of the next line)."""
    newline = octets.find(b"\n", position, end)
    after = end if newline < 0 else newline + 1
    if octets.startswith(b"--", position) and not octets[position + 2 : after].strip(b" \t\r\n"):
        return "close", after
    return ("" if octets[position : min(after, position + 1000)].strip(b" \t\r\n") else "open"), after


def _entity(octets: bytes, start: int, end: int, *, default: bytes) -> Entity:
    body_start = header_end(octets, start, end)
    found = content_values(_header(octets, start, body_start))
    content_type = found.get("content-type")
    media_type, parameters = _media_type(content_type) if content_type is not None else (default, ())
    encoding = unfold(found.get("content-transfer-encoding", b"")).lower()
    more = {key: found[key] for key in found if key not in _READ_ALREADY}
    return Entity(start, body_start, end, media_type, parameters, encoding, more)


@remembers_short(256)
def _media_type(raw_value: bytes) -> tuple[bytes, Parameters]:
    value, parameters = parse_parameters(raw_value)
    kind, slash, subtype = value.lower().partition(b"/")
    return (value.lower() if kind and slash and subtype else b"text/plain"), parameters  # RFC 2045 5.2


def _header(octets: bytes, start: int, body_start: int) -> bytes:
    """Return the header block of an entity; of one over the limit only what stands before it."""
    return octets[start : min(body_start, start + limits.HEADER_OCTETS)]


def _part(number: tuple[int, ...], entity: Entity) -> Part:
    disposition = entity.content_fields.get("content-disposition")
    pairs = parse_parameters(disposition)[1] if disposition is not None else ()
    name = text_parameter(pairs, "filename") or text_parameter(entity.parameters, "name")
    media_type = entity.media_type.decode("latin-1")
    return Part(
        number=number,
        media_type="text/plain" if media_type.startswith("multipart/") else media_type,
        charset=text_parameter(entity.parameters, "charset"),
        encoding=entity.encoding.decode("latin-1") or "7bit",
        filename=base_name(name) if name else None,
        size=entity.end - entity.body_start,
    )
