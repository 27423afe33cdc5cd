"""What an IMAP server core tells its session, and what the session answers.

A command comes out before it acts (`Command`), what it changed comes next, its final response last (`Answered`),
so that a session can write the command's record first and everything the store then does is caused by it.
RFC 9051, 2.2.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import NamedTuple

from simulator.protocol.imap.view import Store


class Command(NamedTuple):
    """A whole command, about to be carried out by the next call of `next_event()`.

    `verb` is upper case, `UID FETCH` and the like as one; `argument` is the rest (Latin-1, literals inside, no final
    CRLF; of APPEND only its first line) and `masked` the same with a password hidden. An unreadable line has tag `*`
    and verb "".
    """

    tag: str
    verb: str
    argument: str
    masked: str


class Login(NamedTuple):
    """LOGIN or AUTHENTICATE asks for policy: answer with `reply(LoggedIn(...))` or `reply(Refused(...))`.

    `mechanism` is LOGIN for the command of that name, else the SASL mechanism; `authzid` is "" or whom to act for.
    `verified` is None where `password` is still to be compared, else the verdict of a mechanism that shows none.
    """

    tag: str
    user: str
    password: str
    mechanism: str = "LOGIN"
    authzid: str = ""
    verified: bool | None = None

    def __repr__(self) -> str:
        """Show no password."""
        return f"Login(tag={self.tag!r}, user={self.user!r}, mechanism={self.mechanism!r})"


@dataclass(frozen=True, slots=True, kw_only=True)
class SecretAsked:
    """AUTHENTICATE needs what is stored about `user`: answer with `provide(...)`, None for nobody of that name."""

    tag: str
    mechanism: str
    user: str


class Selected(NamedTuple):
    """A mailbox was opened by SELECT or EXAMINE; `exists` messages are in it."""

    name: str
    read_only: bool
    exists: int


class FlagsChanged(NamedTuple):
    """This session changed the flags of one message through the view."""

    mailbox: str
    uid: int
    before: frozenset[str]
    after: frozenset[str]


class Expunged(NamedTuple):
    """This session removed these messages through the view."""

    mailbox: str
    uids: tuple[int, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Added:
    """APPEND put a message into a mailbox."""

    mailbox: str
    uid: int
    uid_validity: int
    size: int
    flags: frozenset[str]


@dataclass(frozen=True, slots=True, kw_only=True)
class Transferred:
    """COPY, or with `moved` MOVE, put messages into `target`: (UID in `mailbox`, UID in `target`)."""

    mailbox: str
    target: str
    uids: tuple[tuple[int, int], ...]
    moved: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class Arranged:
    """CREATE, DELETE, RENAME, SUBSCRIBE or UNSUBSCRIBE (`verb`) was done to `name`; `target` is RENAME's new name."""

    verb: str
    name: str
    target: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Idling:
    """The client waits for news (IDLE): call `push()` whenever the mailbox changes, until `Answered`.

    `mailbox` is the selected one, or "" where none is.
    """

    tag: str
    mailbox: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Pushed:
    """What `push()` told the idle client; fields as in `Answered`."""

    untagged: tuple[str, ...]
    untagged_count: int


class Answered(NamedTuple):
    """The final response of a command, already in `data_to_send()`.

    After OK to STARTTLS send what waits, do the handshake, then call `tls_started()`.

    `status` is OK, NO, BAD or BYE; `text` includes the response code; `untagged` names the untagged responses before
    it, without `* ` and with literals as `{n}`, the first 32 of `untagged_count`.
    """

    tag: str
    verb: str
    status: str
    text: str
    untagged: tuple[str, ...]
    untagged_count: int


Event = (
    Command
    | Login
    | SecretAsked
    | Selected
    | FlagsChanged
    | Expunged
    | Added
    | Transferred
    | Arranged
    | Idling
    | Pushed
    | Answered
)


class LoggedIn(NamedTuple):
    """Answer to `Login`: the account's mailboxes."""

    store: Store


@dataclass(frozen=True, slots=True)
class Refused:
    """Answer to `Login`: NO with a response code (RFC 5530) or none."""

    text: str = "Authentication failed."
    code: str | None = "AUTHENTICATIONFAILED"
