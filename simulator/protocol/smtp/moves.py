"""What comes of a client's command in a usual session: derived from the table once, because each command asks for it.

The client foresees by it where its session will stand, which reply comes, and what may follow at once (RFC 2920, 3.1).
"""

from functools import lru_cache
from typing import Final

from simulator.protocol.smtp.states import TABLE, State

HELLOS: Final = frozenset({"EHLO", "HELO", "LHLO"})
NOT_SAID: Final = frozenset({"GREETING", "TLS"})
"""What stands in the table and is nothing that a client says."""
GROUP_MEMBERS: Final = frozenset({"MAIL", "RCPT", "RSET", "BDAT", "DATA-END"})
"""What another command may follow before its reply has come (RFC 2920, 3.1: content may begin a group; RFC 3030, 2)."""
USUAL: Final = {
    "GREETING": 220, "EHLO": 250, "LHLO": 250, "STARTTLS": 220, "AUTH": 235, "MAIL": 250, "RCPT": 250, "DATA": 354,
    "DATA-END": 250, "QUIT": 221,
}  # fmt: skip
"""The replies of a session in which nothing goes wrong: they move it as the client foresaw."""

Move = tuple[State, int, bool]
"""What comes of a command: the state after it, its usual reply (0: none is), and whether another may follow at once."""


def move(state: State, verb: str) -> Move:
    """What comes of a command that may be said in a state."""
    return TABLE[state].get(verb, state), USUAL.get(verb, 0), verb in GROUP_MEMBERS


@lru_cache(maxsize=16)
def plain_moves(hello: tuple[str, ...]) -> dict[State, dict[str, Move]]:
    """By state and verb, for faces with this hello, without what may be said, or not, for more than its place there."""
    special = {"AUTH", "BDAT-LAST", *NOT_SAID, *HELLOS.difference(hello)}
    return {state: {verb: move(state, verb) for verb in moves if verb not in special} for state, moves in TABLE.items()}
