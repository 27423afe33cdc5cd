"""Plays a transcript in `C:`/`S:` notation against a server core and gives the transcript that came out.

`# elsewhere: append`, `# elsewhere: expunge UID` and `# elsewhere: flag UID FLAG` are what another session does.
"""

from __future__ import annotations

from simulator.protocol.imap.server import Event, ImapServer, LoggedIn, Login, Refused

from .fake import PLAIN, FakeStore, golden_store

CLOSED = "# server closed the connection"
ACCOUNTS = {"bob@alpha.test": 'bob "pw\\', "иван@alpha.test": "пароль"}


class Session:
    """A session as a node would run it: policy for LOGIN, the rest is the core's."""

    def __init__(
        self, store: FakeStore | None = None, *, login_allowed: bool = True, tls_available: bool = False
    ) -> None:
        self.server = ImapServer(login_allowed=login_allowed, tls_available=tls_available, mechanisms=("PLAIN",))
        self.store = store or golden_store()
        self.events: list[Event] = []
        self.output = b""
        self.pump()

    def feed(self, octets: bytes) -> None:
        """Give octets to the core and run it dry."""
        self.server.receive_data(octets)
        self.pump()

    def pump(self) -> None:
        """Run the core dry."""
        while (event := self.server.next_event()) is not None:
            self.events.append(event)
            if isinstance(event, Login):
                known = ACCOUNTS.get(event.user) == event.password
                self.server.reply(LoggedIn(self.store) if known else Refused())
        self.output += self.server.data_to_send()

    def take(self) -> bytes:
        """Drain the output."""
        output, self.output = self.output, b""
        return output

    def say(self, line: str) -> bytes:
        """Send one line and give what came back."""
        self.take()
        self.feed(line.encode("utf-8") + b"\r\n")
        return self.take()


def play(transcript: str) -> str:
    """Send a transcript's `C:` lines and give the whole transcript as it really went."""
    session = Session()
    played = _shown(session.take())
    for line in transcript.splitlines():
        if line.startswith("C: "):
            played += [line, *_shown(session.say(line[3:].replace("\\r", "\r")))]
        elif line.startswith("# elsewhere: "):
            _elsewhere(session.store, line[13:].split())
            session.take()
            session.server.push()
            session.pump()
            played += [line, *_shown(session.take())]
        elif not line.startswith(("S: ", CLOSED)):
            played.append(line)
    if session.server.closed:
        played.append(CLOSED)
    return "\n".join(line for line in played if line != "") + "\n"


def _shown(output: bytes) -> list[str]:
    lines = output.decode("utf-8").split("\r\n")
    assert lines[-1] == "", "output must end with CRLF"
    return [f"S: {line}" for line in lines[:-1]]


def _elsewhere(store: FakeStore, words: list[str]) -> None:
    inbox = store.boxes["INBOX"]
    match words:
        case ["append"]:
            inbox.append(PLAIN)
        case ["expunge", uid]:
            inbox.expunge((int(uid),))
        case ["flag", uid, flag]:
            message = next(message for message in inbox.messages() if message.uid == int(uid))
            inbox.set_flags(int(uid), message.flags | {flag})
        case ["quota", octets]:
            store.limit = int(octets)
        case ["delete", name]:
            store.delete(name)
        case _:
            raise ValueError(words)
