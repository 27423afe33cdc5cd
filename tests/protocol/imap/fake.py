"""A mail store in memory for the tests, its MIME structure by the standard library's parser.

Not the mail store of the simulator: an independent second reading of the same messages.
"""

from __future__ import annotations

import email
import email.utils
from collections.abc import Sequence
from dataclasses import dataclass, field
from email.message import Message as Parsed

from simulator.protocol.imap.view import (
    Address,
    Appended,
    Carried,
    ListedMailbox,
    MailboxGone,
    MailboxRefused,
    QuotaRoot,
)

DAY_US = 86_400_000_000
FIRST_DAY = 20_454 * DAY_US  # 2026-01-01

PLAIN = (
    b"From: Carol <carol@beta.test>\r\nTo: bob@alpha.test\r\nSubject: golden\r\n"
    b"Date: Mon, 01 Jan 2024 00:00:00 +0000\r\nMessage-ID: <golden.1@beta.test>\r\n\r\nHello Bob\r\n.leading dot\r\n"
)
MULTIPART = (
    b'From: "Doe, Jane" <jane@a.example>\r\nTo: bob@b.example, "Q \\"x\\"" <q@b.example>\r\n'
    b"Subject: =?utf-8?q?caf=C3=A9?=\r\nDate: Tue, 02 Jan 2024 10:00:00 +0300\r\nMIME-Version: 1.0\r\n"
    b"Content-Type: multipart/mixed; boundary=b\r\n\r\npreamble\r\n--b\r\n"
    b"Content-Type: text/plain; charset=utf-8\r\nContent-Transfer-Encoding: base64\r\n\r\n"
    b"0J/RgNC40LLQtdGCLCDQvNC40YAh\r\n--b\r\nContent-Type: text/html\r\n\r\n<p>hello</p>\r\n--b\r\n"
    b"Content-Type: message/rfc822\r\n\r\nSubject: inner\r\n\r\ninside\r\n--b--\r\n"
)
BARE = b"Subject: no sender\r\n\r\n"


class FakeMessage:
    """One message; `section` cuts octets where the standard library's parser says a boundary is."""

    def __init__(self, uid: int, octets: bytes, flags: frozenset[str] = frozenset(), day: int = 0) -> None:
        self.uid = uid
        self.flags = flags
        self.internal_date = FIRST_DAY + day * DAY_US
        self.size = len(octets)
        self._octets = octets

    def octets(self) -> bytes:
        return self._octets

    def envelope(self) -> FakeEnvelope:
        return FakeEnvelope(email.message_from_bytes(self._octets))

    def section(self, numbers: tuple[int, ...], part: str | None, fields: tuple[str, ...] = ()) -> bytes | None:
        inner = _part(self._octets, numbers)
        if inner is None:
            return None
        mime, octets = inner
        if part == "MIME":
            return mime
        if part is None:
            return octets
        if numbers and not mime.lower().startswith(b"content-type: message/rfc822"):
            return None
        header, separator, body = octets.partition(b"\r\n\r\n")
        if part == "TEXT":
            return body
        if part == "HEADER":
            return header + separator
        wanted = [line for line in header.split(b"\r\n") if _named(line, fields) == (part == "HEADER.FIELDS")]
        return b"\r\n".join([*wanted, b"", b""])


def _named(line: bytes, fields: tuple[str, ...]) -> bool:
    return line.partition(b":")[0].decode("latin-1").upper() in fields


def _part(octets: bytes, numbers: tuple[int, ...]) -> tuple[bytes, bytes] | None:
    """Give (MIME header, octets) of a part; with no numbers the whole message."""
    mime, content = b"", octets
    for depth, number in enumerate(numbers):
        entity = content if depth == 0 or mime.lower().startswith(b"content-type: message/rfc822") else mime + content
        boundary = email.message_from_bytes(entity).get_boundary()
        if boundary is None:
            if number != 1 or depth + 1 < len(numbers):
                return None
            header, _, body = entity.partition(b"\r\n\r\n")
            return header + b"\r\n\r\n", body
        pieces = (b"\r\n" + entity).split(b"\r\n--" + boundary.encode("ascii"))[1:-1]
        if number > len(pieces):
            return None
        header, _, content = pieces[number - 1].removeprefix(b"\r\n").partition(b"\r\n\r\n")
        mime = header + b"\r\n\r\n"
    return mime, content


@dataclass
class FakeEnvelope:
    """ENVELOPE out of the standard library's parser."""

    parsed: Parsed

    def _raw(self, name: str) -> bytes | None:
        value = self.parsed[name]
        return None if value is None else str(value).encode("utf-8")

    def _list(self, name: str) -> tuple[Address, ...]:
        pairs = email.utils.getaddresses([str(value) for value in self.parsed.get_all(name, [])])
        return tuple(_address(name, address) for name, address in pairs)

    def __getattr__(self, name: str) -> object:
        field_name = name.rstrip("_").replace("_", "-")
        if name in ("date", "subject", "in_reply_to", "message_id"):
            return self._raw(field_name)
        if name in ("from_", "sender", "reply_to", "to", "cc", "bcc"):
            return self._list(field_name)
        raise AttributeError(name)


def _address(name: str, address: str) -> Address:
    mailbox, _, host = address.partition("@")
    return (name.encode("utf-8") if name else None, None, mailbox.encode("utf-8"), host.encode("utf-8"))


