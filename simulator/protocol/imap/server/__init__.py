"""The server side of IMAP: a core, and one module a command, filed by the state in which it is legal. RFC 9051, 6."""

from simulator.protocol.imap.server.core import CAPABILITIES, ImapServer
from simulator.protocol.imap.server.events import (
    Added,
    Answered,
    Arranged,
    Command,
    Event,
    Expunged,
    FlagsChanged,
    Idling,
    LoggedIn,
    Login,
    Pushed,
    Refused,
    SecretAsked,
    Selected,
    Transferred,
)

__all__ = [
    "CAPABILITIES",
    "Added",
    "Answered",
    "Arranged",
    "Command",
    "Event",
    "Expunged",
    "FlagsChanged",
    "Idling",
    "ImapServer",
    "LoggedIn",
    "Login",
    "Pushed",
    "Refused",
    "SecretAsked",
    "Selected",
    "Transferred",
]
