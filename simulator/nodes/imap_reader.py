"""How a mail program reads by IMAP: the letters stay on the server, the device keeps copies and flags in step."""

from __future__ import annotations

from collections.abc import Generator
from typing import Any

from simulator import limits
from simulator.engine.stream import Stream, StreamTimeout
from simulator.engine.task import Story
from simulator.errors import RemoteProtocolError
from simulator.mailstore.device import DeviceLetter
from simulator.nodes.connecting import Access, open_secure
from simulator.nodes.device_mailbox import INBOX, DeviceMailbox
from simulator.nodes.host import Host
from simulator.nodes.talk import Talk, TalkFailed, ended
from simulator.protocol.imap.client.core import ImapClient
from simulator.protocol.imap.client.data import Completed, Fetch, Goodbye, Greeting, Unsolicited

__all__ = ["ImapReader"]

_ITEMS = "(UID FLAGS INTERNALDATE RFC822.SIZE %s)"
_IDLE_US = 29 * limits.MINUTE_US
"""How long one IDLE lasts at most: servers log idle clients out after 30 minutes (RFC 2177, 3)."""


class _Refused(TalkFailed):
    """The server said NO or BAD."""


class _ImapTalk(Talk):
    """An IMAP dialogue: each step sends a command and gives its completion."""

    def __init__(self, host: Host, stream: Stream) -> None:
        self.core = ImapClient()
        super().__init__(host, stream, self.core)

    def greeting(self) -> Generator[Any, Any, None]:
        """Wait for the greeting; raise TalkFailed for BYE."""
        event = yield from self.next_event()
        if not isinstance(event, Greeting) or event.condition.status == "BYE":
            raise TalkFailed("the server does not serve now")

    def done(self) -> Generator[Any, Any, Completed]:
        """Wait for the end of the command that was sent; raise TalkFailed unless it is OK (_Refused: NO or BAD).

        A server that ends the session instead (BYE) may talk on; nobody listens.
        """
        while True:
            event = yield from self.next_event()
            if isinstance(event, Goodbye):
                raise TalkFailed(f"the server ended the session: {event.condition.text}")
            if isinstance(event, Completed):
                if not event.ok:
                    raise _Refused(f"{event.verb} was refused: {event.condition.text}")
                return event

    def change(self, deadline: int) -> Generator[Any, Any, bool]:
        """Wait for what an idle client is told; False if nothing comes before the deadline. Raises TalkFailed."""
        while (event := self._read()) is None:
            try:
                octets = yield self.stream.receive(max(deadline - int(self.host.env.now), 0))
            except StreamTimeout:
                return False
            if not octets:
                raise TalkFailed("lost connection while waiting for new letters")
            self.core.receive_data(octets)
        if isinstance(event, Goodbye):
            raise TalkFailed(f"the server ended the session: {event.condition.text}")
        return isinstance(event, Unsolicited)


