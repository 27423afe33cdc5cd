"""IMAP's ENVELOPE: the header of a letter, parsed but not decoded.

Why: a mail program shows a list of letters from this alone. Not the SMTP envelope. RFC 9051 7.5.2 (ENVELOPE).
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

from simulator.message.address import parse_mailboxes
from simulator.message.header import Field, unfold

EnvelopeAddress = tuple[bytes | None, bytes | None, bytes | None, bytes | None]
"""Name, source route (adl), mailbox, host; a group opens with (None, None, name, None) and closes with four None."""

_WANTED = frozenset(("date", "subject", "from", "sender", "reply-to", "to", "cc", "bcc", "in-reply-to", "message-id"))


@dataclass(frozen=True, slots=True, kw_only=True)
class Envelope:
    """Raw header octets, unfolded; None where the field is missing, () where there is no address. sender and reply_to
    default to from.
    """

    date: bytes | None
    subject: bytes | None
    from_: tuple[EnvelopeAddress, ...]
    sender: tuple[EnvelopeAddress, ...]
    reply_to: tuple[EnvelopeAddress, ...]
    to: tuple[EnvelopeAddress, ...]
    cc: tuple[EnvelopeAddress, ...]
    bcc: tuple[EnvelopeAddress, ...]
    in_reply_to: bytes | None
    message_id: bytes | None


def read_envelope(fields: Iterable[Field]) -> Envelope:
    """Return the envelope of the fields of a header; of several fields of one name the first counts."""
    raw: dict[str, bytes] = {}
    for _, raw_value, _, key in fields:
        if key in _WANTED and key not in raw:
            raw[key] = unfold(raw_value)
    author = _addresses(raw.get("from"))
    return Envelope(
        date=raw.get("date"),
        subject=raw.get("subject"),
        from_=author,
        sender=_addresses(raw.get("sender")) or author,
        reply_to=_addresses(raw.get("reply-to")) or author,
        to=_addresses(raw.get("to")),
        cc=_addresses(raw.get("cc")),
        bcc=_addresses(raw.get("bcc")),
        in_reply_to=raw.get("in-reply-to"),
        message_id=raw.get("message-id"),
    )


def _addresses(value: bytes | None) -> tuple[EnvelopeAddress, ...]:
    if not value:
        return ()
    return tuple(
        (_octets(name), _octets(route), _octets(local), _octets(domain))
        for name, route, local, domain in parse_mailboxes(value.decode("latin-1"))
    )


def _octets(text: str | None) -> bytes | None:
    return None if text is None else text.encode("latin-1")
