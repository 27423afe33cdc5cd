"""The server side of IMAP: a core, and one module a command, filed by the state in which it is legal. RFC 9051, 6."""

from simulator.protocol.imap.server.core import CAPABILITIES, ImapServer
from simulator.protocol.imap.server.events import (
    Answered,
    Command,
    Event,
    Expunged,
    FlagsChanged,
    LoggedIn,
    Login,
    Refused,
    Selected,
)

__all__ = [
    "CAPABILITIES",
    "Answered",
    "Command",
    "Event",
    "Expunged",
    "FlagsChanged",
    "ImapServer",
    "LoggedIn",
    "Login",
    "Refused",
    "Selected",
]
