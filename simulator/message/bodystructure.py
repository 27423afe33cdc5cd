"""IMAP's BODY and BODYSTRUCTURE as nested tuples, ready to be written as parenthesised lists.

Why: a mail program plans what to download from it. Strings are octets as found, types in lower case as Dovecot has
them. RFC 9051 7.5.2.
"""

from __future__ import annotations

from simulator import limits
from simulator.message.envelope import Envelope, read_envelope
from simulator.message.header import read_fields, unfold
from simulator.message.params import parse_parameters
from simulator.message.section import Entity

Body = tuple[object, ...]
"""Nested tuples of bytes, int and None; the parts of a multipart are tuples in front."""

_EMPTY_PART: Body = (b"text", b"plain", (b"charset", b"us-ascii"), None, None, b"7bit", 0, 0)


def build(octets: bytes, root: Entity, *, extended: bool) -> Body:
    """Return the structure below an entity; children are finished before their parents, without recursion."""
    done: dict[int, Body] = {}
    stack = [root]
    while stack:
        entity = stack[-1]
        inside = [*entity.children, *([entity.embedded] if entity.embedded is not None else [])]
        waiting = [child for child in inside if id(child) not in done]
        if waiting:
            stack += waiting
            continue
        stack.pop()
        ready = [done[id(child)] for child in inside]
        done[id(entity)] = (
            _multipart(entity, ready, extended=extended)
            if _is_multipart(entity)
            else _leaf(octets, entity, ready, extended=extended)
        )
    return done[id(root)]


def _is_multipart(entity: Entity) -> bool:
    return entity.media_type.startswith(b"multipart/")


def _multipart(entity: Entity, children: list[Body], *, extended: bool) -> Body:
    subtype = entity.media_type.partition(b"/")[2]
    empty = _EMPTY_PART + ((None,) * 4 if extended else ())
    body: Body = (*(children or [empty]), subtype)
    return (*body, _flat(entity.parameters), *_extension(entity)) if extended else body


def _leaf(octets: bytes, entity: Entity, embedded: list[Body], *, extended: bool) -> Body:
    kind, _, subtype = entity.media_type.partition(b"/")
    parameters = _flat(entity.parameters)
    if kind == b"text" and b"charset" not in (parameters or ())[::2]:
        parameters = (*(parameters or ()), b"charset", b"us-ascii")  # RFC 2045 5.2
    body: Body = (
        kind,
        subtype,
        parameters,
        _field(entity, "content-id"),
        _field(entity, "content-description"),
        entity.encoding or b"7bit",
        entity.end - entity.body_start,
    )
    lines = octets.count(b"\n", entity.body_start, entity.end)
    if entity.embedded is not None:
        body = (*body, _envelope(octets, entity.embedded), embedded[0], lines)
    elif kind == b"text":
        body = (*body, lines)
    return (*body, _field(entity, "content-md5"), *_extension(entity)) if extended else body


def _envelope(octets: bytes, entity: Entity) -> Body:
    envelope: Envelope = read_envelope(
        read_fields(octets[entity.start : min(entity.body_start, entity.start + limits.HEADER_OCTETS)])
    )
    lists = (envelope.from_, envelope.sender, envelope.reply_to, envelope.to, envelope.cc, envelope.bcc)
    return (
        envelope.date,
        envelope.subject,
        *(list_ or None for list_ in lists),
        envelope.in_reply_to,
        envelope.message_id,
    )


def _extension(entity: Entity) -> Body:
    disposition: Body | None = None
    if "content-disposition" in entity.content_fields:
        value, pairs = parse_parameters(entity.content_fields["content-disposition"])
        disposition = (value.lower(), _flat(pairs))
    return (disposition, _field(entity, "content-language"), _field(entity, "content-location"))


def _field(entity: Entity, name: str) -> bytes | None:
    return unfold(entity.content_fields[name]) if name in entity.content_fields else None


def _flat(pairs: tuple[tuple[bytes, bytes], ...]) -> tuple[bytes, ...] | None:
    return tuple([octets for pair in pairs for octets in pair]) or None
