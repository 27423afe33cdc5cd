"""The mail user agent on one device: writes letters and submits them, fetches, shows and deletes what came.

It never asks for MX: it knows its own submission server by name, and only that (RFC 6409; RFC 5598, 4.1).
"""

from __future__ import annotations

from collections.abc import Generator
from typing import Any, NamedTuple

from simulator.engine.task import Story
from simulator.errors import MailflowError
from simulator.message.address import Address
from simulator.message.compose import Attachment, Draft, compose, recipients
from simulator.nodes.connecting import Access, open_secure, open_stream
from simulator.nodes.device_mailbox import INBOX, DeviceMailbox, record_letter
from simulator.nodes.host import Host
from simulator.nodes.imap_reader import ImapReader
from simulator.nodes.pop3_reader import Pop3Reader
from simulator.nodes.smtp_talk import SmtpTalk
from simulator.nodes.talk import TalkFailed
from simulator.nodes.transaction import needs_utf8
from simulator.protocol.smtp import FACES, RELAY, MailOptions, Reply, commands
from simulator.records.kinds_message import MUA_NOTICE

__all__ = ["Letter", "MailProgram"]

OUTBOX = "Outbox"
SENT = "Sent"


class Letter(NamedTuple):
    """What a person wants to send; `shows_from` and `content_type` are what it says of itself instead of the truth."""

    to: tuple[Address, ...]
    cc: tuple[Address, ...] = ()
    bcc: tuple[Address, ...] = ()
    subject: str = ""
    text: str = ""
    attachments: tuple[Attachment, ...] = ()
    shows_from: Address | None = None
    content_type: str | None = None


