"""APPEND: a message from the client into a mailbox. RFC 9051, 6.3.12; RFC 4315, 3; RFC 6855, 4 for UTF8."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import Final

from simulator.protocol.imap.scanner import Malformed, Scanner
from simulator.protocol.imap.server.context import Context, Outcome, mailbox_name, no, no_such_mailbox, ok
from simulator.protocol.imap.server.events import Added
from simulator.protocol.imap.server.flags import settable
from simulator.protocol.imap.view import MailboxRefused
from simulator.protocol.imap.writing import read_date_time

TOO_BIG: Final = "[TOOBIG] Message is too large."
_BARE: Final = re.compile(rb"\r(?!\n)|(?<!\r)\n")


@dataclass(frozen=True, slots=True, kw_only=True)
class _Message:
    """What is to be added."""

    flags: frozenset[str]
    internal_date: int | None
    octets: bytes


def run(context: Context, scanner: Scanner) -> Outcome:
    """Add one message; a bare CR or LF in it becomes a CRLF, so that every reader sees the same lines."""
    scanner.space()
    octets = scanner.astring("mailbox name")
    scanner.space()
    message = _message(context, scanner)
    scanner.end()
    if len(message.octets) > context.append_limit:
        return no(TOO_BIG)
    if not message.octets:
        return no("[CANNOT] Can't save a zero byte message.")
    name, store = mailbox_name(octets), context.need_store()
    try:
        done = store.append(name, message.octets, flags=message.flags, internal_date=message.internal_date)
    except MailboxRefused as refusal:
        if refusal.code == "TRYCREATE":
            return no_such_mailbox(octets, "TRYCREATE")
        raise
    size = len(message.octets)
    context.events.append(
        Added(mailbox=name, uid=done.uid, uid_validity=done.uid_validity, size=size, flags=message.flags)
    )
    return ok(f"[APPENDUID {done.uid_validity} {done.uid}] Append completed.")


def _message(context: Context, scanner: Scanner) -> _Message:
    flags: frozenset[str] = frozenset()
    if scanner.octets.startswith(b"(", scanner.at):
        flags = frozenset(settable(flag) for flag in scanner.flags())
        scanner.space()
    date = None
    if scanner.octets.startswith(b'"', scanner.at):
        date = read_date_time(scanner.string() or b"")
        if date is None:
            raise Malformed("date and time such as 01-Jan-2026 00:00:00 +0000")
        scanner.space()
    octets = _literal(context, scanner)
    if b"\0" in octets:
        raise Malformed("message without NUL")
    if octets.count(b"\n") != octets.count(b"\r\n") or octets.count(b"\r") != octets.count(b"\r\n"):
        octets = _BARE.sub(b"\r\n", octets)
    return _Message(flags=flags, internal_date=date, octets=octets)


def _literal(context: Context, scanner: Scanner) -> bytes:
    extended = context.utf8 and scanner.skip(b"UTF8 (~")
    if not scanner.octets.startswith(b"{", scanner.at):
        raise Malformed("message as a literal")
    octets = scanner.string()
    if octets is None:
        raise Malformed("message as a literal")
    if extended:
        scanner.expect(b")", "end of the message")
    return octets
