"""A maildrop in memory, a session as a node would run it, and transcripts in `C:`/`S:` notation played against it."""

from __future__ import annotations

from simulator.protocol.pop3 import Event, LoggedIn, Login, Pop3Server, Refused, SecretAsked, Update, Updated

LETTER = b"From: Carol <carol@beta.test>\r\nSubject: golden\r\n\r\nHello Bob\r\n.leading dot\r\n..two\r\n"
UNENDED = b"Subject: no line end\r\n\r\n.\r\nlast"
HEADER_ONLY = b"Subject: header only\r\n"
USER, PASSWORD = "bob@alpha.test", 'bob "p w\\ '
CLOSED = "# server closed the connection"


class FakeMaildrop:
    """Three letters, and the marks that came true."""

    def __init__(self) -> None:
        self.letters = {1: LETTER, 2: UNENDED, 3: HEADER_ONLY}

    def sizes(self) -> list[int]:
        return [len(letter) for letter in self.letters.values()]

    def unique_ids(self) -> list[str]:
        return [f"{number:08x}6b04f283" for number in self.letters]

    def octets(self, number: int) -> bytes:
        return self.letters[number]


class Session:
    """Policy for login and update; the rest is the core's."""

    def __init__(
        self,
        drop: FakeMaildrop | None = None,
        *,
        login_allowed: bool = True,
        tls_available: bool = False,
        apop: bool = False,
        mechanisms: tuple[str, ...] = ("PLAIN",),
    ) -> None:
        self.server = Pop3Server(
            login_allowed=login_allowed,
            tls_available=tls_available,
            apop=apop,
            mechanisms=mechanisms,
            nonce="532a.c.6b04f2a8" if apop else "",
            hostname="mail.alpha.test",
        )
        self.drop = drop or FakeMaildrop()
        self.events: list[Event] = []
        self.output = self.server.data_to_send()
        self.locked = False
        self.update_fails = False

    def feed(self, octets: bytes) -> None:
        """Give octets to the core and run it dry."""
        self.server.receive_data(octets)
        while (event := self.server.next_event()) is not None:
            self.events.append(event)
            if isinstance(event, Login):
                self.server.reply(self._judge(event))
            elif isinstance(event, SecretAsked):
                self.server.provide(PASSWORD if event.user == USER else None)
            elif isinstance(event, Update):
                self._update(event)
        self.output += self.server.data_to_send()

    def _judge(self, login: Login) -> LoggedIn | Refused:
        good = (login.user, login.password) == (USER, PASSWORD) if login.verified is None else login.verified
        if not good:
            return Refused()
        return Refused("Maildrop is locked by another session.", "IN-USE") if self.locked else LoggedIn(self.drop)

    def _update(self, update: Update) -> None:
        if self.update_fails:
            self.server.reply(Refused("Some deleted messages not removed.", "SYS/TEMP"))
            return
        for number in update.deleted:
            del self.drop.letters[number]
        self.server.reply(Updated())

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
    session = Session(apop="# offers APOP" in transcript, mechanisms=("PLAIN", "LOGIN"))
    played = _shown(session.take())
    for line in transcript.splitlines():
        if line.startswith("C: "):
            played += [line, *_shown(session.say(line[3:].replace("\\r", "\r")))]
        elif line.startswith("# elsewhere: "):
            session.locked = line.endswith(" locks")
            played.append(line)
        elif not line.startswith(("S: ", CLOSED)):
            played.append(line)
    if session.server.closed:
        played.append(CLOSED)
    return "\n".join(played) + "\n"


def _shown(output: bytes) -> list[str]:
    lines = output.decode("utf-8").split("\r\n")
    assert lines[-1] == "", "output must end with CRLF"
    return [f"S: {line}" for line in lines[:-1]]
