"""The state diagrams of the protocols, drawn from the tables that servers and clients obey."""

from __future__ import annotations

from collections.abc import Callable
from typing import Final

from ..protocol.diagram import as_mermaid, as_text
from ..protocol.imap import table as imap
from ..protocol.pop3 import table as pop3
from ..protocol.smtp import states as smtp
from ..protocol.smtp.faces import LMTP, RELAY, Face
from ..text import N_, _

__all__ = ["PROTOCOLS", "state_diagram"]

PROTOCOLS: Final = ("smtp", "lmtp", "imap", "pop3")
"""What `state_diagram` can draw."""

_TITLE: Final = N_("{protocol}: commands in each state, and the state after a positive reply")


def state_diagram(protocol: str) -> tuple[str, str]:
    """Draw the states of one of PROTOCOLS, as text and as Mermaid. Raises KeyError for another word."""
    return _DRAWN[protocol](_(_TITLE).format(protocol=protocol.upper()))


def _smtp(title: str, face: Face) -> tuple[str, str]:
    """One table serves SMTP and LMTP; a face has its own words to open a session (RFC 2033, 4.1)."""
    hellos = {"EHLO", "HELO", "LHLO"} - set(face.hello)
    table = {
        state: {verb: target for verb, target in moves.items() if verb not in hellos}
        for state, moves in smtp.TABLE.items()
    }
    return as_text(table, title=title), as_mermaid(table, start=smtp.State.CONNECTED)


def _imap(title: str) -> tuple[str, str]:
    return as_text(imap.TABLE, title=title), as_mermaid(imap.TABLE, start=imap.State.NOT_AUTHENTICATED)


def _pop3(title: str) -> tuple[str, str]:
    return as_text(pop3.TABLE, title=title), as_mermaid(pop3.TABLE, start=pop3.State.AUTHORIZATION)


_DRAWN: Final[dict[str, Callable[[str], tuple[str, str]]]] = {
    "smtp": lambda title: _smtp(title, RELAY),
    "lmtp": lambda title: _smtp(title, LMTP),
    "imap": _imap,
    "pop3": _pop3,
}
