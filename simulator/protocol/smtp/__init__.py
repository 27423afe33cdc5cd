"""SMTP and LMTP as sans-IO cores: one server, one client, one transition table, four faces.

`SmtpServer` and `SmtpClient` are the two ends; `commands` builds what a client says, `replies` what a server answers,
`states` says what is legal when. RFC 5321, 6409, 8314, 2033.
"""

from simulator.protocol.smtp import commands, replies
from simulator.protocol.smtp.client import ReplyReceived, SmtpClient
from simulator.protocol.smtp.commands import ClientCommand
from simulator.protocol.smtp.events import Command, Content, Credentials, SecretWanted, ServerEvent
from simulator.protocol.smtp.faces import FACES, LMTP, RELAY, SUBMISSION, SUBMISSIONS, Face
from simulator.protocol.smtp.options import MailOptions, RecipientOptions
from simulator.protocol.smtp.paths import NULL_PATH, Path, parse_mailbox
from simulator.protocol.smtp.replies import Reply, reply
from simulator.protocol.smtp.server import SmtpServer
from simulator.protocol.smtp.states import COMMANDS, TABLE, State, legal_now

__all__ = [
    "COMMANDS",
    "FACES",
    "LMTP",
    "NULL_PATH",
    "RELAY",
    "SUBMISSION",
    "SUBMISSIONS",
    "TABLE",
    "ClientCommand",
    "Command",
    "Content",
    "Credentials",
    "Face",
    "MailOptions",
    "Path",
    "RecipientOptions",
    "Reply",
    "ReplyReceived",
    "SecretWanted",
    "ServerEvent",
    "SmtpClient",
    "SmtpServer",
    "State",
    "commands",
    "legal_now",
    "parse_mailbox",
    "replies",
    "reply",
]
