"""What a hand may say now, in SMTP and in POP3: the states of a dialogue, and what its answers mean.

Why: a line is judged by the table of its own protocol, and the dialogue need not know which one it is. RFC 5321, 4.1.4;
RFC 1939, 3.
"""

from __future__ import annotations

from typing import Final, Protocol

from simulator.protocol.pop3 import table as pop3
from simulator.protocol.smtp.states import NOT_COMMANDS, TABLE, State, state_after

__all__ = ["Speech", "speech_of"]

_FAREWELLS: Final = ("221", "421")
_IF_OFFERED: Final = frozenset({"STARTTLS", "AUTH"})
"""Commands that an SMTP server knows only if its answer to EHLO names them."""


class Speech(Protocol):
    """The client's side of one protocol; an answer is its lines, and `verb` what they answer."""

    @property
    def legal(self) -> tuple[str, ...]:
        """The commands that are in order now."""

    @property
    def awaits_tls(self) -> bool:
        """Whether a handshake has to come now."""

    def accepted(self, answer: tuple[str, ...]) -> bool:
        """Whether the server took a line."""

    def ends(self, verb: str, answer: tuple[str, ...]) -> bool:
        """Whether an answer is the server's last."""

    def moved(self, verb: str, answer: tuple[str, ...]) -> None:
        """Go to the state that an answer leads to."""


class _Smtp:
    """SMTP, by the server's own table."""

    def __init__(self) -> None:
        self._state = State.CONNECTED
        self._offered: frozenset[str] = frozenset()

    @property
    def legal(self) -> tuple[str, ...]:
        unknown = {"LHLO", "BDAT", *NOT_COMMANDS, *(_IF_OFFERED - self._offered)}
        return tuple(verb for verb in TABLE[self._state] if verb not in unknown)

    @property
    def awaits_tls(self) -> bool:
        return self._state is State.HANDSHAKE

    def accepted(self, answer: tuple[str, ...]) -> bool:
        return bool(answer) and answer[-1][:1] in "23"

    def ends(self, verb: str, answer: tuple[str, ...]) -> bool:
        return bool(answer) and answer[-1][:3] in _FAREWELLS

    def moved(self, verb: str, answer: tuple[str, ...]) -> None:
        if answer and verb != "QUIT" and (self.accepted(answer) or verb == "DATA-END"):
            self._state = state_after(self._state, verb)
        if verb == "EHLO":
            self._offered = frozenset(line[4:].partition(" ")[0] for line in answer[1:])


class _Pop3:
    """POP3, by the server's own table."""

    def __init__(self) -> None:
        self._state = pop3.State.AUTHORIZATION
        self.awaits_tls = False

    @property
    def legal(self) -> tuple[str, ...]:
        return pop3.legal(self._state)

    def accepted(self, answer: tuple[str, ...]) -> bool:
        return bool(answer) and answer[0].startswith("+OK")

    def ends(self, verb: str, answer: tuple[str, ...]) -> bool:
        return verb == "QUIT" and self.accepted(answer)

    def moved(self, verb: str, answer: tuple[str, ...]) -> None:
        if answer and verb != "GREETING":
            self._state = pop3.after(self._state, verb, ok=self.accepted(answer))
            self.awaits_tls = verb == "STLS" and self.accepted(answer)


def speech_of(greeting: tuple[str, ...]) -> Speech:
    """Return the protocol in which a server has greeted."""
    return _Pop3() if greeting and greeting[0].startswith(("+OK", "-ERR")) else _Smtp()
