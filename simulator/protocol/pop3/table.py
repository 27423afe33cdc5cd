"""What may be said when, in POP3: state -> command -> state after +OK.

One table drives the server, checks the client, draws the state diagram and answers "what is legal now?".
Rules of the table: a command that is not in its state's row is refused with -ERR and changes nothing; +OK moves the
session to the state named; -ERR leaves it where it is, but for the rows of `AFTER_ERR`; AUTH without a mechanism only
lists them and moves nothing. Lines that are no commands (an authentication's responses) do not appear here.
RFC 1939, 3 to 7; RFC 2595, 4 (STLS); RFC 5034 (AUTH).
"""

from __future__ import annotations

from collections.abc import Mapping
from enum import StrEnum
from types import MappingProxyType
from typing import Final


class State(StrEnum):
    """The states of RFC 1939, with AUTHORIZATION in two: before and after a user is named."""

    __hash__ = str.__hash__  # Enum's own is a Python function, and the table is asked for every command

    AUTHORIZATION = "authorization"
    USER_NAMED = "authorization, user named"
    TRANSACTION = "transaction"
    UPDATE = "update"
    CLOSED = "closed"


_A, _N, _T, _U, _C = State.AUTHORIZATION, State.USER_NAMED, State.TRANSACTION, State.UPDATE, State.CLOSED

TABLE: Final[Mapping[State, Mapping[str, State]]] = MappingProxyType(
    {
        _A: MappingProxyType({"CAPA": _A, "QUIT": _C, "USER": _N, "APOP": _T, "AUTH": _T, "STLS": _A}),
        _N: MappingProxyType({"CAPA": _N, "QUIT": _C, "USER": _N, "PASS": _T, "APOP": _T, "AUTH": _T, "STLS": _A}),
        _T: MappingProxyType(
            {
                "CAPA": _T,
                "STAT": _T,
                "LIST": _T,
                "UIDL": _T,
                "RETR": _T,
                "TOP": _T,
                "DELE": _T,
                "RSET": _T,
                "NOOP": _T,
                "QUIT": _U,
            }
        ),
        _U: MappingProxyType({}),
        _C: MappingProxyType({}),
    }
)

AFTER_ERR: Final[Mapping[tuple[State, str], State]] = MappingProxyType({(_N, "PASS"): _A, (_T, "QUIT"): _U})
"""The honest exceptions: a failed PASS asks for USER again (RFC 1939, 7); QUIT ends the session even if the update
fails (RFC 1939, 6)."""

COMMANDS: Final[frozenset[str]] = frozenset(verb for row in TABLE.values() for verb in row)

SHOWN: Final[frozenset[str]] = COMMANDS - {"PASS", "AUTH", "APOP"}
"""Commands whose argument is no secret."""

MOVING: Final[frozenset[str]] = frozenset(
    verb for state, row in TABLE.items() for verb, then in row.items() if then is not state
)
"""Commands whose +OK may move the session; all others leave it where it is."""

MULTI_LINE: Final[frozenset[str]] = frozenset({"CAPA", "RETR", "TOP"})
"""Commands whose +OK is followed by lines up to a lone dot."""

LISTS: Final[frozenset[str]] = frozenset({"LIST", "UIDL", "AUTH"})
"""Commands for which the same holds when they name nothing."""


def legal(state: State) -> tuple[str, ...]:
    """Name the commands that may be given in `state`, in the order of the table."""
    return tuple(TABLE[state])


def after(state: State, verb: str, *, ok: bool, lists: bool = False) -> State:
    """Give the state that +OK (or -ERR) to `verb` leads to from `state`; `lists` is true for AUTH without mechanism."""
    if lists:
        return state
    if ok:
        return TABLE[state].get(verb, state)
    return AFTER_ERR.get((state, verb), state)


def is_multi_line(verb: str, argument: str) -> bool:
    """Tell whether +OK to this command is followed by lines."""
    return verb in MULTI_LINE or (verb in LISTS and not argument)
