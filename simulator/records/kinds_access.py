"""Records of mailboxes and of the two ways to read them, IMAP and POP3."""

from __future__ import annotations

from simulator.engine.kinds import Field, kind

__all__ = [
    "DEVICE_APPEND", "DEVICE_EXPUNGE", "DEVICE_FLAGS", "IMAP_COMMAND", "IMAP_RESPONSE", "MAILBOX_APPEND",
    "MAILBOX_EXPUNGE", "MAILBOX_FLAGS", "POP3_COMMAND", "POP3_REPLY",
]  # fmt: skip

_OWNER = Field("mailbox", str, "the account's address")
_NAME = Field("name", str, "the mailbox's name, INBOX for the first")
_UID = Field("uid", int, "the letter's UID in that mailbox")
_NUMBER = Field("uid", int, "the letter's UID, or its number here where there is none")
_SIZE = Field("size", int, "octets as stored")
_FLAGS = Field("flags", tuple, "the flags it has now")

MAILBOX_APPEND = kind(
    "mailbox.append",
    "a letter was added to a mailbox on a server",
    _OWNER,
    _NAME,
    _UID,
    _SIZE,
    _FLAGS,
    Field("path", str, "the file on the host's disk"),
)
MAILBOX_FLAGS = kind("mailbox.flags", "flags of a letter on a server were changed", _OWNER, _NAME, _UID, _FLAGS)
MAILBOX_EXPUNGE = kind("mailbox.expunge", "a letter was removed from a server for good", _OWNER, _NAME, _UID)
DEVICE_APPEND = kind(
    "device.append", "a mail program put a letter into its own store", _OWNER, _NAME, _NUMBER, _SIZE, _FLAGS
)
DEVICE_FLAGS = kind("device.flags", "a mail program changed the flags of its copy", _OWNER, _NAME, _NUMBER, _FLAGS)
DEVICE_EXPUNGE = kind("device.expunge", "a mail program dropped its copy of a letter", _OWNER, _NAME, _NUMBER)
IMAP_COMMAND = kind(
    "imap.command",
    "a command that the IMAP server read",
    Field("tag", str, "the client's tag"),
    Field("verb", str, "the command; UID FETCH and its kin with UID"),
    Field("argument", str, "what follows; a secret is masked where it is shown"),
)
IMAP_RESPONSE = kind(
    "imap.response",
    "the tagged response that ends a command, with what came before it",
    Field("tag", str, "the client's tag; * for the greeting and for what is told unasked"),
    Field("verb", str, "the command it answers"),
    Field("status", str, "OK, NO, BAD, PREAUTH or BYE; empty for what is told unasked"),
    Field("text", str, "its text"),
    Field("untagged", int, "how many untagged responses came before it"),
)
POP3_COMMAND = kind(
    "pop3.command",
    "a command that the POP3 server read",
    Field("verb", str, "the command's verb in upper case"),
    Field("argument", str, "what follows; a secret is masked where it is shown"),
)
POP3_REPLY = kind(
    "pop3.reply",
    "a reply of the POP3 server",
    Field("status", str, "+OK or -ERR"),
    Field("verb", str, "the command it answers; CONNECT for the greeting"),
    Field("text", str, "the rest of the first line"),
    Field("lines", int, "how many lines followed before the final dot"),
)
