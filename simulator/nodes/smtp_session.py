"""One SMTP or LMTP connection on a server: the protocol core, the records, and a policy that decides.

The core judges form and order, the policy everything else; this module only carries events between them and writes each
command and reply into the trace with the cause of the chunk it came in.
"""

from __future__ import annotations

import ssl
from collections.abc import Callable, Generator
from hashlib import sha256
from typing import Any, Protocol

from simulator import limits
from simulator.engine.kinds import Kind, Record
from simulator.engine.stream import Stream
from simulator.errors import LocalProtocolError
from simulator.nodes.host import Host
from simulator.nodes.session import Goodbye, Session
from simulator.nodes.tls_filter import secure_server
from simulator.protocol.sasl import Secret
from simulator.protocol.smtp.events import Command, Content, Credentials, SecretWanted, ServerEvent
from simulator.protocol.smtp.replies import START_DATA, Reply
from simulator.protocol.smtp.server import SmtpServer
from simulator.records import kinds_smtp

__all__ = ["Answer", "Policy", "Replies", "SmtpSession"]

Answer = Reply | Generator[Any, Any, Reply]
"""A reply, or a task that returns one where the decision takes time (a look-up, a greylist)."""

Replies = tuple[Reply, ...]
"""The replies to the end of data: one, or with LMTP one for each accepted recipient."""


class Policy(Protocol):
    """What a server decides: may this sender, is that a user, is the password right, what becomes of the letter."""

    def mail(self, session: SmtpSession, command: Command) -> Answer:
        """Answer MAIL."""
        ...

    def rcpt(self, session: SmtpSession, command: Command) -> Answer:
        """Answer RCPT."""
        ...

    def vrfy(self, session: SmtpSession, command: Command) -> Answer:
        """Answer VRFY."""
        ...

    def expn(self, session: SmtpSession, command: Command) -> Answer:
        """Answer EXPN."""
        ...

    def secret(self, session: SmtpSession, wanted: SecretWanted) -> Secret:
        """Give what is stored about a user for CRAM-MD5 or SCRAM, None for nobody."""
        ...

    def login(self, session: SmtpSession, credentials: Credentials) -> Reply:
        """Answer AUTH."""
        ...

    def content(self, session: SmtpSession, octets: bytes) -> Generator[Any, Any, Replies]:
        """Take a letter: a task, because filters and look-ups take time; it returns the replies."""
        ...


