"""One mail transaction with the next hop: the envelope, what must be changed for a hop that knows less, the content.

What a hop does not offer is never sent to it: a letter in 8 bits is converted (which is declared, for it breaks
signatures) or refused with 5.6.3, one that needs SMTPUTF8 goes in ASCII where it has such a form or is refused with
5.6.7. RFC 5321, 3.3; RFC 6152, 3; RFC 6531, 3.2 and 3.6; RFC 3461, 5.2; RFC 9422, 4.2.
"""

from __future__ import annotations

from collections.abc import Generator
from dataclasses import dataclass
from functools import lru_cache
from typing import Any, NamedTuple

from simulator.message.header import read_fields, split_message
from simulator.message.seven_bit import to_seven_bit
from simulator.nodes.header_records import record_fields
from simulator.nodes.host import Host
from simulator.nodes.queue import Entry, Outcome, Queued
from simulator.nodes.smtp_talk import SmtpTalk
from simulator.protocol.smtp import ClientCommand, MailOptions, RecipientOptions, Reply, State, commands
from simulator.protocol.smtp.paths import parse_mailbox

__all__ = ["Manner", "needs_utf8", "transact"]

Outcomes = list[Outcome]
_NO_MAIL_OPTIONS = MailOptions()
_NO_RCPT_OPTIONS = RecipientOptions()


@dataclass(frozen=True, slots=True, kw_only=True)
class Manner:
    """How a relay passes letters on: whether it converts what a hop cannot take, and uses BDAT where it is offered."""

    converts: bool = True
    chunking: bool = False


class _Fitted(NamedTuple):
    """A letter as the next hop can take it, and the MAIL that announces it."""

    mail: ClientCommand
    content: bytes
    utf8: bool


def needs_utf8(content: bytes, addresses: tuple[str, ...]) -> bool:
    """Whether a letter can be sent as it is only with SMTPUTF8: an address or its header is not in ASCII."""
    if not "".join(addresses).isascii():
        return True
    return not (content.isascii() or split_message(content)[0].isascii())


def transact(
    talk: SmtpTalk, entry: Entry, recipients: list[Queued], name: str, manner: Manner
) -> Generator[Any, Any, Outcomes]:
    """Pass a letter to the host `name` for all recipients, in as many transactions as it allows recipients in one."""
    fitted = _fit(talk, entry, recipients, name, manner)
    limit = talk.core.recipient_limit
    if limit is None or len(recipients) <= limit:
        return _send(talk, fitted, recipients, name, manner, last=True)
    return _send_in_groups(talk, fitted, recipients, name, manner, limit)


def _send_in_groups(
    talk: SmtpTalk, fitted: _Fitted | Outcome, recipients: list[Queued], name: str, manner: Manner, limit: int
) -> Generator[Any, Any, Outcomes]:
    outcomes: Outcomes = []
    for start in range(0, len(recipients), limit):
        if talk.core.state not in (State.READY, State.CLOSED):
            yield from talk.say(commands.rset())
        group, last = recipients[start : start + limit], start + limit >= len(recipients)
        outcomes += yield from _send(talk, fitted, group, name, manner, last=last)
    return outcomes


def _fit(talk: SmtpTalk, entry: Entry, recipients: list[Queued], name: str, manner: Manner) -> _Fitted | Outcome:
    """Make the letter fit what the hop offers, or say why it cannot be."""
    offered, content = talk.core.extensions, entry.content
    plain = content.isascii()
    header = not plain and entry.options.utf8 and not split_message(content)[0].isascii()
    utf8 = header or not entry.sender.isascii()
    for one in recipients:
        utf8 = utf8 or not one.address.isascii()
    if utf8 and "SMTPUTF8" not in offered:
        if header:
            return _no_utf8(name)
        utf8 = False  # addresses may have a form in ASCII
    sender = _path(entry.sender, utf8=utf8)
    if sender is None:
        return _no_utf8(name)
    if not plain and "8BITMIME" not in offered:
        converted = _converted(talk.host, content) if manner.converts else None
        if converted is None:
            return Outcome("failed", f"8BITMIME is required, but was not offered by host {name}", name, "5.6.3")
        content, plain = converted, converted.isascii()
    said = entry.options if "DSN" in offered else _NO_MAIL_OPTIONS
    size = len(content) if "SIZE" in offered else None
    body = "" if plain else "8BITMIME"
    more = MailOptions(size, body, utf8, said.ret, said.envid) if utf8 or said.ret or said.envid else None
    return _Fitted(commands.mail(sender, size=size, body=body, options=more), content, utf8)


