"""How a mail program reads by POP3: letters are downloaded, and leave the server unless told to stay."""

from __future__ import annotations

from collections.abc import Generator
from typing import Any

from simulator.engine.stream import Stream
from simulator.engine.task import Story
from simulator.nodes.connecting import Access, open_secure
from simulator.nodes.device_mailbox import INBOX, DeviceMailbox
from simulator.nodes.host import Host
from simulator.nodes.talk import Talk, TalkFailed, ended
from simulator.protocol.pop3.client import Pop3Client, Reply

__all__ = ["Pop3Reader"]


class _Pop3Talk(Talk):
    """A POP3 dialogue: each step sends a command and gives its reply."""

    def __init__(self, host: Host, stream: Stream) -> None:
        self.core = Pop3Client()
        super().__init__(host, stream, self.core)

    def greeting(self) -> Generator[Any, Any, None]:
        """Wait for the greeting; raise TalkFailed if the server will not serve."""
        event = yield from self.next_event()
        if not event.ok:
            raise TalkFailed(f"the server said: {event.text}")

    def say(self, verb: str, argument: str = "") -> Generator[Any, Any, Reply]:
        """Say a command and wait for its reply; raise TalkFailed unless it is +OK."""
        self.core.send(verb, argument)
        reply: Reply = yield from self.next_event()
        if not reply.ok:
            raise TalkFailed(f"{verb} was refused: {reply.text}")
        return reply


class Pop3Reader:
    """Reads one account's maildrop for one device; `leave_on_server` keeps the letters there."""

    def __init__(
        self, host: Host, access: Access, box: DeviceMailbox, password: str, *, leave_on_server: bool = False
    ) -> None:
        self.host = host
        self.access = access
        self.box = box
        self.password = password
        self.leave_on_server = leave_on_server
        self._numbers: dict[str, int] = {}

    def fetch(self) -> Story:
        """Download what is new, then let it go from the server unless it is to stay."""
        talk = yield from self._open()
        yield from ended(talk, self._download(talk))

    def _download(self, talk: _Pop3Talk) -> Story:
        yield from talk.say("STAT")
        listing = (yield from talk.say("UIDL")).listing()
        for number, unique_id in listing.items():
            if unique_id not in self._numbers:
                reply = yield from talk.say("RETR", str(number))
                octets = reply.octets or b""
                self._numbers[unique_id] = key = self.box.keep(INBOX, octets)
                self.box.show(INBOX, key)
            if not self.leave_on_server:
                yield from talk.say("DELE", str(number))
        yield from talk.say("QUIT")
        if not self.leave_on_server:
            for unique_id in listing.values():  # gone for good now, and never seen again (RFC 1939, 7)
                self._numbers.pop(unique_id, None)

    def mark_read(self, key: int) -> Story:
        r"""Set `\Seen` on this device: the server keeps no flags (RFC 1939)."""
        self.box.set_flags(INBOX, key, self.box.flags(INBOX, key) | {"\\Seen"})
        yield from ()

    def delete(self, key: int) -> Story:
        """Delete on this device, and on the server if the letter is still there."""
        self.box.remove(INBOX, key)
        if self.leave_on_server:
            talk = yield from self._open()
            yield from ended(talk, self._let_go(talk, key))

    def _let_go(self, talk: _Pop3Talk, key: int) -> Story:
        listing = (yield from talk.say("UIDL")).listing()
        for number, unique_id in listing.items():
            if self._numbers.get(unique_id) == key:
                yield from talk.say("DELE", str(number))
        yield from talk.say("QUIT")

    def _open(self) -> Generator[Any, Any, _Pop3Talk]:
        stream = yield from open_secure(self.host, self.access)
        talk = _Pop3Talk(self.host, stream)
        try:
            yield from talk.greeting()
            yield from talk.say("USER", self.box.account)
            yield from talk.say("PASS", self.password)
        except TalkFailed:
            stream.close()
            raise
        return talk
