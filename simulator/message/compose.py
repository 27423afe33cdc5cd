"""Compose a letter: header, text, attachments, as the octets that a mail program submits.

Why: the letter is real from its first octet, and the same draft gives the same octets everywhere. RFC 5322 3.6, RFC
2045, RFC 2046 5.1.
"""

import hashlib
from dataclasses import dataclass
from functools import lru_cache
from typing import NamedTuple

from simulator.errors import LocalProtocolError
from simulator.message import transfer
from simulator.message.address import Address, address_line
from simulator.message.header import header_line, structured_line
from simulator.message.params import ascii_name, is_media_type, write_parameter

_CRLF = b"\r\n"
_TEXT_ENCODINGS = ("7bit", "8bit", "quoted-printable", "base64")


@dataclass(frozen=True, slots=True)
class Attachment:
    """A file in a letter: its name (any characters), media type (`application/pdf`) and octets."""

    name: str
    media_type: str
    octets: bytes


class Draft(NamedTuple):
    """What a person wrote. `date_text` and `message_id` (with its angle brackets) may be None: the MSA adds them (RFC
    6409 8).

    `text_encoding` None lets the composer choose 7bit, quoted-printable or base64; `text_type` is what the letter says
    of its text (None: the truth); `extra` are further unstructured fields.
    """

    sender: Address
    to: tuple[Address, ...] = ()
    cc: tuple[Address, ...] = ()
    bcc: tuple[Address, ...] = ()
    reply_to: tuple[Address, ...] = ()
    subject: str = ""
    text: str = ""
    attachments: tuple[Attachment, ...] = ()
    date_text: str | None = None
    message_id: str | None = None
    in_reply_to: str | None = None
    references: tuple[str, ...] = ()
    user_agent: str | None = None
    text_encoding: str | None = None
    text_type: str | None = None
    boundary: str | None = None
    extra: tuple[tuple[str, str], ...] = ()


class _Entity(NamedTuple):
    """A MIME part ready to write: header fields, encoded body, transfer encoding."""

    header: bytes
    body: bytes
    encoding: str


def recipients(draft: Draft) -> tuple[str, ...]:
    """Return the forward-paths of the envelope, To, Cc and Bcc in order, each once (domains compared without case)."""
    seen: dict[tuple[str, str], str] = {}
    for address in (*draft.to, *draft.cc, *draft.bcc):
        seen.setdefault((address.local, address.domain.lower()), address.spec)
    return tuple(seen.values())


def compose(draft: Draft) -> bytes:
    """Return the content of the letter, CRLF lines of at most 998 octets, without any Bcc field.

    Raises LocalProtocolError for what cannot be written: a bad media type, a header word over 998 octets, an address
    beyond ASCII.
    """
    entity = _text_entity(draft)
    if draft.attachments:
        entity = _mixed(draft, [entity, *map(_attachment, draft.attachments)])
    return b"".join((_header(draft), b"MIME-Version: 1.0\r\n", entity.header, _CRLF, entity.body))


def _header(draft: Draft) -> bytes:
    lines = []
    if draft.date_text is not None:
        lines.append(structured_line("Date", draft.date_text))
    lines.append(address_line("From", (draft.sender,)))
    for name, listed in (("Reply-To", draft.reply_to), ("To", draft.to), ("Cc", draft.cc)):
        if listed:
            lines.append(address_line(name, listed))
    if not draft.to and not draft.cc:
        lines.append(b"To: undisclosed-recipients:;\r\n")
    lines.append(header_line("Subject", draft.subject))
    if draft.message_id:
        lines.append(structured_line("Message-ID", draft.message_id))
    if draft.in_reply_to:
        lines.append(structured_line("In-Reply-To", draft.in_reply_to))
    if any(draft.references):
        lines.append(structured_line("References", " ".join(draft.references)))
    if draft.user_agent:
        lines.append(header_line("User-Agent", draft.user_agent))
    for name, value in draft.extra:
        if name.lower() != "bcc":
            lines.append(header_line(name, value))
    return b"".join(lines)


