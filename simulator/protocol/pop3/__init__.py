"""POP3, sans-IO, both sides. RFC 1939, 2449, 3206."""

from simulator.protocol.pop3.client import Greeting, Pop3Client, Reply
from simulator.protocol.pop3.maildrop import Maildrop
from simulator.protocol.pop3.server import Command, Event, LoggedIn, Login, Pop3Server, Refused, Update, Updated
from simulator.protocol.pop3.table import State

__all__ = [
    "Command",
    "Event",
    "Greeting",
    "LoggedIn",
    "Login",
    "Maildrop",
    "Pop3Client",
    "Pop3Server",
    "Refused",
    "Reply",
    "State",
    "Update",
    "Updated",
]
