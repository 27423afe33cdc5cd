"""How a mail program reads by POP3: letters are downloaded, and leave the server unless told to stay.

Where the server takes commands in groups, it gets them so: a login with the list, all letters, all goodbyes, and a
single goodbye with QUIT.
RFC 1939, 3; RFC 2449, 6.6.
"""

from __future__ import annotations

from collections.abc import Generator, Iterable
from typing import Any, Final

from simulator.engine.stream import Stream
from simulator.engine.task import Story
from simulator.nodes.connecting import Access, open_secure
from simulator.nodes.device_mailbox import INBOX, DeviceMailbox
from simulator.nodes.host import Host
from simulator.nodes.talk import TalkFailed, TurnTalk, ended
from simulator.protocol.pop3.client import Pop3Client, Reply

__all__ = ["Pop3Reader"]


_Said = tuple[str, str]
"""A command: its verb, and its argument or ""."""
_QUIT: Final = ("QUIT", "")


class _Pop3Talk(TurnTalk):
    """A POP3 dialogue: a step sends commands and gives their replies."""

    _interjects = False  # USER and PASS ask nothing back

    def __init__(self, host: Host, stream: Stream) -> None:
        self.core = Pop3Client()
        super().__init__(host, stream, self.core)

    def greeting(self) -> Generator[Any, Any, None]:
        """Wait for the greeting, and learn what the server can; raise TalkFailed if it will not serve."""
        event = yield from self.next_event()
        if not event.ok:
            raise TalkFailed(f"the server said: {event.text}")
        self.core.send("CAPA")
        yield from self._turn(1)  # a server that knows no CAPA has no capabilities: RFC 2449, 5

    def say(self, *commands: _Said) -> Generator[Any, Any, list[Reply]]:
        """Say commands, in one chunk if the server pipelines, and wait for all replies.

        Raises TalkFailed for one that is not +OK.
        """
        replies: list[Reply] = []
        for group in (commands,) if self.core.pipelining else [(command,) for command in commands]:
            self.send(group)
            replies += yield from self._turn(len(group))
            if not replies[-1].ok:
                raise _refusal(replies[-1])
        return replies

    def send(self, commands: Iterable[_Said]) -> None:
        """Let commands go with the next chunk."""
        for verb, argument in commands:
            self.core.send(verb, argument)

    def next_reply(self) -> Generator[Any, Any, Reply]:
        """Wait for the next reply to what was sent; raises TalkFailed if it is not +OK."""
        reply: Reply = yield from self.next_event()
        if not reply.ok:
            raise _refusal(reply)
        return reply

    def _reply_by_reply(self, count: int, deadline: int = 0) -> Generator[Any, Any, list[Reply]]:
        replies: list[Reply] = []
        while len(replies) < count and (not replies or replies[-1].ok):
            replies.append((yield from self.next_event(deadline)))
            deadline = 0
        return replies


def _refusal(reply: Reply) -> TalkFailed:
    return TalkFailed(f"{reply.verb} was refused: {reply.text}")


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

    def fetch(self, mailbox: str = INBOX, *, idle_us: int = 0) -> Story:
        """Download what is new, then let it go from the server unless it is to stay.

        Raises TalkFailed for what POP3 has not: a second mailbox, and IDLE.
        """
        if mailbox != INBOX or idle_us:
            raise TalkFailed("POP3 knows one mailbox, and cannot wait in it for new letters; IMAP can")
        talk = yield from self._open()
        yield from ended(talk, self._download(talk))

    def _download(self, talk: _Pop3Talk) -> Story:
        listing = yield from self._log_in(talk)
        new = [number for number, unique_id in listing.items() if unique_id not in self._numbers]
        yield from self._retrieve(talk, listing, new)
        if self.leave_on_server:
            yield from talk.say(_QUIT)
            return
        yield from self._part_with(talk, listing)
        for unique_id in listing.values():  # gone for good now, and never seen again (RFC 1939, 7)
            self._numbers.pop(unique_id, None)

    def _retrieve(self, talk: _Pop3Talk, listing: dict[int, str], new: list[int]) -> Story:
        """Ask for the new letters, all at once if the server pipelines, and keep each as it comes."""
        together = talk.core.pipelining and len(new) > 1
        if together:
            talk.send(_of_each("RETR", new))
        for number in new:
            if together:
                reply = yield from talk.next_reply()
            else:
                (reply,) = yield from talk.say(("RETR", str(number)))
            self._numbers[listing[number]] = key = self.box.keep(INBOX, reply.octets or b"")
            self.box.show(INBOX, key)

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

    def move(self, key: int, mailbox: str) -> Story:
        """Refuse: there is one mailbox on the server (RFC 1939, 1). Raises TalkFailed."""
        raise TalkFailed(f"POP3 knows no mailbox {mailbox}; IMAP has more than one")
        yield

    def append(self, mailbox: str, octets: bytes) -> Story:
        """Refuse: POP3 only takes letters away. Raises TalkFailed."""
        raise TalkFailed(f"POP3 cannot put a letter into {mailbox}; IMAP can")
        yield

    def show(self, key: int) -> Story:
        """Show a letter; it is here."""
        self.box.show(INBOX, key)
        yield from ()

    def _let_go(self, talk: _Pop3Talk, key: int) -> Story:
        listing = yield from self._log_in(talk)
        known = [number for number, unique_id in listing.items() if self._numbers.get(unique_id) == key]
        yield from self._part_with(talk, known)

    def _part_with(self, talk: _Pop3Talk, numbers: Iterable[int]) -> Story:
        """Let letters go from the server and leave, once every DELE has its +OK: QUIT is what removes (RFC 1939, 6).

        With a single one QUIT goes along, if the server pipelines: should it be refused, there is nothing to remove.
        """
        goodbyes = _of_each("DELE", numbers)
        if len(goodbyes) > 1:
            yield from talk.say(*goodbyes)
            goodbyes.clear()
        yield from talk.say(*goodbyes, _QUIT)

    def _log_in(self, talk: _Pop3Talk) -> Generator[Any, Any, dict[int, str]]:
        """Log in and list the letters: message number -> unique-id."""
        *_, listed = yield from talk.say(("USER", self.box.account), ("PASS", self.password), ("UIDL", ""))
        return listed.listing()

    def _open(self) -> Generator[Any, Any, _Pop3Talk]:
        stream = yield from self._connect()
        talk = _Pop3Talk(self.host, stream)
        try:
            yield from talk.greeting()
        except TalkFailed:
            stream.close()
            raise
        return talk

    def _connect(self) -> Generator[Any, Any, Stream]:
        return (yield from open_secure(self.host, self.access))


def _of_each(verb: str, numbers: Iterable[int]) -> list[_Said]:
    """Say one command of every letter."""
    return [(verb, str(number)) for number in numbers]
