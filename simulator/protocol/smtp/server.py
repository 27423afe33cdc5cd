"""The server's side of an SMTP or LMTP session: octets in, events out, replies back.

It checks form and order and answers what needs no judgement; everything that does (may this sender, is that a user, is
the password right) goes out as an event and waits for `reply`. RFC 5321, 3 and 4; RFC 2033; 2920; 3030; 3207.
"""

from collections.abc import Sequence
from typing import Final

from simulator import limits
from simulator.errors import LimitExceeded, LocalProtocolError, RemoteProtocolError
from simulator.protocol import sasl
from simulator.protocol.octets import CRLF, DotReader, content_fault, with_crlf_only
from simulator.protocol.smtp import replies, syntax, verbs
from simulator.protocol.smtp.chunks import Chunks, Incoming
from simulator.protocol.smtp.events import Command, Content, Credentials, SecretWanted, ServerEvent
from simulator.protocol.smtp.flow import DEAF, LINE_LIMIT, Flow
from simulator.protocol.smtp.options import MailOptions, RecipientOptions
from simulator.protocol.smtp.replies import Reply, reply
from simulator.protocol.smtp.states import COMMANDS, ENDS, IN_TRANSACTION, TABLE, State
from simulator.protocol.smtp.syntax import is_stranger, read_line

_POSITIVE: Final = {
    "MAIL": (250,),
    "RCPT": (250, 251),
    "DATA": (354,),
    "DATA-END": (250,),
    "BDAT-LAST": (250,),
    "VRFY": (250, 251, 252),
    "EXPN": (250, 252),
    "AUTH": (235,),
}
_LAST: Final = (221, 421)
"""Replies that end a session."""
_TURNS: Final = (220, 334, 354)
"""Replies after which no command comes: the client owes a handshake, a response, content."""


