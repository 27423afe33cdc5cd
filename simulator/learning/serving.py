"""The other way round: a client of the run speaks, and the learner is the server.

The client's lines are those of a real session of the run, its ear is the client core of every mail program here, and
what the real server answered is the key: a code that moves the session has to be that very code, a refusal has to be
of the same kind. RFC 5321, 4.2 and 4.3.2.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from simulator.engine.kinds import Record
from simulator.engine.trace import KIND, SESSION, value
from simulator.errors import ProtocolError
from simulator.protocol.smtp import ClientCommand, Reply, SmtpClient, commands
from simulator.text import _

__all__ = ["Given", "Serving", "Turn", "turns_of"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Turn:
    """What the client does, as lines to show, and what the real server answered to it."""

    verb: str
    said: tuple[str, ...]
    code: int
    text: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Given:
    """A reply as the learner gave it: its code (0 for what is no reply), whether it will do, and what is to be said."""

    text: str
    code: int
    good: bool
    remark: str = ""


def turns_of(records: Sequence[Record], session: int) -> tuple[Turn, ...]:
    """The turns of a session of SMTP, in order."""
    return tuple(_turns(record for record in records if record[SESSION] == session))


def _turns(records: Iterator[Record]) -> Iterator[Turn]:
    said: tuple[str, ...] = ()
    for record in records:
        kind = record[KIND].name
        if kind == "smtp.command":
            said = (f"{value(record, 'verb')} {value(record, 'argument')}".strip(),)
        elif kind == "smtp.data":
            said = (_("(the letter, {size} octets)").format(size=value(record, "size")), ".")
        elif kind == "smtp.reply":
            verb = str(value(record, "verb"))
            said = (_("(connects)"),) if verb == "CONNECT" else said
            yield Turn(verb=verb, said=said, code=int(value(record, "code")), text=str(value(record, "text")))


class Serving:
    """One session in which the learner answers; it ends with the last turn, or with the first wrong reply."""

    def __init__(self, turns: Sequence[Turn]) -> None:
        self._turns = tuple(turns)
        self._client = SmtpClient(hostname="client.example", auth_in_clear=True)
        self.given: list[Given] = []

    @property
    def turn(self) -> Turn | None:
        """What waits for a reply now; None when the session is over."""
        wrong = bool(self.given) and not self.given[-1].good
        return None if wrong or len(self.given) >= len(self._turns) else self._turns[len(self.given)]

    @property
    def good(self) -> bool:
        """Whether every turn was answered well."""
        return len(self.given) == len(self._turns) and all(one.good for one in self.given)

    def answer(self, text: str) -> Given:
        """Take a reply of one or several lines."""
        turn = self.turn
        assert turn is not None
        self.given.append(given := self._heard(turn, text))
        return given

    def _heard(self, turn: Turn, text: str) -> Given:
        try:
            reply = self._reply(turn, text)
        except (ProtocolError, ValueError) as error:
            code = int(text[:3]) if text[:3].isdigit() else 0
            return Given(text=text, code=code, good=False, remark=_why_unheard(turn, error))
        if reply is None:
            remark = _("The client still waits: in the last line of a reply a space follows the code.")
            return Given(text=text, code=0, good=False, remark=remark)
        good = reply.code == turn.code or (turn.code >= 400 and reply.code // 100 == turn.code // 100)
        return Given(text=text, code=reply.code, good=good, remark=_remark(turn, reply.code, good=good))

    def _reply(self, turn: Turn, text: str) -> Reply | None:
        client = self._client
        if turn.verb != "CONNECT":
            client.send(_command(turn))
            client.data_to_send()
        client.receive_data(b"".join(line.encode("latin-1") + b"\r\n" for line in text.split("\n")))
        event = client.next_event()
        return None if event is None else event.reply


def _command(turn: Turn) -> ClientCommand:
    return commands.content(b"\r\n") if turn.verb == "DATA-END" else commands.raw(turn.said[0])


def _why_unheard(turn: Turn, error: Exception) -> str:
    reason = str(error) if isinstance(error, ProtocolError) else _("only ASCII can be said")
    return _("The client cannot go on and hangs up: {reason}. The real server answered {code}.").format(
        reason=reason, code=turn.code
    )


def _remark(turn: Turn, code: int, *, good: bool) -> str:
    if good:
        return "" if code == turn.code else _("That will do; the real server said {code}.").format(code=turn.code)
    if code < 400 <= turn.code:
        return _("You have taken on what you cannot do. The real server answered {code}: {text}").format(
            code=turn.code, text=turn.text
        )
    if 400 <= code < 500:
        return _(
            "The client keeps the letter and comes again later, for nothing. The real server answered {code}."
        ).format(code=turn.code)
    if code >= 500:
        return _("The client gives up and reports a failure. The real server answered {code}.").format(code=turn.code)
    return _("That code means something else. The real server answered {code}.").format(code=turn.code)