def canonical_text(text: str) -> bytes:
    """Return text as UTF-8 with CRLF line ends and one at its end; empty text stays empty."""
    octets = text.encode("utf-8", "replace")
    if b"\r" in octets:
        octets = octets.replace(b"\r\n", b"\n").replace(b"\r", b"\n")
    octets = octets.replace(b"\n", _CRLF)
    return octets if not octets or octets.endswith(_CRLF) else octets + _CRLF


def _text_entity(draft: Draft) -> _Entity:
    octets = canonical_text(draft.text)
    encoding = draft.text_encoding or transfer.choose_encoding(octets)
    if encoding not in _TEXT_ENCODINGS:
        raise LocalProtocolError(f"{encoding!r} is no transfer encoding: use one of {', '.join(_TEXT_ENCODINGS)}")
    if draft.text_encoding:
        _check_identity(octets, encoding, "the text")
    charset = "us-ascii" if octets.isascii() else "utf-8"
    header = _described(draft.text_type or f"text/plain; charset={charset}", encoding)
    body = transfer.encode(octets, encoding)
    return _Entity(header, body + _CRLF if encoding == "base64" else body, encoding)


@lru_cache(maxsize=64)
def _described(content_type: str, encoding: str) -> bytes:
    """The two fields before the text of nearly every letter."""
    return structured_line("Content-Type", content_type) + structured_line("Content-Transfer-Encoding", encoding)


def _attachment(attachment: Attachment) -> _Entity:
    media_type = attachment.media_type.lower()
    if not is_media_type(media_type) or media_type.startswith("multipart/"):
        raise LocalProtocolError(
            f"{attachment.media_type[:80]!r} is no media type for a file: write one like application/pdf"
        )
    encoding = "base64"
    if media_type.startswith("message/"):  # RFC 2046 5.2.1: a letter inside a letter is not encoded
        encoding = "7bit" if attachment.octets.isascii() else "8bit"
        _check_identity(attachment.octets, encoding, f"the letter {attachment.name[:40]!r}")
    header = (
        structured_line("Content-Type", f"{media_type}; {write_parameter('name', ascii_name(attachment.name))}")
        + structured_line("Content-Disposition", f"attachment; {write_parameter('filename', attachment.name)}")
        + structured_line("Content-Transfer-Encoding", encoding)
    )
    return _Entity(header, transfer.encode(attachment.octets, encoding), encoding)


def _check_identity(octets: bytes, encoding: str, what: str) -> None:
    if encoding not in ("7bit", "8bit"):
        return
    if not transfer.is_clean(octets) or (encoding == "7bit" and not octets.isascii()):
        raise LocalProtocolError(f"{what} cannot travel as {encoding}: let the composer choose, or use base64")


def _mixed(draft: Draft, entities: list[_Entity]) -> _Entity:
    boundary = draft.boundary or _boundary(draft.message_id or "", entities)
    header = structured_line("Content-Type", f'multipart/mixed; boundary="{boundary}"')
    encoding = "8bit" if any(entity.encoding == "8bit" for entity in entities) else "7bit"  # RFC 2045 6.4
    line = b"--" + boundary.encode("ascii")
    parts = [b"".join((line, _CRLF, e.header, _CRLF, e.body, _CRLF)) for e in entities]
    body = b"".join((b"This is a multi-part message in MIME format.\r\n", *parts, line, b"--\r\n"))
    return _Entity(header + structured_line("Content-Transfer-Encoding", encoding), body, encoding)


def _boundary(seed: str, entities: list[_Entity]) -> str:
    """Derive a boundary that occurs in no part from the Message-ID, or from the parts when there is none yet."""
    digest = hashlib.sha256(seed.encode() or b"".join([e.header + e.body for e in entities]))
    while True:
        boundary = f"=_{digest.hexdigest()[:32]}"
        if not any(boundary.encode("ascii") in entity.body for entity in entities):
            return boundary
        digest.update(b"again")
