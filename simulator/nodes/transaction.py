"""One mail transaction with the next hop: the envelope, what must be changed for a hop that knows less, the content.

What a hop does not offer is never sent to it: a letter in 8 bits is converted (which is declared, for it breaks
signatures) or refused with 5.6.3, one that needs SMTPUTF8 goes in ASCII where it has such a form or is refused with
5.6.7. RFC 5321, 3.3; RFC 6152, 3; RFC 6531, 3.2 and 3.6; RFC 3461, 5.2; RFC 9422, 4.2.
"""

from __future__ import annotations

from collections.abc import Generator
from dataclasses import dataclass
from typing import Any

from simulator.message.header import read_fields, split_message
from simulator.message.seven_bit import to_seven_bit
from simulator.nodes.header_records import record_fields
from simulator.nodes.host import Host
from simulator.nodes.queue import Entry, Outcome, Queued
from simulator.nodes.smtp_talk import SmtpTalk
from simulator.protocol.smtp import ClientCommand, MailOptions, Path, RecipientOptions, Reply, State, commands
from simulator.protocol.smtp.paths import parse_mailbox

__all__ = ["Manner", "needs_utf8", "transact"]

Outcomes = list[Outcome]


@dataclass(frozen=True, slots=True, kw_only=True)
class Manner:
    """How a relay passes letters on: whether it converts what a hop cannot take, and uses BDAT where it is offered."""

    converts: bool = True
    chunking: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class _Fitted:
    """A letter as the next hop can take it."""

    sender: Path
    content: bytes
    options: MailOptions


def needs_utf8(content: bytes, addresses: tuple[str, ...]) -> bool:
    """Whether a letter can be sent as it is only with SMTPUTF8: an address or its header is not in ASCII."""
    return not (all(address.isascii() for address in addresses) and split_message(content)[0].isascii())


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
        group = recipients[start : start + limit]
        outcomes += yield from _send(talk, fitted, group, name, manner)
    return outcomes


def _fit(talk: SmtpTalk, entry: Entry, recipients: list[Queued], name: str, manner: Manner) -> _Fitted | Outcome:
    """Make the letter fit what the hop offers, or say why it cannot be."""
    offered = talk.core.extensions
    header = entry.options.utf8 and not split_message(entry.content)[0].isascii()
    utf8 = header or not all(address.isascii() for address in (entry.sender, *(one.address for one in recipients)))
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
    dsn = "DSN" in offered
    options = MailOptions(
        size=len(content) if "SIZE" in offered else None,
        body="" if content.isascii() else "8BITMIME",
        utf8=utf8,
        ret=entry.options.ret if dsn else "",
        envid=entry.options.envid if dsn else "",
    )
    return _Fitted(sender=sender, content=content, options=options)


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


def _path(address: str, *, utf8: bool) -> Path | None:
    """Read an address of the queue, in ASCII unless the hop takes UTF-8; None where it has no such form."""
    path = parse_mailbox(address, utf8=True)
    return path if path is None or utf8 else path.downgraded()


def _rcpt(recipient: Queued, *, utf8: bool, dsn: bool) -> ClientCommand | None:
    path = _path(recipient.address, utf8=utf8)
    if path is None:
        return None
    return commands.rcpt(path, utf8=utf8, options=recipient.options if dsn else RecipientOptions())


def _send(
    talk: SmtpTalk, fitted: _Fitted, recipients: list[Queued], name: str, manner: Manner
) -> Generator[Any, Any, Outcomes]:
    """MAIL, RCPT and content, pipelined where the server allows it; one refused recipient does not spoil the others."""
    offered, utf8 = talk.core.extensions, fitted.options.utf8
    named = [_rcpt(recipient, utf8=utf8, dsn="DSN" in offered) for recipient in recipients]
    asked = [command for command in named if command is not None]
    if not asked:
        return [_no_utf8(name)] * len(recipients)
    group = (commands.mail(fitted.sender, options=fitted.options), *asked)
    sender_reply, *replies = yield from talk.say_together(group)
    if not sender_reply.positive:
        return [outcome(sender_reply, "MAIL FROM", name)] * len(recipients)
    answers = iter(replies)
    outcomes = [_no_utf8(name) if one is None else outcome(next(answers), "RCPT TO", name) for one in named]
    taken = [position for position, one in enumerate(outcomes) if one.status == "sent"]
    if taken:
        finals, command = yield from _content(talk, fitted.content, len(taken), manner)
        for position, final in zip(taken, finals, strict=True):
            outcomes[position] = outcome(final, command, name)
    return outcomes


def _content(
    talk: SmtpTalk, content: bytes, count: int, manner: Manner
) -> Generator[Any, Any, tuple[tuple[Reply, ...], str]]:
    """Send the letter; give a reply for each of `count` recipients, and the command that it answers."""
    each = talk.core.face.reply_each
    if manner.chunking and "CHUNKING" in talk.core.extensions and not each:
        chunks = yield from talk.say_together(commands.chunks(content))
        refused = [reply for reply in chunks if not reply.positive]
        return ((refused or [chunks[-1]])[0],) * count, "BDAT"
    data = yield from talk.say(commands.data())
    if not data.positive:
        return (data,) * count, "DATA"
    finals = yield from talk.say_content(content, count if each else 1)
    return (finals if each else finals * count), "end of DATA"


def outcome(reply: Reply, command: str, name: str) -> Outcome:
    """What a reply of the host `name` means for a recipient."""
    if reply.positive:
        return Outcome("sent", str(reply), name, reply.enhanced)
    status = "deferred" if reply.transient else "failed"
    return Outcome(status, f"host {name} said: {reply} (in reply to {command} command)", name, reply.enhanced)
