"""What may be said when, in IMAP: state -> command -> state after OK.

One table drives the server, checks the client, draws the state diagram and answers "what is legal now?".
Rules of the table: a command that is not in its state's row is refused with BAD and changes nothing; OK moves the
session to the state named; NO and BAD leave it where it is, but for the rows of `AFTER_NO`. Lines that are no
commands (the rest of a command after a literal) do not appear here. RFC 9051, 3 and 6; RFC 3501, 3.
"""

from __future__ import annotations

from collections.abc import Mapping
from enum import Enum
from types import MappingProxyType
from typing import Final


class State(Enum):
    """The four states of RFC 9051, 3."""

    NOT_AUTHENTICATED = "not authenticated"
    AUTHENTICATED = "authenticated"
    SELECTED = "selected"
    LOGOUT = "logout"


_N, _A, _S, _L = State.NOT_AUTHENTICATED, State.AUTHENTICATED, State.SELECTED, State.LOGOUT

TABLE: Final[Mapping[State, Mapping[str, State]]] = MappingProxyType(
    {
        _N: MappingProxyType({"CAPABILITY": _N, "NOOP": _N, "LOGOUT": _L, "LOGIN": _A}),
        _A: MappingProxyType(
            {
                "CAPABILITY": _A,
                "NOOP": _A,
                "LOGOUT": _L,
                "LIST": _A,
                "SELECT": _S,
                "EXAMINE": _S,
                "STATUS": _A,
            }
        ),
        _S: MappingProxyType(
            {
                "CAPABILITY": _S,
                "NOOP": _S,
                "LOGOUT": _L,
                "LIST": _S,
                "SELECT": _S,
                "EXAMINE": _S,
                "STATUS": _S,
                "CHECK": _S,
                "CLOSE": _A,
                "UNSELECT": _A,
                "EXPUNGE": _S,
                "FETCH": _S,
                "SEARCH": _S,
                "STORE": _S,
                "UID EXPUNGE": _S,
                "UID FETCH": _S,
                "UID SEARCH": _S,
                "UID STORE": _S,
            }
        ),
        _L: MappingProxyType({}),
    }
)

AFTER_NO: Final[Mapping[tuple[State, str], State]] = MappingProxyType({(_S, "SELECT"): _A, (_S, "EXAMINE"): _A})
"""The honest exception: a SELECT that fails has already left the mailbox (RFC 9051, 6.3.2)."""

COMMANDS: Final[frozenset[str]] = frozenset(verb for row in TABLE.values() for verb in row)

NO_EXPUNGE_DURING: Final[frozenset[str]] = frozenset({"FETCH", "STORE", "SEARCH"})
"""Commands whose message numbers must not shift under them; their UID forms may tell of EXPUNGE (RFC 9051, 7.5.1)."""


def legal(state: State) -> tuple[str, ...]:
    """Name the commands that may be given in `state`, in the order of the table."""
    return tuple(TABLE[state])


def after(state: State, verb: str, status: str) -> State:
    """Give the state that the final response `status` (OK, NO, BAD) to `verb` leads to from `state`."""
    if status == "OK":
        return TABLE[state].get(verb, state)
    if status == "NO":
        return AFTER_NO.get((state, verb), state)
    return state