@dataclass
class FakeMailbox:
    """A mailbox that any number of sessions share."""

    stored: list[FakeMessage] = field(default_factory=list)
    uid_validity: int = 1_795_486_339
    uid_next: int = 1
    changes: int = 0
    is_gone: bool = False
    recent_uids: frozenset[int] = frozenset()

    @property
    def version(self) -> int:
        if self.is_gone:
            raise MailboxGone
        return self.changes

    def append(self, octets: bytes, flags: Sequence[str] = (), day: int = 0) -> int:
        self.stored.append(FakeMessage(self.uid_next, octets, frozenset(flags), day))
        self.uid_next += 1
        self.changes += 1
        return self.uid_next - 1

    def messages(self) -> list[FakeMessage]:
        return list(self.stored)

    def recent(self) -> frozenset[int]:
        return self.recent_uids

    def set_flags(self, uid: int, flags: frozenset[str]) -> None:
        old = next(message for message in self.stored if message.uid == uid)
        new = FakeMessage(uid, old.octets(), flags)
        new.internal_date = old.internal_date
        self.stored[self.stored.index(old)] = new
        self.changes += 1

    def expunge(self, uids: tuple[int, ...]) -> None:
        self.stored = [message for message in self.stored if message.uid not in uids]
        self.changes += 1


@dataclass
class FakeStore:
    """Mailboxes of one account; `limit` is a quota in octets."""

    boxes: dict[str, FakeMailbox]
    attributes: dict[str, tuple[str, ...]] = field(default_factory=dict)
    delimiter: str = "."
    subscribed: set[str] = field(default_factory=set)
    limit: int | None = None

    def list_mailboxes(self) -> list[ListedMailbox]:
        return [ListedMailbox(name, self.attributes.get(name, ())) for name in self.boxes]

    def subscriptions(self) -> list[str]:
        return sorted(self.subscribed)

    def open(self, name: str, *, read_only: bool) -> FakeMailbox | None:
        if name == "Locked":
            raise MailboxRefused("Mailbox is in use.", "INUSE")
        return self.boxes.get(name)

    def create(self, name: str) -> None:
        if name in self.boxes:
            raise MailboxRefused("Mailbox already exists", "ALREADYEXISTS")
        self.boxes[name] = FakeMailbox(uid_validity=1_795_486_341)

    def delete(self, name: str) -> None:
        if name == "INBOX":
            raise MailboxRefused("INBOX can't be deleted.", "CANNOT")
        self._need(name, "NONEXISTENT").is_gone = True
        del self.boxes[name]

    def rename(self, old: str, new: str) -> None:
        self._need(old, "NONEXISTENT")
        if new in self.boxes:
            raise MailboxRefused("Mailbox already exists", "ALREADYEXISTS")
        below = [name for name in self.boxes if name == old or name.startswith(f"{old}.")]
        for name in below:
            self.boxes[new + name.removeprefix(old)] = self.boxes.pop(name)

    def subscribe(self, name: str, *, wanted: bool) -> None:
        self.subscribed.discard(name)
        if wanted:
            self.subscribed.add(name)

    def append(self, name: str, octets: bytes, *, flags: frozenset[str], internal_date: int | None) -> Appended:
        box = self._need(name, "TRYCREATE")
        self._need_room(len(octets))
        uid = box.append(octets, sorted(flags))
        if internal_date is not None:
            box.stored[-1].internal_date = internal_date
        return Appended(box.uid_validity, uid)

    def copy(self, source: FakeMailbox, uids: tuple[int, ...], name: str) -> Carried:
        box = self._need(name, "TRYCREATE")
        letters = [message for message in source.stored if message.uid in uids]
        self._need_room(sum(letter.size for letter in letters))
        pairs = [(letter.uid, box.append(letter.octets(), sorted(letter.flags))) for letter in letters]
        return Carried(box.uid_validity, tuple(pairs))

    def move(self, source: FakeMailbox, uids: tuple[int, ...], name: str) -> Carried:
        limit, self.limit = self.limit, None
        carried = self.copy(source, uids, name)
        self.limit = limit
        source.expunge(uids)
        return carried

    def quota_roots(self, name: str) -> list[QuotaRoot]:
        if self.limit is None:
            return []
        resources = (("STORAGE", self._used() // 1024, self.limit // 1024),)
        return [QuotaRoot(name="User quota", resources=resources)]

    def _used(self) -> int:
        return sum(message.size for box in self.boxes.values() for message in box.stored)

    def _need(self, name: str, code: str) -> FakeMailbox:
        if name not in self.boxes:
            raise MailboxRefused("Mailbox doesn't exist", code)
        return self.boxes[name]

    def _need_room(self, octets: int) -> None:
        if self.limit is not None and self._used() + octets > self.limit:
            raise MailboxRefused("Quota exceeded (mailbox for user is full)", "OVERQUOTA")


def golden_store() -> FakeStore:
    """Give an account with three messages in INBOX and a few other mailboxes."""
    inbox = FakeMailbox()
    inbox.append(PLAIN, ("\\Seen",))
    inbox.append(MULTIPART, ("\\Flagged", "$Label"), day=1)
    inbox.append(BARE, day=2)
    inbox.recent_uids = frozenset({3})
    boxes = {
        "Sent": FakeMailbox(),
        "Work": FakeMailbox(),
        "Work.Привет": FakeMailbox(),
        "INBOX": inbox,
        "R&D": FakeMailbox(),
    }
    return FakeStore(boxes, {"Sent": ("\\Sent",)}, subscribed={"Sent"})