class MailProgram:
    """One person's mail program on one host."""

    def __init__(
        self,
        host: Host,
        *,
        person: Address,
        password: str,
        sends_via: Access | None,
        reads_via: Access | None,
        leave_on_server: bool = False,
        headers_only: bool = False,
        sent_on_server: bool = False,
    ) -> None:
        self.host = host
        self.person = person
        self.password = password
        self.sends_via = sends_via
        self.sent_on_server = sent_on_server
        self.box = DeviceMailbox(host, person.spec)
        self.reader: ImapReader | Pop3Reader | None = None
        if reads_via is not None and reads_via.service == "pop3s":
            self.reader = Pop3Reader(host, reads_via, self.box, password, leave_on_server=leave_on_server)
        elif reads_via is not None:
            self.reader = ImapReader(host, reads_via, self.box, password, headers_only=headers_only)

    def notice(self, text: str) -> None:
        """Tell the user that something did not work."""
        self.host.trace.write(MUA_NOTICE, (text,), at=self.host.name)

    # Reading

    def fetch(self, mailbox: str = INBOX, *, idle_us: int = 0) -> Story:
        """Get what is new, and listen for `idle_us` µs more (IMAP); a failure is shown to the user."""
        if mailbox == SENT and not self.sent_on_server:
            return self._refuse(
                "mail was not fetched: this program keeps what was sent on this device, and looks nowhere else"
            )
        story = None if self.reader is None else self.reader.fetch(mailbox, idle_us=idle_us)
        return self._attempt("mail was not fetched", story)

    def read(self, number: int | None) -> Story:
        """Open a letter (from 1 in order of arrival; None: the newest) and mark it as read."""
        key = self._key(number)
        if key is None:
            return
        if self.reader is None:
            self.box.show(INBOX, key)
        else:
            yield from self._attempt("the letter was not shown", self.reader.show(key))
        story = None if self.reader is None else self.reader.mark_read(key)
        yield from self._attempt("the letter was not marked as read", story)

    def delete(self, number: int | None) -> Story:
        """Delete a letter (from 1 in order of arrival; None: the newest)."""
        key = self._key(number)
        if key is not None:
            story = None if self.reader is None else self.reader.delete(key)
            yield from self._attempt("the letter was not deleted", story)

    def move(self, number: int | None, mailbox: str) -> Story:
        """Move a letter (from 1 in order of arrival; None: the newest) to another mailbox of the account."""
        key = self._key(number)
        if key is not None:
            story = None if self.reader is None else self.reader.move(key, mailbox)
            yield from self._attempt("the letter was not moved", story)

    def _key(self, number: int | None) -> int | None:
        keys = self.box.keys(INBOX)
        position = len(keys) if number is None else number
        if not 1 <= position <= len(keys):
            self.notice(f"there is no letter {number or 1}: this device has {len(keys)}; fetch first")
            return None
        return keys[position - 1]

    def _refuse(self, text: str) -> Story:
        self.notice(text)
        yield from ()

    def _attempt(self, what: str, story: Story | None) -> Story:
        if story is None:
            self.notice(f"{what}: no server to read from is set up on this device")
            return
        try:
            yield from story
        except MailflowError as error:
            self.notice(f"{what}: {error}")

    # Writing

    def send(self, letter: Letter) -> Story:
        """Compose a letter and submit it; a failure is shown to the user and the letter stays in the outbox."""
        host = self.host
        draft = self._draft(letter)
        content, forward_paths = compose(draft), recipients(draft)
        number = host.internet.new_letter()
        for address in forward_paths if host.trace.heard else ():
            host.internet.begin_stage("compose", address, at=host.name, letter=number)
        record_letter(host, content, "written")
        try:
            yield from self._submit(content, forward_paths)
        except MailflowError as error:
            self.notice(f"the letter was not sent: {error}")
            self.box.keep(OUTBOX, content)
        else:
            if self.sent_on_server:
                yield from self._append_sent(content)
            else:
                self.box.keep(SENT, content, ("\\Seen",))

    def _append_sent(self, content: bytes) -> Story:
        """Keep a copy of what was sent by IMAP in the account's Sent, where every device sees it."""
        story = None if self.reader is None else self.reader.append(SENT, content)
        yield from self._attempt("no copy was kept in Sent", story)

    def _draft(self, letter: Letter) -> Draft:
        return Draft(
            sender=letter.shows_from or self.person,
            to=letter.to,
            cc=letter.cc,
            bcc=letter.bcc,
            subject=letter.subject,
            text=letter.text,
            attachments=letter.attachments,
            text_type=letter.content_type,
            date_text=self.host.internet.date,
        )

    def _submit(self, content: bytes, forward_paths: tuple[str, ...]) -> Generator[Any, Any, None]:
        access = self.sends_via
        if access is None:
            raise TalkFailed("no submission server is set up on this device")
        host = self.host
        for address in forward_paths if host.trace.heard else ():
            host.internet.begin_stage("submission", address, at=host.name, protocol="SMTP")
        face = RELAY if access.service == "smtp" else FACES[access.service]
        stream = yield from (open_secure if face.implicit_tls else open_stream)(host, access)
        talk = SmtpTalk(host, stream, face)
        talk.core.auth_in_clear = access.tls in ("opportunistic", "none")
        try:
            yield from self._introduce(talk, access)
            if face.needs_auth:
                _need((yield from talk.log_in(self.person.spec, self.password)))
            yield from self._transaction(talk, content, forward_paths)
        finally:
            if not stream.closed:
                talk.leave()

    def _introduce(self, talk: SmtpTalk, access: Access) -> Generator[Any, Any, None]:
        _need((yield from talk.greeting()))
        _need((yield from talk.hello()))
        if access.service != "submission" or access.tls == "none":
            return
        if access.tls == "opportunistic" and "STARTTLS" not in talk.core.extensions:
            return
        if "STARTTLS" not in talk.core.extensions:
            raise TalkFailed("the server offers no STARTTLS, and this program sends no password without it")
        _need((yield from talk.start_tls(access.server)))
        _need((yield from talk.hello()))

    def _transaction(self, talk: SmtpTalk, content: bytes, forward_paths: tuple[str, ...]) -> Generator[Any, Any, None]:
        sender, offered = self.person.spec, talk.core.extensions
        body = "" if content.isascii() else "8BITMIME"
        size = len(content) if "SIZE" in offered else None
        utf8 = needs_utf8(content, (sender, *forward_paths))
        if utf8 and "SMTPUTF8" not in offered:
            raise TalkFailed("the server takes no addresses with letters outside ASCII (SMTPUTF8)")
        options = MailOptions(size, body, utf8) if utf8 else None
        group = [commands.mail(sender, size=size, body=body, options=options)]
        for path in forward_paths:
            group.append(commands.rcpt(path, utf8=utf8))
        if len(forward_paths) == 1:  # of several, one may be refused, and then nothing is to be sent to the others
            group.append(commands.data())
        _need(*(yield from talk.say_together(tuple(group))))
        if len(forward_paths) > 1:
            _need((yield from talk.say(commands.data())))
        _need(*(yield from talk.say_content(content, 1, last=True)))


def _need(*replies: Reply) -> None:
    for reply in replies:
        if not reply.positive:
            raise TalkFailed(f"the server said: {reply}")