def _converted(host: Host, content: bytes) -> bytes | None:
    """Convert the letter, and declare it by a record of the header field that says how the body is written now."""
    converted = to_seven_bit(content)
    if converted is not None:
        header = read_fields(split_message(converted)[0])
        found = [one.raw_octets for one in header if one.name.lower() in ("content-transfer-encoding", "mime-version")]
        record_fields(host, b"".join(found), "converted", by="MTA")
    return converted


def _no_utf8(name: str) -> Outcome:
    return Outcome("failed", f"SMTPUTF8 is required, but was not offered by host {name}", name, "5.6.7")


@lru_cache(maxsize=1024)
def _path(address: str, *, utf8: bool) -> str | None:
    """Write an address of the queue for the hop, in ASCII unless it takes UTF-8; None where it has no such form."""
    path = parse_mailbox(address, utf8=True)
    if path is not None and not utf8:
        path = path.downgraded()
    return None if path is None else str(path)


@lru_cache(maxsize=1024)
def _rcpt(address: str, options: RecipientOptions, *, utf8: bool) -> ClientCommand | None:
    path = _path(address, utf8=utf8)
    return None if path is None else commands.rcpt(path, utf8=utf8, options=options)


def _send(
    talk: SmtpTalk, fitted: _Fitted | Outcome, recipients: list[Queued], name: str, manner: Manner, *, last: bool
) -> Generator[Any, Any, Outcomes]:
    """MAIL, RCPT and DATA in a group where the server allows it, then the content, with QUIT if it is the last.

    One refused recipient does not spoil the others.
    """
    if isinstance(fitted, Outcome):
        return [fitted] * len(recipients)
    offered, each = talk.core.extensions, talk.core.face.reply_each
    dsn, utf8, chunked = "DSN" in offered, fitted.utf8, manner.chunking and "CHUNKING" in offered and not each
    named = [_rcpt(one.address, one.options if dsn else _NO_RCPT_OPTIONS, utf8=utf8) for one in recipients]
    asked = [*filter(None, named)]
    if not asked:
        return [_no_utf8(name)] * len(recipients)
    replies = yield from talk.say_together((fitted.mail, *asked) if chunked else (fitted.mail, *asked, commands.data()))
    sender, answers, finals, said_to = replies[0], replies[1 : len(asked) + 1], replies[-1:], "DATA"
    taken = 0
    for reply in answers if sender.positive else ():
        taken += reply.positive
    if not taken:
        yield from talk.say_nothing()
    elif chunked:
        finals, said_to = (yield from _send_chunks(talk, fitted.content)), "BDAT"
    elif finals[0].positive:
        said_to = "end of DATA"
        finals = yield from talk.say_content(fitted.content, taken if each else 1, last=last)
    if not sender.positive:
        return [outcome(sender, "MAIL FROM", name)] * len(recipients)
    return _outcomes(named, answers, finals if len(finals) == taken else finals * taken, said_to, name)


def _send_chunks(talk: SmtpTalk, content: bytes) -> Generator[Any, Any, tuple[Reply, ...]]:
    """Send the letter by BDAT; the first refusal counts, else the last reply."""
    replies = yield from talk.say_together(commands.chunks(content))
    return (next((reply for reply in replies if not reply.positive), replies[-1]),)


def _outcomes(
    named: list[ClientCommand | None], answers: tuple[Reply, ...], finals: tuple[Reply, ...], said_to: str, name: str
) -> Outcomes:
    """What was said of each recipient: to its RCPT, or to the letter (or to DATA) where that was accepted."""
    outcomes, heard, after = [], iter(answers), iter(finals)
    for command in named:
        reply = None if command is None else next(heard)
        if reply is None:
            outcomes.append(_no_utf8(name))
        elif reply.positive:
            outcomes.append(outcome(next(after), said_to, name))
        else:
            outcomes.append(outcome(reply, "RCPT TO", name))
    return outcomes


def outcome(reply: Reply, command: str, name: str) -> Outcome:
    """What a reply of the host `name` means for a recipient."""
    if reply.positive:
        return Outcome("sent", str(reply), name, reply.enhanced)
    status = "deferred" if reply.transient else "failed"
    return Outcome(status, f"host {name} said: {reply} (in reply to {command} command)", name, reply.enhanced)
