"""Records of mailboxes and of the two ways to read them, IMAP and POP3."""

from __future__ import annotations

from simulator.engine.kinds import Field, kind

__all__ = [
    "IMAP_COMMAND", "IMAP_RESPONSE", "MAILBOX_APPEND", "MAILBOX_EXPUNGE", "MAILBOX_FLAGS", "POP3_COMMAND", "POP3_REPLY",
]  # fmt: skip

_OWNER = Field("mailbox", str, "the account's address")
_NAME = Field("name", str, "the mailbox's name, INBOX for the first")
_UID = Field("uid", int, "the letter's UID in that mailbox")
_DEVICE = Field("device", bool, "whether it is the store of a mail program on its own device")

MAILBOX_APPEND = kind(
    "mailbox.append",
    "a letter was added to a mailbox",
    _OWNER,
    _NAME,
    _UID,
    Field("size", int, "octets as stored"),
    Field("flags", tuple, "its flags"),
    Field("path", str, "the file on the host's disk"),
    _DEVICE,
)
MAILBOX_FLAGS = kind(
    "mailbox.flags", "flags were changed", _OWNER, _NAME, _UID, Field("flags", tuple, "the flags it has now"), _DEVICE
)
MAILBOX_EXPUNGE = kind("mailbox.expunge", "a letter was removed for good", _OWNER, _NAME, _UID, _DEVICE)
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
    Field("tag", str, "the client's tag; * for the greeting"),
    Field("verb", str, "the command it answers"),
    Field("status", str, "OK, NO, BAD, PREAUTH or BYE"),
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
