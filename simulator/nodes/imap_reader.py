"""How a mail program reads by IMAP: the letters stay on the server, the device keeps copies and flags in step."""

from __future__ import annotations

from collections.abc import Generator
from typing import Any

from simulator.engine.stream import Stream
from simulator.engine.task import Story
from simulator.errors import RemoteProtocolError
from simulator.mailstore.device import DeviceLetter
from simulator.nodes.connecting import Access, open_secure
from simulator.nodes.device_mailbox import INBOX, DeviceMailbox
from simulator.nodes.host import Host
from simulator.nodes.talk import Talk, TalkFailed, ended
from simulator.protocol.imap.client.core import ImapClient
from simulator.protocol.imap.client.data import Completed, Fetch, Goodbye, Greeting

__all__ = ["ImapReader"]

_ITEMS = "(UID FLAGS INTERNALDATE RFC822.SIZE BODY.PEEK[])"


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


class ImapReader:
    """Reads one account's INBOX for one device."""

    def __init__(self, host: Host, access: Access, box: DeviceMailbox, password: str) -> None:
        self.host = host
        self.access = access
        self.box = box
        self.password = password

    def fetch(self) -> Story:
        """Bring the device in step with the server: new letters, changed flags, letters that are gone."""
        talk = yield from self._open()
        yield from ended(talk, self._step(talk))

    def _step(self, talk: _ImapTalk) -> Story:
        known = yield from self._listing(talk)
        for uid in self.box.keys(INBOX):
            if uid not in known:
                self.box.remove(INBOX, uid)
        for uid, flags in known.items():
            if uid in self.box.keys(INBOX):
                self.box.set_flags(INBOX, uid, flags)
            else:
                yield from self._load(talk, uid)
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

    def _open(self) -> Generator[Any, Any, _ImapTalk]:
        stream = yield from open_secure(self.host, self.access)
        talk = _ImapTalk(self.host, stream)
        try:
            yield from talk.greeting()
            talk.core.login(self.box.account, self.password)
            yield from talk.done()
            talk.core.select(INBOX)
            selected = yield from talk.done()
            self.box.begin(INBOX, _number(selected.code("UIDVALIDITY")))
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

    def _load(self, talk: _ImapTalk, uid: int) -> Generator[Any, Any, None]:
        talk.core.fetch(str(uid), _ITEMS, by_uid=True)
        loaded = yield from talk.done()
        for item in loaded.of(Fetch):
            octets = item.sections.get("BODY[]")
            if item.uid == uid and octets is not None:
                flags = (item.flags or frozenset()) - {"\\Recent"}
                self.box.add(INBOX, DeviceLetter(key=uid, size=len(octets), flags=flags, octets=octets))
                self.box.show(INBOX, uid)

    def _logout(self, talk: _ImapTalk) -> Generator[Any, Any, None]:
        talk.core.logout()
        yield from talk.done()


def _number(text: str | None) -> int:
    if text is None or not text.isdecimal():
        raise RemoteProtocolError("the server gave no UIDVALIDITY")
    return int(text)
