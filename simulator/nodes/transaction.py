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
    if not all(address.isascii() for address in addresses):
        return True
    return not (content.isascii() or split_message(content)[0].isascii())


def transact(
    talk: SmtpTalk, entry: Entry, recipients: list[Queued], name: str, manner: Manner
) -> Generator[Any, Any, Outcomes]:
    """Pass a letter to the host `name` for all recipients, in as many transactions as it allows recipients in one."""
    fitted = _fit(talk, entry, recipients, name, manner)
    if isinstance(fitted, Outcome):
        return [fitted] * len(recipients)
    limit = talk.core.recipient_limit or len(recipients)
    outcomes: Outcomes = []
    for start in range(0, len(recipients), limit):
        if talk.core.state not in (State.READY, State.CLOSED):
            yield from talk.say(commands.rset())
        group, last = recipients[start : start + limit], start + limit >= len(recipients)
        outcomes += yield from _send(talk, fitted, group, name, manner, last=last)
    return outcomes


def _fit(talk: SmtpTalk, entry: Entry, recipients: list[Queued], name: str, manner: Manner) -> _Fitted | Outcome:
    """Make the letter fit what the hop offers, or say why it cannot be."""
    offered = talk.core.extensions
    header = entry.options.utf8 and not split_message(entry.content)[0].isascii()
    utf8 = header or not all([entry.sender.isascii(), *[one.address.isascii() for one in recipients]])
    if utf8 and "SMTPUTF8" not in offered:
        if header:
            return _no_utf8(name)
        utf8 = False  # addresses may have a form in ASCII
    sender = _path(entry.sender, utf8=utf8)
    if sender is None:
        return _no_utf8(name)
    content = entry.content
    if not content.isascii() and "8BITMIME" not in offered:
        converted = _converted(talk.host, content) if manner.converts else None
        if converted is None:
            return Outcome("failed", f"8BITMIME is required, but was not offered by host {name}", name, "5.6.3")
        content = converted
    said = entry.options if "DSN" in offered else _NO_MAIL_OPTIONS
    size = len(content) if "SIZE" in offered else None
    body = "" if content.isascii() else "8BITMIME"
    options = MailOptions(size, body, utf8=utf8, ret=said.ret, envid=said.envid)
    return _Fitted(commands.mail(sender, options=options), content, utf8)


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


def _rcpt(recipient: Queued, *, utf8: bool, dsn: bool) -> ClientCommand | None:
    path = _path(recipient.address, utf8=utf8)
    if path is None:
        return None
    return commands.rcpt(path, utf8=utf8, options=recipient.options if dsn else _NO_RCPT_OPTIONS)


def _send(
    talk: SmtpTalk, fitted: _Fitted, recipients: list[Queued], name: str, manner: Manner, *, last: bool
) -> Generator[Any, Any, Outcomes]:
    """MAIL, RCPT and DATA in a group where the server allows it, then the content, with QUIT if it is the last.

    One refused recipient does not spoil the others.
    """
    offered = talk.core.extensions
    named = [_rcpt(one, utf8=fitted.utf8, dsn="DSN" in offered) for one in recipients]
    asked = [command for command in named if command is not None]
    if not asked:
        return [_no_utf8(name)] * len(recipients)
    chunked = manner.chunking and "CHUNKING" in offered and not talk.core.face.reply_each
    group = (fitted.mail, *asked) if chunked else (fitted.mail, *asked, commands.data())
    sender_reply, *replies = yield from talk.say_together(group)
    if not sender_reply.positive:
        yield from talk.say_nothing()
        return [outcome(sender_reply, "MAIL FROM", name)] * len(recipients)
    answers = iter(replies)
    heard = [(None if one is None else next(answers), "RCPT TO") for one in named]
    taken = [position for position, (reply, _) in enumerate(heard) if reply is not None and reply.positive]
    if not taken:
        yield from talk.say_nothing()
    else:
        data = None if chunked else replies[-1]
        finals = yield from _content(talk, fitted.content, data, len(taken), last=last)
        for position, final in zip(taken, finals, strict=True):
            heard[position] = final
    return [_no_utf8(name) if reply is None else outcome(reply, command, name) for reply, command in heard]


def _content(
    talk: SmtpTalk, content: bytes, data: Reply | None, count: int, *, last: bool
) -> Generator[Any, Any, list[tuple[Reply, str]]]:
    """Send the letter if `data`, the reply to DATA, wants it; give a reply for each of `count`, and what it is to.

    Without `data` it goes by BDAT, where the first refusal counts, else the last reply.
    """
    if data is None:
        replies = yield from talk.say_together(commands.chunks(content))
        return [(next((reply for reply in replies if not reply.positive), replies[-1]), "BDAT")] * count
    if not data.positive:
        return [(data, "DATA")] * count
    each = talk.core.face.reply_each
    finals = yield from talk.say_content(content, count if each else 1, last=last)
    return [(final, "end of DATA") for final in (finals if each else finals * count)]


def outcome(reply: Reply, command: str, name: str) -> Outcome:
    """What a reply of the host `name` means for a recipient."""
    if reply.positive:
        return Outcome("sent", str(reply), name, reply.enhanced)
    status = "deferred" if reply.transient else "failed"
    return Outcome(status, f"host {name} said: {reply} (in reply to {command} command)", name, reply.enhanced)
