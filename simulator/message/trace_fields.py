"""Trace fields: Received, Return-Path, Delivered-To, and reading the hops back.

Why: a student reads a letter's way from these lines, so they look as Postfix and Dovecot write them. RFC 5321 4.4,
RFC 3848 (`with`), RFC 6409 8.
"""

import re
from functools import lru_cache
from typing import NamedTuple

from simulator.message.dates import parse_rfc5322_date
from simulator.message.header import FIELD_VALUE, header_end, printable, read_fields, unfold

_NEUTERED = re.compile(
    r'[ <>()\\";@\x00-\x1f\x7f-\x9f\ud800-\udfff]'
)  # Postfix, smtpd.c: what a HELO name may not bring into a comment
_CLAUSE = re.compile(r"\b(from|by|with|id|for)\s+(\S+)", re.IGNORECASE)
_SIMPLE_COMMENT = re.compile(r"\([^()]*\)")
_RECEIVED = re.compile(rb"\nreceived[ \t]*+:", re.IGNORECASE)
_RECEIVED_VALUE = re.compile(rb"^received[ \t]*+:" + FIELD_VALUE, re.IGNORECASE | re.MULTILINE)
_RETURN_PATH = re.compile(rb"^return-path[ \t]*:", re.IGNORECASE | re.MULTILINE)
_ADDRESS = re.compile(r"\[(?:IPv6:)?([0-9A-Fa-f.:]+)\]")


class Hop(NamedTuple):
    """One Received field as read; None where the field does not say. `clauses` is all that stands before its date."""

    from_name: str | None
    by: str | None
    protocol: str | None
    queue_id: str | None
    recipient: str | None
    clauses: str
    date_text: str

    @property
    def from_address(self) -> str | None:
        """The address behind the name of the sender: the last one, because HELO may be an address too."""
        addresses = _ADDRESS.findall(self.clauses.partition(" by ")[0])
        return addresses[-1] if addresses else None

    @property
    def epoch_us(self) -> int | None:
        """The date in µs since 1970."""
        return parse_rfc5322_date(self.date_text)


def received(
    *,
    helo: str,
    client_name: str,
    client_address: str,
    by: str,
    protocol: str,
    queue_id: str,
    date_text: str,
    recipient: str | None = None,
    tls: tuple[str, ...] = (),
) -> bytes:
    """Return the field of a relay or submission server, folded as Postfix does.

    `protocol` is SMTP, ESMTP, ESMTPS, ESMTPA, ESMTPSA... (RFC 3848); `recipient` only when the transaction has a
    single one (RFC 5321 7.2); `tls` are the lines of the comment on TLS, without parentheses (`using TLSv1.3 with
    cipher ...`); `client_name` "unknown" without PTR.
    """
    way = _way(helo, client_name, client_address, tls)
    if recipient is None:
        return f"{way}by {by} (Postfix) with {protocol} id {queue_id};\r\n\t{date_text}\r\n".encode()
    for_line = f"for <{printable(recipient)}>; {date_text}"
    return f"{way}by {by} (Postfix) with {protocol} id {queue_id}\r\n\t{for_line}\r\n".encode()


@lru_cache(maxsize=512)
def _way(helo: str, client_name: str, client_address: str, tls: tuple[str, ...]) -> str:
    """The lines of `received` that are the same for every letter from a client, up to the fold before `by`."""
    address = f"IPv6:{client_address}" if ":" in client_address else client_address
    lines = [f"Received: from {_NEUTERED.sub('?', helo)} ({_NEUTERED.sub('?', client_name)} [{address}])"]
    if tls:
        lines += ["(" + "\r\n\t ".join(map(printable, tls)) + ")", "(No client certificate requested)"]
    return "\r\n\t".join((*lines, ""))


def received_local(*, by: str, queue_id: str, date_text: str) -> bytes:
    """Return the field of a letter that the mail system itself made (a bounce), as Postfix writes it."""
    return f"Received: by {by} (Postfix)\r\n\tid {queue_id}; {date_text}\r\n".encode()


def received_lmtp(
    *,
    lhlo: str,
    by: str,
    session_id: str,
    reverse_path: str,
    recipient: str,
    date_text: str,
    client_address: str = "",
    protocol: str = "LMTP",
) -> bytes:
    """Return the field of the delivery agent, folded as Dovecot does; no `client_address` on a local socket."""
    peer = f" ([{client_address}])" if client_address else ""
    return (
        f"Received: from {_NEUTERED.sub('?', lhlo)}{peer}\r\n"
        f"\tby {by} with {protocol}\r\n"
        f"\tid {session_id}\r\n"
        f"\t(envelope-from <{printable(reverse_path)}>)\r\n"
        f"\tfor <{printable(recipient)}>; {date_text}\r\n"
    ).encode()


@lru_cache(maxsize=512)
def return_path(reverse_path: str) -> bytes:
    """Return `Return-Path: <...>`, written at final delivery; "" is the null reverse-path. RFC 5321 4.4.

    Remembered, as the next one is: the same people write to each other again and again.
    """
    return f"Return-Path: <{printable(reverse_path)}>\r\n".encode()


@lru_cache(maxsize=512)
def delivered_to(address: str) -> bytes:
    """Return `Delivered-To: ...`, by which the MDA also knows a letter that comes round again."""
    return f"Delivered-To: {printable(address)}\r\n".encode()


def without_return_path(content: bytes) -> bytes:
    """Return the content without earlier Return-Path fields: final delivery writes the only one. RFC 5321 4.4."""
    end = header_end(content, 0, len(content))
    if _RETURN_PATH.search(content, 0, end) is None:
        return content
    lines, position = b"\n" + content[:end], 0  # every field begins behind a line feed
    kept: list[bytes] = []
    for field in read_fields(content[:end]):
        if field.key == "return-path":
            start = lines.index(b"\n" + field.raw_octets, position)
            kept.append(content[position:start])
            position = start + len(field.raw_octets)
    return b"".join((*kept, content[position:]))


def prepend(content: bytes, *trace: bytes) -> bytes:
    """Return the content with trace fields before it, the first one on top."""
    return b"".join((*trace, content))


def count_hops(content: bytes) -> int:
    """Return how many Received fields the letter has: the hop count that stops loops. RFC 5321 6.3."""
    return len(_RECEIVED.findall(b"\n" + content[: header_end(content, 0, len(content))]))


def has_hops(content: bytes, least: int) -> bool:
    """Tell whether the letter has so many Received fields; in few lines there is no room for them."""
    return content.count(b"\n") + 1 >= least and count_hops(content) >= least


def hops(content: bytes) -> tuple[Hop, ...]:
    """Return the hops of a letter, the newest first, as the fields stand."""
    values = _RECEIVED_VALUE.findall(content, 0, header_end(content, 0, len(content)))
    return tuple(map(parse_received, values))


def parse_received(raw_value: bytes) -> Hop:
    """Return what one Received value says, by whichever server it was written; tolerant, never raises."""
    text = unfold(raw_value).decode("utf-8", "replace").replace("\t", " ")
    before, _, date_text = text.rpartition(";")
    clauses = before or text
    found = reversed(_CLAUSE.findall(_without_comments(clauses)))  # of a clause that comes twice the first counts
    said = {name.lower(): value.strip("<>;") for name, value in found}.get
    return Hop(said("from"), said("by"), said("with"), said("id"), said("for"), clauses, date_text.strip())


def _without_comments(text: str) -> str:
    for _ in range(4):  # real fields nest two deep; more is hostile and stays as it is
        if "(" not in text:
            break
        text = _SIMPLE_COMMENT.sub(" ", text)
    return text
