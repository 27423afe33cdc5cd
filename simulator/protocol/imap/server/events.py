"""What an IMAP server core tells its session, and what the session answers.

A command comes out before it acts (`Command`), what it changed comes next, its final response last (`Answered`),
so that a session can write the command's record first and everything the store then does is caused by it.
RFC 9051, 2.2.
"""

from __future__ import annotations

from dataclasses import dataclass

from simulator.protocol.imap.view import Store


@dataclass(frozen=True, slots=True, kw_only=True)
class Command:
    """A whole command, about to be carried out by the next call of `next_event()`.

    `verb` is upper case, `UID FETCH` and the like as one; `argument` is the rest (Latin-1, literals inside, no final
    CRLF) and `masked` the same with a password hidden. An unreadable line has tag `*` and verb "".
    """

    tag: str
    verb: str
    argument: str
    masked: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Login:
    """LOGIN asks for policy: answer with `reply(LoggedIn(...))` or `reply(Refused(...))`."""

    tag: str
    user: str
    password: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Selected:
    """A mailbox was opened by SELECT or EXAMINE; `exists` messages are in it."""

    name: str
    read_only: bool
    exists: int


@dataclass(frozen=True, slots=True, kw_only=True)
class FlagsChanged:
    """This session changed the flags of one message through the view."""

    mailbox: str
    uid: int
    before: frozenset[str]
    after: frozenset[str]


@dataclass(frozen=True, slots=True, kw_only=True)
class Expunged:
    """This session removed these messages through the view."""

    mailbox: str
    uids: tuple[int, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Answered:
    """The final response of a command, already in `data_to_send()`.

    `status` is OK, NO, BAD or BYE; `text` includes the response code; `untagged` names the untagged responses before
    it, without `* ` and with literals as `{n}`, the first 32 of `untagged_count`.
    """

    tag: str
    verb: str
    status: str
    text: str
    untagged: tuple[str, ...]
    untagged_count: int


Event = Command | Login | Selected | FlagsChanged | Expunged | Answered


@dataclass(frozen=True, slots=True)
class LoggedIn:
    """Answer to `Login`: the account's mailboxes."""

    store: Store


@dataclass(frozen=True, slots=True)
class Refused:
    """Answer to `Login`: NO with a response code (RFC 5530) or none."""

    text: str = "Authentication failed."
    code: str | None = "AUTHENTICATIONFAILED"
