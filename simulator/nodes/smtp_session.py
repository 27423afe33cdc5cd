"""One SMTP or LMTP connection on a server: the protocol core, the records, and a policy that decides.

The core judges form and order, the policy everything else; this module only carries events between them and writes each
command and reply into the trace with the cause of the chunk it came in.
"""

from __future__ import annotations

import ssl
from collections.abc import Callable, Generator
from functools import partial
from hashlib import sha256
from typing import Any, Final, Protocol

from simulator import limits
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

_SMTP: Final = kinds_smtp.SMTP_COMMAND, kinds_smtp.SMTP_REPLY, kinds_smtp.SMTP_DATA
_LMTP: Final = kinds_smtp.LMTP_COMMAND, kinds_smtp.LMTP_REPLY, kinds_smtp.LMTP_DATA


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

    def content(self, session: SmtpSession, octets: bytes) -> Replies | Generator[Any, Any, Replies]:
        """Take a letter; a task returns the replies where filters and look-ups take time."""
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
        face = core.face
        self._kinds = _LMTP if face.reply_each else _SMTP
        if face.implicit_tls and context is not None:
            secure_server(host, stream, face.name, context, self._greet)
        else:
            self._greet()

    def _greet(self) -> None:
        reply = self.core.greet()
        if self._trace.heard:
            self._write_reply("CONNECT", reply, "")
        self.flush()

    def say_goodbye(self, why: Goodbye) -> None:
        """Give 421 (RFC 5321, 3.8)."""
        self._record_reply("", self.core.time_out() if why == "silence" else self.core.shut_down(), "")

    def handle(self, event: ServerEvent) -> None:
        """Record a command, and its reply: the core's, or the policy's."""
        self._env.cause = self._chunk
        if not isinstance(event, Command):
            self._handle_other(event)
            return
        heard, reply, address = self._trace.heard, event.reply, ""
        if heard:
            path = event.path
            address = "" if path is None else path.text
            self._write_command(event.verb, address, event.argument)
        if reply is not None:
            if heard:
                self._write_own(event, reply)
            if event.verb == "STARTTLS" and reply.positive:
                self._start_tls()
            return
        answer = self._decide(event)
        if not isinstance(answer, Reply):
            self._wait_for(event, answer)
            return
        if heard:
            self._write_reply(event.verb, answer, address)
        self.core.reply(answer)

    def _handle_other(self, event: Content | SecretWanted | Credentials) -> None:
        if isinstance(event, Content):
            self._handle_content(event)
        elif isinstance(event, SecretWanted):
            self.core.provide(self.policy.secret(self, event))
        else:
            self._handle_login(event)

    def _handle_login(self, event: Credentials) -> None:
        heard = self._trace.heard
        if heard:
            self._write_command("AUTH", "", _argument(event.octets) or event.mechanism)
        answer = self.policy.login(self, event)
        if heard:
            self._write_reply("AUTH", answer, "")
        self.core.reply(answer)

    def _decide(self, command: Command) -> Answer:
        verb, policy = command.verb, self.policy
        if verb == "RCPT":
            return policy.rcpt(self, command)
        if verb == "MAIL":
            return policy.mail(self, command)
        if verb == "DATA":
            return START_DATA
        return policy.vrfy(self, command) if verb == "VRFY" else policy.expn(self, command)

    def _wait_for(self, command: Command, story: Generator[Any, Any, Reply]) -> None:
        """Answer a command when a task has decided."""
        address = "" if command.path is None else command.path.text

        def answer(reply: Reply) -> None:
            self._record_reply(command.verb, reply, address)
            self.core.reply(reply)

        self._go_aside(story, answer)

    def _go_aside(self, story: Generator[Any, Any, Any], answer: Callable[[Any], None]) -> None:
        """Let a task decide, give what it returns to `answer`, and go on with the session then."""
        self.busy = True
        self.host.spawn(story, partial(self._resume, answer), self._task_broke, name=f"{self.core.face.name} session")

    def _resume(self, answer: Callable[[Any], None], decided: Any) -> None:
        self.busy = False
        try:
            answer(decided)
        except Exception as error:  # noqa: BLE001 - whatever it is, it is this session's
            self.broke(error)
            return
        if not self.stream.closed:
            self.pump()

    def _task_broke(self, error: Exception) -> None:
        self.busy = False
        self.broke(error)

    def _start_tls(self) -> None:
        self.flush()
        self.forget_waiting()
        context = self._context
        if context is None:
            raise LocalProtocolError("STARTTLS was offered without a certificate")
        secure_server(self.host, self.stream, self.core.face.name, context, self.core.tls_started)

    def _handle_content(self, content: Content) -> None:
        if self._trace.heard:
            self._write_content(content)
        if content.reply is not None:
            self._record_reply("DATA-END", content.reply, "")
            return
        replies = self.policy.content(self, content.octets)
        if isinstance(replies, tuple):
            self._answer_content(replies)
        else:
            self._go_aside(replies, self._answer_content)

    def _answer_content(self, replies: Replies) -> None:
        core = self.core
        if core.face.reply_each:
            for recipient, reply in zip(tuple(core.recipients), replies, strict=True):
                self._record_reply("DATA-END", reply, recipient.text)
            core.reply_all(replies)
        else:
            self._record_reply("DATA-END", replies[0], "")
            core.reply(replies[0])
        self.point_out(self._env.cause)

    # Records

    def _record_reply(self, verb: str, reply: Reply, address: str) -> None:
        """Record a reply if somebody hears."""
        if self._trace.heard:
            self._write_reply(verb, reply, address)

    def _write_command(self, verb: str, address: str, argument: str) -> None:
        here, there = self._server, self._client
        values = (verb, address, argument, self.core.tls)
        self._trace.write_next(self._kinds[0], values, here, there, here, self._number)

    def _write_reply(self, verb: str, reply: Reply, address: str) -> None:
        here = self._server
        values = (reply.code, reply.enhanced, verb, reply.text, address)
        self._trace.write_next(self._kinds[1], values, here, here, self._client, self._number)

    def _write_own(self, command: Command, reply: Reply) -> None:
        """Record what the core answered by itself; the end of a letter that came in chunks is one, whatever ends it."""
        verb = command.verb
        if verb == "BDAT" and command.argument.upper().endswith("LAST"):
            verb = "DATA-END"
        self._write_reply(verb, reply, "")

    def _write_content(self, content: Content) -> None:
        """Record the letter and its envelope, after the last BDAT if it came so."""
        if content.line:  # its reply is that to the letter
            self._write_command("BDAT", "", _argument(content.line))
        core, octets = self.core, content.octets
        sender = "" if core.reverse_path is None else core.reverse_path.text
        recipients = tuple([path.text for path in core.recipients])
        self.write(self._kinds[2], (len(octets), sender, recipients, body_hash(octets)), to_server=True)


def _argument(line: bytes) -> str:
    """Give what stands behind the verb of a command line."""
    return line.decode("latin-1").strip().partition(" ")[2]


def body_hash(octets: bytes) -> str:
    """Return 16 hexadecimal digits of the body's SHA-256: the part of a letter that no hop may change."""
    return sha256(octets.partition(b"\r\n\r\n")[2]).hexdigest()[:16]
