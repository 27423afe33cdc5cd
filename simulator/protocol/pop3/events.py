"""What a POP3 server core tells its session, and what the session answers.

What comes with every command or session is a named tuple, which is made in a quarter of a dataclass's time. RFC 1939,
3; RFC 2449, 8.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from functools import partial
from typing import Final, NamedTuple

from simulator.protocol.pop3.maildrop import Maildrop

MASK: Final = "***"


class Command(NamedTuple):
    """A command that the core has answered: `reply` is its first line without CRLF, `octets` the size of what
    follows on the wire, `lines` the number of its lines without the final dot. `masked` is the argument with a password
    hidden. An unreadable line has verb "".

    After +OK to STLS send what waits, do the handshake, then call `tls_started()`."""

    verb: str
    argument: str
    masked: str
    reply: str
    octets: int = 0
    lines: int = 0


command: Final[Callable[[tuple[str, str, str, str, int, int]], Command]] = partial(tuple.__new__, Command)
"""Makes a `Command` of its six values, at a third of the price."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Begun:
    """APOP or AUTH was begun; `SecretAsked`, `Login` or `Failed` tells how it goes on."""

    verb: str
    argument: str
    masked: str
    reply: None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class SecretAsked:
    """APOP or AUTH needs what is stored about `user`: answer with `provide(...)`, None for nobody of that name."""

    mechanism: str
    user: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Failed:
    """What was begun has failed before policy was asked; `reply` is the line that says so."""

    verb: str
    reply: str


class Login(NamedTuple):
    """PASS, APOP or AUTH asks for policy: answer with `reply(LoggedIn(maildrop))` or `reply(Refused(...))`.

    `mechanism` is USER, APOP or the SASL mechanism, `authzid` "" or whom to act for; `verified` is None where
    `password` is still to be compared, else the verdict of a mechanism that shows none."""

    user: str
    password: str
    verb: str = "PASS"
    argument: str = ""
    masked: str = MASK
    reply: None = None
    mechanism: str = "USER"
    authzid: str = ""
    verified: bool | None = None

    def __repr__(self) -> str:
        """Show no password."""
        return f"Login(user={self.user!r}, verb={self.verb!r}, mechanism={self.mechanism!r})"


class Update(NamedTuple):
    """QUIT asks for the removal of `deleted` (message numbers, ascending): answer with `reply(Updated())` when it is
    done, or `reply(Refused(...))`. Nothing else ever removes a message."""

    deleted: tuple[int, ...]
    verb: str = "QUIT"
    argument: str = ""
    masked: str = ""
    reply: None = None


Event = Command | Begun | SecretAsked | Failed | Login | Update


class LoggedIn(NamedTuple):
    """Answer to `Login`: the locked maildrop."""

    maildrop: Maildrop


@dataclass(frozen=True, slots=True)
class Updated:
    """Answer to `Update`: the messages are gone."""


@dataclass(frozen=True, slots=True)
class Refused:
    """Answer to `Login` or `Update`: -ERR, with a response code (AUTH, IN-USE, SYS/TEMP, SYS/PERM, LOGIN-DELAY:
    RFC 2449, 8; RFC 3206) or None."""

    text: str = "Authentication failed."
    code: str | None = "AUTH"
