"""What may be said when, in IMAP: state -> command -> state after OK.

One table drives the server, checks the client, draws the state diagram and answers "what is legal now?".
Rules of the table: a command that is not in its state's row is refused with BAD and changes nothing; OK moves the
session to the state named; NO and BAD leave it where it is, but for the rows of `AFTER_NO`; `CLOSING` names the one
command whose OK may do more. Lines that are no commands (the rest of a command after a literal, an authentication's
responses, DONE) do not appear here. RFC 9051, 3 and 6; RFC 3501, 3; RFC 2177, 6851 and 9208 for IDLE, MOVE and QUOTA.
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

_ANY: Final = ("CAPABILITY", "NOOP", "LOGOUT", "ID")
_BEFORE_LOGIN: Final = ("STARTTLS", "AUTHENTICATE", "LOGIN")
_LOGGED_IN: Final = (
    *("LIST", "LSUB", "SELECT", "EXAMINE", "STATUS", "CREATE", "DELETE", "RENAME", "SUBSCRIBE", "UNSUBSCRIBE"),
    *("APPEND", "IDLE", "NAMESPACE", "GETQUOTA", "GETQUOTAROOT"),
)
_OPEN: Final = (
    *("CHECK", "CLOSE", "UNSELECT", "EXPUNGE", "FETCH", "SEARCH", "STORE", "COPY", "MOVE"),
    *("UID EXPUNGE", "UID FETCH", "UID SEARCH", "UID STORE", "UID COPY", "UID MOVE"),
)
_MOVES: Final = {
    "LOGOUT": _L,
    "LOGIN": _A,
    "AUTHENTICATE": _A,
    "SELECT": _S,
    "EXAMINE": _S,
    "CLOSE": _A,
    "UNSELECT": _A,
}


def _row(state: State, *verbs: str) -> Mapping[str, State]:
    return MappingProxyType({verb: _MOVES.get(verb, state) for verb in verbs})


TABLE: Final[Mapping[State, Mapping[str, State]]] = MappingProxyType(
    {
        _N: _row(_N, *_ANY, *_BEFORE_LOGIN),
        _A: _row(_A, *_ANY, "ENABLE", *_LOGGED_IN),  # ENABLE only before a mailbox is selected (RFC 5161, 3.1)
        _S: _row(_S, *_ANY, *_LOGGED_IN, *_OPEN),
        _L: _row(_L),
    }
)

AFTER_NO: Final[Mapping[tuple[State, str], State]] = MappingProxyType({(_S, "SELECT"): _A, (_S, "EXAMINE"): _A})
"""One honest exception: a SELECT that fails has already left the mailbox (RFC 9051, 6.3.2)."""
CLOSING: Final = "DELETE"
"""The other: a DELETE of the selected mailbox leaves it, and says so with `[CLOSED]` (RFC 9051, 7.1)."""

COMMANDS: Final[frozenset[str]] = frozenset(verb for row in TABLE.values() for verb in row)

NO_EXPUNGE_DURING: Final[frozenset[str]] = frozenset({"FETCH", "STORE", "SEARCH"})
"""Commands whose message numbers must not shift under them; their UID forms may tell of EXPUNGE (RFC 9051, 7.5.1)."""


def legal(state: State) -> tuple[str, ...]:
    """Name the commands that may be given in `state`, in the order of the table."""
    return tuple(TABLE[state])


def after(state: State, verb: str, status: str, *, closed: bool = False) -> State:
    """Give the state that the final response `status` (OK, NO, BAD) to `verb` leads to from `state`.

    `closed` is true after a `[CLOSED]` before that response.
    """
    if closed and verb == CLOSING and state is _S:
        return _A
    if status == "OK":
        return TABLE[state].get(verb, state)
    if status == "NO":
        return AFTER_NO.get((state, verb), state)
    return state
