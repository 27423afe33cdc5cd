"""What of a command may be shown: a password never, a letter not. RFC 9051, 6.2.2, 6.2.3 and 6.3.12."""

from __future__ import annotations

from typing import Final

from simulator.errors import RemoteProtocolError
from simulator.protocol.imap.scanner import Scanner
from simulator.protocol.imap.server.not_authenticated import login
from simulator.protocol.imap.table import TABLE, State

_MASK: Final = "***"


def argument_of(verb: str, octets: bytes) -> str:
    """Give what follows the verb; of APPEND only its first line, without the letter."""
    rest = octets.partition(b"\r\n")[0] if verb == "APPEND" else octets.removesuffix(b"\r\n")
    return rest.removeprefix(b" ").decode("latin-1")


def masked(state: State, verb: str, argument: str, octets: bytes) -> str:
    """Give the argument with its password hidden; before login what cannot be read may hold one anywhere."""
    if state is not State.NOT_AUTHENTICATED:
        return argument
    if verb == "AUTHENTICATE":
        mechanism, space, _ = argument.partition(" ")
        return f"{mechanism} {_MASK}" if space else mechanism
    if verb != "LOGIN":
        return argument if verb in TABLE[state] else _MASK
    try:
        return f"{login.read(Scanner(octets), tag='').user} {_MASK}"
    except RemoteProtocolError:
        return _MASK
