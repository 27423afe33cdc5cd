"""What is legal when: the transition table of SMTP and LMTP, for both ends of a session.

One table drives the server, checks the client, and answers "what is legal now?" (RFC 5321, 4.1.4).

Rules of the table:
* `TABLE[state][command]` is the state after a positive final reply (2xx, or 3xx to DATA). A 4xx or 5xx reply leaves the
  state as it is. A command that does not stand under a state is out of order there (503).
* There are no roles and no callables in it. Whether a command is offered, allowed by the face, or well formed is
  asked elsewhere; the table knows only order.
* GREETING, TLS, DATA-END and BDAT-LAST are no commands: the greeting, the end of a TLS handshake, the end of data and
  the end of the last chunk stand in the table because they move a session as commands do.

Honest exceptions:
* DATA-END and BDAT-LAST move the session whatever the reply: the transaction is over either way (RFC 5321, 4.1.1.4).
* A chunk that is refused although it was in order ends the transaction (RFC 3030, 2); the session is READY.
* The lines after AUTH's 334 are responses, not commands; the session stays READY until the final reply (RFC 4954, 4).
* A 421 reply to anything, and a 221 by which the server hangs up on a stranger, lead to CLOSED (RFC 5321, 3.8).
"""

from enum import StrEnum
from typing import Final

from simulator.protocol import diagram


class State(StrEnum):
    """Where a session stands."""

    __hash__ = str.__hash__  # Enum's own is a Python function, and the table is asked for every command

    CONNECTED = "connected"
    """Nothing has been said; the server owes its greeting."""
    GREETED = "greeted"
    """The client must introduce itself."""
    READY = "ready"
    """No mail transaction is open."""
    MAIL = "mail"
    """The reverse-path is known, no recipient yet."""
    RCPT = "rcpt"
    """At least one recipient has been accepted."""
    DATA = "data"
    """Content is coming in."""
    CHUNKS = "chunks"
    """Content has come in chunks; the last is still to come."""
    HANDSHAKE = "handshake"
    """STARTTLS has been accepted; TLS speaks."""
    CLOSED = "closed"
    """Nothing more will be said."""


_ALWAYS: Final = ("NOOP", "VRFY", "EXPN", "HELP")
_HELLO: Final = {"EHLO": State.READY, "HELO": State.READY, "LHLO": State.READY}
_CHUNK: Final = {"BDAT": State.CHUNKS, "BDAT-LAST": State.READY}


def _waiting(state: State, moves: dict[str, State]) -> dict[str, State]:
    reset = State.GREETED if state is State.GREETED else State.READY
    still = dict.fromkeys(_ALWAYS, state)
    return {**_HELLO, **moves, "RSET": reset, **still, "QUIT": State.CLOSED}


TABLE: Final[dict[State, dict[str, State]]] = {
    State.CONNECTED: {"GREETING": State.GREETED, "QUIT": State.CLOSED},  # after a 554 greeting only QUIT: RFC 5321, 3.1
    State.GREETED: _waiting(State.GREETED, {}),
    State.READY: _waiting(State.READY, {"STARTTLS": State.HANDSHAKE, "AUTH": State.READY, "MAIL": State.MAIL}),
    State.MAIL: _waiting(State.MAIL, {"RCPT": State.RCPT}),
    State.RCPT: _waiting(State.RCPT, {"RCPT": State.RCPT, "DATA": State.DATA, **_CHUNK}),
    State.DATA: {"DATA-END": State.READY},
    State.CHUNKS: _waiting(State.CHUNKS, _CHUNK),  # neither RCPT nor DATA: RFC 3030, 2
    State.HANDSHAKE: {"TLS": State.GREETED},
    State.CLOSED: {},
}

ENDS: Final = frozenset({"DATA-END", "BDAT-LAST"})
"""The two ways in which content ends."""
NOT_COMMANDS: Final = frozenset({"GREETING", "TLS"}) | ENDS
COMMANDS: Final = frozenset(verb for moves in TABLE.values() for verb in moves) - NOT_COMMANDS
IN_TRANSACTION: Final = frozenset({State.MAIL, State.RCPT, State.DATA, State.CHUNKS})


def legal_now(state: State) -> tuple[str, ...]:
    """Commands (and the four that are none) that the table allows in a state."""
    return tuple(TABLE[state])


def state_after(state: State, verb: str) -> State:
    """State after a positive reply to `verb`; the same state for a command that is out of order."""
    return TABLE[state].get(verb, state)


def drawing(*, hello: tuple[str, ...] = ("EHLO", "HELO"), name: str = "SMTP") -> str:
    """Draw the table as text for a face that opens with `hello`."""
    return diagram.as_text(
        _of_face(hello), title=f"{name}: commands in each state, and the state after a positive reply"
    )


def mermaid(*, hello: tuple[str, ...] = ("EHLO", "HELO")) -> str:
    """Draw the table as a Mermaid state diagram for a face that opens with `hello`."""
    return diagram.as_mermaid(_of_face(hello), start=State.CONNECTED)


def _of_face(hello: tuple[str, ...]) -> dict[State, dict[str, State]]:
    return {
        state: {verb: target for verb, target in moves.items() if verb not in _HELLO or verb in hello}
        for state, moves in TABLE.items()
    }
