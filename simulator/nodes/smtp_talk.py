"""A client's dialogue in SMTP or LMTP, read from top to bottom: say a command, get its reply.

Mail programs, relays and the queue's way to the delivery agent all speak through it, so that deadlines and the handling
of peers that break off are the same everywhere.
"""

from __future__ import annotations

import ssl
from collections.abc import Generator
from typing import Any

from simulator.engine.stream import Stream
from simulator.errors import LocalProtocolError, RemoteProtocolError
from simulator.nodes.host import Host
from simulator.nodes.talk import TalkFailed, TurnTalk, secured
from simulator.protocol import sasl
from simulator.protocol.smtp import ClientCommand, Face, Reply, SmtpClient, State, commands

__all__ = ["SmtpTalk"]


class SmtpTalk(TurnTalk):
    """One dialogue over one stream; use its steps with `yield from`. All raise TalkFailed when it cannot go on."""

    _interjects = False
    _parting = False
    """Whether QUIT went with the letter."""

    def __init__(self, host: Host, stream: Stream, face: Face) -> None:
        self.core = core = SmtpClient(hostname=host.hostname, face=face)
        super().__init__(host, stream, core)
        self._next = core.next_reply

    def greeting(self) -> Generator[Any, Any, Reply]:
        """Wait for the server's greeting."""
        reply: Reply
        (reply,) = yield from self._turn(1)
        return reply

    def hello(self) -> Generator[Any, Any, Reply]:
        """Introduce this side: LHLO, or EHLO and, for a server that does not know it, HELO (RFC 5321, 3.2)."""
        self.core.send(self.core.hello())
        reply: Reply
        (reply,) = yield from self._turn(1)
        if not reply.positive and reply.code != 421 and not self.core.face.reply_each:
            reply = yield from self.say(commands.helo(self.host.hostname))
        return reply

    def say(self, command: ClientCommand) -> Generator[Any, Any, Reply]:
        """Say one command and wait for its reply."""
        self.core.send(command)
        reply: Reply
        (reply,) = yield from self._turn(1)
        return reply

    def say_together(self, group: tuple[ClientCommand, ...]) -> Generator[Any, Any, tuple[Reply, ...]]:
        """Say several commands, in one chunk if the server pipelines (RFC 2920), and wait for all replies.

        Where it does not, a refusal that leaves the next one out of order (of MAIL) ends the group: fewer replies. A
        421 ends the session, and stands for the replies that will not come.
        """
        if not self.core.pipelining:
            return self._say_in_turn(group)
        self.core.send(*group)
        return self._turn(len(group))

    def _say_in_turn(self, group: tuple[ClientCommand, ...]) -> Generator[Any, Any, tuple[Reply, ...]]:
        core = self.core
        replies: list[Reply] = []
        for command in group:
            if replies and core.closed:
                replies.append(replies[-1])
            elif replies and command.verb not in core.legal_now():
                break
            else:
                replies.append((yield from self.say(command)))
        return tuple(replies)

    def say_content(self, octets: bytes, count: int, *, last: bool = False) -> Generator[Any, Any, tuple[Reply, ...]]:
        """Send the letter and wait for `count` replies: one, or with LMTP one for each accepted recipient.

        With the `last` letter goes QUIT, if the server pipelines.
        """
        content = commands.content(octets)
        if last and self.core.pipelining:
            self.core.send(content, commands.quit_())
            self._parting = True
        else:
            self.core.send(content)
        return self._turn(count)

    def _reply_by_reply(self, count: int, deadline: int = 0) -> Generator[Any, Any, tuple[Reply, ...]]:
        replies: list[Reply] = []
        while len(replies) < count:
            over = replies and self.core.closed
            replies.append(replies[-1] if over else (yield from self.next_event(deadline)))
            deadline = 0
        return tuple(replies)

    def say_nothing(self) -> Generator[Any, Any, None]:
        """Send an empty letter where one is awaited although nobody will get it (RFC 2920, 3.1).

        By LMTP no reply comes to it (RFC 2033, 4.2); it goes with what is said next.
        """
        if self.core.state is State.DATA:
            self.core.send(commands.content(b""))
            if not self.core.face.reply_each:
                yield from self._turn(1)

    def start_tls(self, name: str, *, context: ssl.SSLContext | None = None) -> Generator[Any, Any, Reply]:
        """Say STARTTLS and, if the server is ready, shake hands (RFC 3207). Raises TlsError too.

        The certificate is checked, unless a `context` is given that trusts anybody.
        """
        reply = yield from self.say(commands.starttls())
        if reply.positive:
            yield secured(self.host, self.stream, self.core.face.name, name, context=context)
            self.core.tls_started()
        return reply

    def log_in(self, user: str, password: str) -> Generator[Any, Any, Reply]:
        """Authenticate by the strongest mechanism that both sides know (RFC 4954, 4)."""
        mechanism = sasl.strongest(self.core.mechanisms)
        if mechanism is None:
            raise TalkFailed("the server offers no way to log in that this program knows")
        nonce = ""
        if mechanism == "SCRAM-SHA-256":
            nonce = f"{self.host.env.random(f'sasl/{self.host.name}').getrandbits(96):024x}"
        exchange = sasl.client_exchange(mechanism, user, password, nonce=nonce)
        reply = yield from self.say(commands.auth(mechanism, exchange.initial()))
        while reply.code == 334:
            response = self._response(exchange, reply.text)
            reply = yield from self.say(response)
            if reply.code == 334 and response == commands.auth_cancel():
                raise TalkFailed("the server goes on with an exchange that this program gave up")
        if reply.positive and not exchange.finished:
            raise TalkFailed("the server let us in without proving that it knows the password")
        return reply

    def _response(self, exchange: sasl.ClientExchange, challenge: str) -> ClientCommand:
        """Answer a challenge, or give the authentication up when it is none (RFC 4954, 4)."""
        try:
            octets = exchange.step(sasl.decode_base64(challenge.encode("latin-1")))
        except RemoteProtocolError:
            return commands.auth_cancel()
        return commands.auth_response(octets)

    def quit(self) -> Generator[Any, Any, None]:
        """Say QUIT and end the connection; a peer that is gone already, or gave 421, is no error any more."""
        if self.core.closed:
            self.stream.close()
            return
        try:
            if not self._parting:
                self.core.send(commands.quit_())
            yield from self.next_event()
        except (TalkFailed, LocalProtocolError):  # the latter in the middle of content, where QUIT would be text
            self.stream.reset()
        else:
            self.stream.close()

    def leave(self) -> None:
        """Say QUIT, unless it went with the letter, and wait for its reply without making anybody wait for that."""
        if self.core.closed:
            self.stream.close()
        elif not (self._parting and self.host.up and self._parted()):
            self.host.spawn(self.quit(), name="QUIT")

    def _parted(self) -> bool:
        """End the connection if the reply to QUIT came with the one to the letter."""
        try:
            over = self._read() is not None
        except TalkFailed:
            return True
        if over:
            self.stream.close()
        return over