class ImapReader:
    """Reads one account's mailboxes for one device; with `headers_only` the texts stay on the server."""

    def __init__(
        self, host: Host, access: Access, box: DeviceMailbox, password: str, *, headers_only: bool = False
    ) -> None:
        self.host = host
        self.access = access
        self.box = box
        self.password = password
        self.headers_only = headers_only

    def fetch(self, mailbox: str = INBOX, *, idle_us: int = 0) -> Story:
        """Bring the device in step with a mailbox: new letters, changed flags, letters that are gone.

        Then stay for `idle_us` µs and listen for more (IDLE, RFC 2177).
        """
        talk = yield from self._open(mailbox)
        yield from ended(talk, self._follow(talk, mailbox, int(self.host.env.now) + idle_us))

    def _follow(self, talk: _ImapTalk, mailbox: str, until: int) -> Story:
        yield from self._step(talk, mailbox)
        while self.host.env.now < until:
            if (yield from self._idle(talk, min(until, int(self.host.env.now) + _IDLE_US))):
                yield from self._step(talk, mailbox)
        yield from self._logout(talk)

    def _idle(self, talk: _ImapTalk, deadline: int) -> Generator[Any, Any, bool]:
        talk.core.idle()
        yield from talk.next_event()
        changed = yield from talk.change(deadline)
        talk.core.done()
        yield from talk.done()
        return changed

    def _step(self, talk: _ImapTalk, mailbox: str) -> Story:
        known = yield from self._listing(talk)
        for uid in self.box.keys(mailbox):
            if uid not in known:
                self.box.remove(mailbox, uid)
        for uid, flags in known.items():
            if uid in self.box.keys(mailbox):
                self.box.set_flags(mailbox, uid, flags)
            else:
                yield from self._load(talk, mailbox, uid)

    def show(self, uid: int) -> Story:
        """Show a letter; its text is asked for now if only its header is here, and not kept."""
        if not self.headers_only:
            self.box.show(INBOX, uid)
            return
        talk = yield from self._open()
        yield from ended(talk, self._view(talk, uid))

    def _view(self, talk: _ImapTalk, uid: int) -> Story:
        talk.core.fetch(str(uid), "(UID BODY.PEEK[])", by_uid=True)
        loaded = yield from talk.done()
        for item in loaded.of(Fetch):
            if item.uid == uid:
                self.box.show(INBOX, uid, item.sections.get("BODY[]") or b"")
        yield from self._logout(talk)

    def move(self, uid: int, mailbox: str) -> Story:
        """Move a letter to another mailbox of the account (RFC 6851); it has another UID there."""
        talk = yield from self._open()
        yield from ended(talk, self._move(talk, uid, mailbox))

    def _move(self, talk: _ImapTalk, uid: int, mailbox: str) -> Story:
        talk.core.move(str(uid), mailbox, by_uid=True)
        yield from talk.done()
        self.box.remove(INBOX, uid)
        yield from self._logout(talk)

    def append(self, mailbox: str, octets: bytes) -> Story:
        r"""Put a letter that was read already (`\Seen`) into a mailbox; nobody is sent it (RFC 9051, 6.3.12)."""
        talk = yield from self._open(mailbox)
        yield from ended(talk, self._append(talk, mailbox, octets))

    def _append(self, talk: _ImapTalk, mailbox: str, octets: bytes) -> Story:
        talk.core.append(mailbox, octets, flags=("\\Seen",))
        yield from talk.done()
        yield from self._logout(talk)

    def mark_read(self, uid: int) -> Story:
        r"""Set `\Seen` on the server, so that every device knows."""
        talk = yield from self._open()
        yield from ended(talk, self._mark(talk, uid))

    def _mark(self, talk: _ImapTalk, uid: int) -> Story:
        talk.core.store(str(uid), "+FLAGS", ("\\Seen",), by_uid=True)
        yield from talk.done()
        self.box.set_flags(INBOX, uid, self.box.flags(INBOX, uid) | {"\\Seen"})
        yield from self._logout(talk)

    def delete(self, uid: int) -> Story:
        r"""Set `\Deleted` and expunge: the letter is gone for every device."""
        talk = yield from self._open()
        yield from ended(talk, self._expunge(talk, uid))

    def _expunge(self, talk: _ImapTalk, uid: int) -> Story:
        talk.core.store(str(uid), "+FLAGS", ("\\Deleted",), by_uid=True)
        yield from talk.done()
        talk.core.expunge()
        yield from talk.done()
        self.box.remove(INBOX, uid)
        yield from self._logout(talk)

    def _open(self, mailbox: str = INBOX) -> Generator[Any, Any, _ImapTalk]:
        stream = yield from open_secure(self.host, self.access)
        talk = _ImapTalk(self.host, stream)
        try:
            yield from talk.greeting()
            talk.core.login(self.box.account, self.password)
            yield from talk.done()
            talk.core.select(mailbox)
            selected = yield from talk.done()
            self.box.begin(mailbox, _number(selected.code("UIDVALIDITY")))
        except (TalkFailed, RemoteProtocolError):
            stream.close()
            raise
        return talk

    def _listing(self, talk: _ImapTalk) -> Generator[Any, Any, dict[int, frozenset[str]]]:
        talk.core.fetch("1:*", "(UID FLAGS)")
        try:
            listed = yield from talk.done()
        except _Refused:
            return {}  # an empty mailbox has no message 1 (RFC 9051, 9: seq-number)
        return {
            item.uid: (item.flags or frozenset()) - {"\\Recent"} for item in listed.of(Fetch) if item.uid is not None
        }

    def _load(self, talk: _ImapTalk, mailbox: str, uid: int) -> Generator[Any, Any, None]:
        section = "BODY[HEADER]" if self.headers_only else "BODY[]"
        talk.core.fetch(str(uid), _ITEMS % section.replace("BODY", "BODY.PEEK"), by_uid=True)
        loaded = yield from talk.done()
        for item in loaded.of(Fetch):
            octets = item.sections.get(section)
            if item.uid == uid and octets is not None:
                self._keep(mailbox, item, octets)

    def _keep(self, mailbox: str, item: Fetch, octets: bytes) -> None:
        key, flags = item.uid or 0, (item.flags or frozenset()) - {"\\Recent"}
        if self.headers_only:
            self.box.add(mailbox, DeviceLetter(key=key, size=len(octets), flags=flags, header=octets))
            return
        self.box.add(mailbox, DeviceLetter(key=key, size=len(octets), flags=flags, octets=octets))
        self.box.show(mailbox, key)

    def _logout(self, talk: _ImapTalk) -> Generator[Any, Any, None]:
        talk.core.logout()
        yield from talk.done()


def _number(text: str | None) -> int:
    if text is None or not text.isdecimal():
        raise RemoteProtocolError("the server gave no UIDVALIDITY")
    return int(text)