class SmtpServer(Flow):
    """One session with its octets: `SmtpServer(hostname=..., face=...)`, and what else stands in `Settings`.

    After an event whose `reply` is None the core waits for `reply` (LMTP content: `reply_for` or `reply_all`;
    `SecretWanted`: `provide`); until then `next_event` gives None and what comes in stays buffered. When `closed`, and
    `data_to_send` is drained, the connection is to be closed.
    """

    __slots__ = ()

    # --- the connection ---

    def next_event(self) -> ServerEvent | None:
        """Give the next command, content or credentials; None until more octets or a reply are there."""
        if self._waiting is not None:
            return None
        if self._aside:
            return self._next_aside()
        ahead = self._ahead
        if not ahead:
            refused = self._read_on() if self._by_line else None
            if not ahead:
                return refused
        said = ahead.pop()
        check = self._checks[self.state].get(said.verb)
        if check is None:
            return self._uncommon(said)
        event = check(self, said)
        if event.reply is None:
            self._waiting = event
        else:
            self._settle(event.verb, event.reply)
        return event

    def tls_started(self) -> None:
        """Say that the handshake after STARTTLS is done: what the client said in clear is forgotten (RFC 3207, 4.2)."""
        if self.state is not State.HANDSHAKE:
            raise LocalProtocolError("TLS starts only after a 220 reply to STARTTLS; answer one first")
        self._buffer.clear()
        self.tls = True
        self.state = TABLE[State.HANDSHAKE]["TLS"]
        self.forget_client()
        self._checks = verbs.checks_of(self.face.hello, needs_tls=self.needs_tls)

    # --- replies ---

    def greet(self, answer: Reply | None = None) -> Reply:
        """Open the session: `220 hostname ESMTP` by default; after 554 or 521 only QUIT is taken, after 421 nothing."""
        if self._greeted or self.closed:
            raise LocalProtocolError("the greeting has been sent; answer commands instead")
        if answer is None:
            answer = self.settings.greeting
        elif answer.code not in (220, 421, 521, 554):
            raise LocalProtocolError(f"{answer.code} is no greeting; use 220, 421, 521 or 554 (RFC 5321, 4.3.2)")
        self._greeted = True
        if answer.code == 220:
            self._say(answer.octets)
            self.state = TABLE[State.CONNECTED]["GREETING"]
            self._step_back()
        else:
            self._settle("GREETING", answer)
        return answer

    def reply(self, answer: Reply) -> None:
        """Answer the event given out last. Raises `LocalProtocolError` if none waits or the code cannot answer it."""
        event, code = self._waiting, answer.code
        if not isinstance(event, Command):
            self._conclude(event, answer)
            return
        verb = event.verb
        if code >= 400:
            self._waiting = None
            self._settle(verb, answer)
            return
        if code not in _POSITIVE[verb]:
            raise _wrong_code(verb, code)
        self._waiting = None
        self._keep(event)
        octets = answer.octets
        self._out.append(octets)
        self.pending += len(octets)
        self.state = TABLE[self.state][verb]

    def provide(self, stored: sasl.Secret) -> None:
        """Answer `SecretWanted`: the password or SCRAM's keys, None for an unknown user."""
        if not isinstance(self._waiting, SecretWanted):
            raise LocalProtocolError("no secret is wanted; answer commands instead")
        self._waiting = None
        self._provided = verbs.secret(self, stored)
        self._step_aside()

    def reply_for(self, recipient_index: int, answer: Reply) -> None:
        """Answer LMTP content for `recipients[recipient_index]`, in any order; sent in theirs (RFC 2033, 4.2)."""
        event, answers, count = self._waiting, self._answers, len(self.recipients)
        if not self.face.reply_each or not isinstance(event, Content):
            raise LocalProtocolError("only LMTP content is answered for each recipient; use reply")
        if not 0 <= recipient_index < count or recipient_index in answers:
            raise LocalProtocolError(f"recipient {recipient_index} is unknown or has its reply; take another")
        if answer.code < 400 and answer.code not in _POSITIVE[event.verb]:
            raise _wrong_code(event.verb, answer.code)
        answers[recipient_index] = answer
        if len(answers) == count:
            self._waiting = None
            for index in range(count - 1):
                self._say(answers[index].octets)
            self._settle(event.verb, answers[count - 1])

    def reply_all(self, answers: Sequence[Reply]) -> None:
        """Answer LMTP content for all accepted recipients, in their order."""
        if len(answers) != len(self.recipients):
            raise LocalProtocolError(f"{len(self.recipients)} recipients need as many replies; got {len(answers)}")
        for index, answer in enumerate(answers):
            self.reply_for(index, answer)

    def time_out(self) -> Reply:
        """End a session in which the client is silent; gives the reply that was sent (RFC 5321, 4.5.3.2.7)."""
        return self.hang_up(reply(421, "4.4.2", f"{self.settings.hostname} Error: timeout exceeded"))

    def shut_down(self) -> Reply:
        """End the session because the server stops (RFC 5321, 3.8)."""
        return self.hang_up(reply(421, "4.3.2", f"{self.settings.hostname} Service shutting down"))

    def hang_up(self, answer: Reply) -> Reply:
        """End the session with a 421 reply, whatever it is waiting for."""
        if answer.code != 421:
            raise LocalProtocolError(f"{answer.code} does not end a session; use 421 (RFC 5321, 3.8)")
        if not self.closed:
            self._say(answer.octets)
            self._close()
        return answer

    # --- inside ---

    def _read_on(self) -> ServerEvent | None:
        """Read one line out of the buffer; gives what it means if it cannot even be read."""
        try:
            line = self._buffer.next_line()
        except RemoteProtocolError as error:
            return self._refuse_line(error)
        if line is not None:
            self._ahead.append(read_line(line))
        else:
            self._by_line = self._buffer.holds
        return None

    def _uncommon(self, said: Command) -> ServerEvent | None:
        """Deal with what no check is made for now: a command out of order, a chunk, or what this face does not know."""
        verb = said.verb
        if verb == "BDAT":
            return self._begin_chunk(said)
        if verb == "ETRN":
            return self._give(verbs.etrn(said))
        refusal = said.reply
        if refusal is None and verb in COMMANDS and self.knows(verb):
            refusal = verbs.not_yet(self, verb)
        if refusal is None:
            refusal = replies.RULE_BREAKER if is_stranger(verb) else replies.UNKNOWN
        return self._give(said.answered(refusal))

    def _give(self, event: ServerEvent) -> ServerEvent:
        """Give an event out: it waits for policy unless it has its reply."""
        if event.reply is None:
            self._waiting = event
        else:
            self._settle(event.verb, event.reply)
        return event

    def _next_aside(self) -> ServerEvent | None:
        """Give the next event where it need not be a command line."""
        if not self._greeted or self.state in DEAF:
            return None
        if self._reader is not None:
            return self._next_content(self._reader)
        if self._incoming is not None:
            return self._next_chunk(self._incoming)
        if self._provided is not None:
            event, self._provided = self._provided, None
            return self._give(event)
        if self.exchange is not None or self._is_weary():
            return self._next_response()
        self._step_back()
        return self.next_event()

    def _next_response(self) -> ServerEvent | None:
        """Give what a line means that answers a challenge, or that is one too many."""
        try:
            line = self._buffer.next_line()
        except RemoteProtocolError as error:
            return self._refuse_line(error)
        if line is None:
            return None
        if self._is_weary():
            return self._too_many_errors(line + CRLF)
        self._buffer.limit = LINE_LIMIT
        return self._give(verbs.auth_response(self, line))

    def _next_content(self, reader: DotReader) -> ServerEvent | None:
        octets = reader.read(self._buffer) if len(self._buffer) else None
        if octets is None:
            return None
        self._reader = None
        self._step_back()
        return self._judge(Content(octets, replies.TOO_BIG if reader.too_big else None))

    def _begin_chunk(self, said: Command) -> ServerEvent | None:
        what = syntax.chunk(said.argument)
        if isinstance(what, Reply):
            return self._give(said.answered(what))
        refusal = verbs.not_yet(self, "BDAT") if "CHUNKING" in self.settings.offers else replies.NOT_IMPLEMENTED
        if self._chunks is None:
            self._chunks = Chunks(self.settings.size_limit)
        self._incoming = self._chunks.begin(said.argument, said.octets, what, refusal)
        self._step_aside()
        return self._next_chunk(self._incoming)

    def _next_chunk(self, incoming: Incoming) -> ServerEvent | None:
        chunks = self._chunks
        if chunks is None or not chunks.take(incoming, self._buffer):
            return None
        self._incoming = None
        answer, in_order = incoming.refusal, "BDAT" in TABLE[self.state]
        if incoming.what.last and in_order and answer in (None, replies.TOO_BIG):
            return self._judge(Content(chunks.whole(), answer, "BDAT-LAST", incoming.line))
        event = Command("BDAT", incoming.argument, incoming.line, answer or replies.chunk_taken(incoming.what.size))
        self._give(event)
        if answer is replies.TOO_BIG:  # RFC 3030, 2: the transaction has failed
            self.state = State.READY
            self._end_transaction()
        return event

    def _judge(self, content: Content) -> ServerEvent:
        """Refuse content for its form, or ask for a verdict."""
        answer = content.reply
        if answer is None:
            if self.settings.normalise_newlines:
                content = content._replace(octets=with_crlf_only(content.octets))
            fault = content_fault(content.octets)
            if fault is None:
                self._waiting = content
                return content
            answer = replies.LINE_TOO_LONG if fault == "line" else replies.bare_newline_in_content(fault)
        if self.face.reply_each:
            self._say(answer.octets * (len(self.recipients) - 1))
        self._settle(content.verb, answer)
        return Content(b"", answer, content.verb, content.line)

    def _refuse_line(self, error: RemoteProtocolError) -> ServerEvent:
        octets = self._buffer.refused
        self._buffer.limit = LINE_LIMIT
        if self._is_weary():
            return self._too_many_errors(octets)
        answer = replies.bare_newline(str(error))
        if isinstance(error, LimitExceeded):
            answer = replies.LINE_TOO_LONG if self.exchange is None else replies.AUTH_LINE_TOO_LONG
        self.exchange = None  # RFC 4954, 4: a line that is refused ends the exchange
        return self._give(Command("", "", octets, answer))

    def _is_weary(self) -> bool:
        return self.errors >= self.settings.error_limit or self.failed_logins >= limits.FAILED_LOGINS

    def _too_many_errors(self, octets: bytes) -> ServerEvent:
        answer = reply(421, "4.7.0", f"{self.settings.hostname} Error: too many errors")
        return self._give(Command("", "", octets, answer))

    def _conclude(self, event: ServerEvent | None, answer: Reply) -> None:
        """Answer a letter or a log-in."""
        if event is None or isinstance(event, SecretWanted):
            raise LocalProtocolError("nothing waits for a reply; take the next event first, or provide the secret")
        verb, code = event.verb, answer.code
        if self.face.reply_each and verb in ENDS and code != 421:
            raise LocalProtocolError("LMTP answers content once for each recipient; use reply_for or reply_all")
        if code < 400 and code not in _POSITIVE[verb]:
            raise _wrong_code(verb, code)
        self._waiting = None
        if not isinstance(event, Credentials):
            self._settle(verb, answer)
        elif code < 400:
            self.authenticated = event
            self._say(answer.octets)
        else:
            self.failed_logins += 1
            self._settle(verb, answer)

    def _keep(self, command: Command) -> None:
        """Keep what a positive reply makes true."""
        path, options = command.path, command.options
        if isinstance(options, RecipientOptions) and path is not None:
            self.recipients.append(path)
            self.recipient_options.append(options)
        elif isinstance(options, MailOptions):
            self.reverse_path, self.mail_options = path, options
        elif command.verb == "DATA":
            self._reader = DotReader(self.settings.size_limit)
            self._step_aside()

    def _settle(self, verb: str, answer: Reply) -> None:
        """Say a reply, and move as the table says."""
        octets, code = answer.octets, answer.code
        self._out.append(octets)
        self.pending += len(octets)
        if code != 250:
            if self._turned(verb, code):
                return
        elif verb in ENDS:
            self.errors = 0
        self.state = state = TABLE[self.state].get(verb, self.state)
        if self.reverse_path is not None and state not in IN_TRANSACTION:
            self._end_transaction()

    def _turned(self, verb: str, code: int) -> bool:
        """Do what a reply other than 250 brings along; tells whether that is all, and the table is not asked."""
        if code >= 400:
            self.errors += 1
        if code in _LAST:
            self._close()
            return True
        if code == 334:
            self._buffer.limit = limits.AUTH_LINE_OCTETS
        if code in _TURNS or self._is_weary():
            self._step_aside()
        return code == 334 or (code >= 400 and verb not in ENDS)


def _wrong_code(verb: str, code: int) -> LocalProtocolError:
    return LocalProtocolError(f"{code} cannot answer {verb}; use {_POSITIVE[verb][0]} or a refusal")
