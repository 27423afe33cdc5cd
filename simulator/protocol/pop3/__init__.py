"""POP3, sans-IO, both sides. RFC 1939, 2449, 2595, 3206, 5034."""

from simulator.protocol.pop3.authentication import apop_digest
from simulator.protocol.pop3.client import Greeting, Pop3Client, Reply
from simulator.protocol.pop3.events import (
    Begun,
    Command,
    Event,
    Failed,
    LoggedIn,
    Login,
    Refused,
    SecretAsked,
    Update,
    Updated,
)
from simulator.protocol.pop3.maildrop import Maildrop, MessageGone
from simulator.protocol.pop3.server import Pop3Server
from simulator.protocol.pop3.table import State

__all__ = [
    "Begun",
    "Command",
    "Event",
    "Failed",
    "Greeting",
    "LoggedIn",
    "Login",
    "Maildrop",
    "MessageGone",
    "Pop3Client",
    "Pop3Server",
    "Refused",
    "Reply",
    "SecretAsked",
    "State",
    "Update",
    "Updated",
    "apop_digest",
]