class SmtpSession(Session):
    """One session; `core` says which face it has."""

    def __init__(
        self, host: Host, stream: Stream, core: SmtpServer, policy: Policy, *, context: ssl.SSLContext | None = None
    ) -> None:
        super().__init__(host, stream, core, limits.IDLE_SMTP_US)
        self.core = core
        self.policy = policy
        self._context = context
        self._errors = 0
        lmtp = core.face.reply_each
        self._command_kind: Kind = kinds_smtp.LMTP_COMMAND if lmtp else kinds_smtp.SMTP_COMMAND
        self._reply_kind: Kind = kinds_smtp.LMTP_REPLY if lmtp else kinds_smtp.SMTP_REPLY
        self._data_kind: Kind = kinds_smtp.LMTP_DATA if lmtp else kinds_smtp.SMTP_DATA
        if core.face.implicit_tls and context is not None:
            secure_server(host, stream, core.face.name, context, self._greet)
        else:
            self._greet()

    def _greet(self) -> None:
        self._record_reply("CONNECT", self.core.greet(), "")
        self.flush()

    def say_goodbye(self, why: Goodbye) -> None:
        """Give 421 (RFC 5321, 3.8)."""
        self._record_reply("", self.core.time_out() if why == "silence" else self.core.shut_down(), "")

    def pause(self) -> int:
        """Hold back the reply to each error from the tenth on (Postfix: smtpd_error_sleep_time)."""
        before, self._errors = self._errors, self.core.errors
        slow = self._errors > before and self._errors >= limits.ERRORS_SLOW and not self.core.closed
        return limits.ERROR_DELAY_US if slow else 0

    def handle(self, event: ServerEvent) -> None:
        """Record a command, and its reply: the core's, or the policy's."""
        self.begin_command()
        if isinstance(event, Command):
            self._handle_command(event)
        elif isinstance(event, Content):
            self._handle_content(event)
        elif isinstance(event, SecretWanted):
            self.core.provide(self.policy.secret(self, event))
        else:
            self._handle_login(event)

    def _handle_login(self, event: Credentials) -> None:
        argument = event.octets.decode("latin-1").strip().partition(" ")[2]
        self.write(self._command_kind, ("AUTH", "", argument or event.mechanism, self.core.tls), to_server=True)
        self._answer("AUTH", event.reply or self.policy.login(self, event), "", answered=event.reply is not None)

    def _handle_command(self, event: Command) -> None:
        address = "" if event.path is None else str(event.path)
        self.write(self._command_kind, (event.verb, address, event.argument, self.core.tls), to_server=True)
        if event.reply is not None:
            last = event.verb == "BDAT" and event.argument.upper().endswith("LAST")
            self._record_reply("DATA-END" if last else event.verb, event.reply, address)
            if event.verb == "STARTTLS" and event.reply.positive:
                self._start_tls()
        else:
            self._answer_or_wait(event.verb, self._decide(event), address)

    def _decide(self, command: Command) -> Answer:
        if command.verb == "MAIL":
            return self.policy.mail(self, command)
        if command.verb == "RCPT":
            return self.policy.rcpt(self, command)
        if command.verb == "VRFY":
            return self.policy.vrfy(self, command)
        if command.verb == "EXPN":
            return self.policy.expn(self, command)
        return START_DATA

    def _answer_or_wait(self, verb: str, answer: Answer, address: str) -> None:
        if isinstance(answer, Reply):
            self._answer(verb, answer, address)
            return
        self.busy = True

        def decided(reply: Reply) -> None:
            self._resume(lambda: self._answer(verb, reply, address))

        self.host.spawn(answer, decided, self._task_broke, name=f"{self.core.face.name} session")

    def _answer(self, verb: str, reply: Reply, address: str, *, answered: bool = False) -> None:
        self._record_reply(verb, reply, address)
        if not answered:
            self.core.reply(reply)

    def _start_tls(self) -> None:
        self.flush()
        self.forget_waiting()
        context = self._context
        if context is None:
            raise LocalProtocolError("STARTTLS was offered without a certificate")
        secure_server(self.host, self.stream, self.core.face.name, context, self.core.tls_started)

    def _handle_content(self, content: Content) -> None:
        core = self.core
        recipients = tuple(map(str, core.recipients))
        sender = "" if core.reverse_path is None else str(core.reverse_path)
        if content.line:  # the last BDAT; its reply is that to the letter
            argument = content.line.decode("latin-1").strip().partition(" ")[2]
            self.write(self._command_kind, ("BDAT", "", argument, self.core.tls), to_server=True)
        values = (len(content.octets), sender, recipients, body_hash(content.octets))
        self.write(self._data_kind, values, to_server=True)
        if content.reply is not None:
            self._record_reply("DATA-END", content.reply, "")
            return
        self.busy = True
        story = self.policy.content(self, content.octets)
        self.host.spawn(story, self._content_answered, self._task_broke, name=f"{core.face.name} session")

    def _content_answered(self, replies: Replies) -> None:
        self._resume(lambda: self._answer_content(replies))

    def _resume(self, step: Callable[[], None]) -> None:
        """Go on with the session when a task that it waited for has ended."""
        self.busy = False
        try:
            step()
        except Exception as error:  # noqa: BLE001 - whatever it is, it is this session's
            self.broke(error)
            return
        if not self.stream.closed:
            self.pump()

    def _answer_content(self, replies: Replies) -> None:
        core = self.core
        if core.face.reply_each:
            for recipient, reply in zip(tuple(core.recipients), replies, strict=True):
                record = self._record_reply("DATA-END", reply, str(recipient))
            core.reply_all(list(replies))
        else:
            record = self._record_reply("DATA-END", replies[0], "")
            core.reply(replies[0])
        self.point_out(record)

    def _task_broke(self, error: Exception) -> None:
        self.busy = False
        self.broke(error)

    def _record_reply(self, verb: str, reply: Reply, address: str) -> Record:
        values = (reply.code, reply.enhanced, verb, reply.text, address)
        return self.write(self._reply_kind, values, to_server=False)


def body_hash(octets: bytes) -> str:
    """Return 16 hexadecimal digits of the body's SHA-256: the part of a letter that no hop may change."""
    return sha256(octets.partition(b"\r\n\r\n")[2]).hexdigest()[:16]
