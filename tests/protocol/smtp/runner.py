r"""Plays a dialogue in C:/S: notation against a server core that has a small fixed policy.

@ face=submission tls auth=PLAIN size=2000      configuration, first line, optional
# a remark
C: a line of the client, CRLF is added          consecutive C: lines travel together
C= octets with Python escapes, nothing added    for bare newlines and unfinished lines
S: a line of the server
! tls                                           the handshake is done
! time-out                                      the server gives up waiting
! closed                                        the server has closed
"""

from collections.abc import Callable, Iterator
from pathlib import Path as File

from simulator.protocol import sasl
from simulator.protocol.smtp import (
    FACES,
    Command,
    Content,
    Credentials,
    Reply,
    SecretWanted,
    ServerEvent,
    SmtpServer,
    extensions,
    replies,
    reply,
)

DIALOGUES = File(__file__).parent / "dialogues"
USERS = {"alice", "bob", "dave", "erin"}
OFFERS = {"usual": extensions.USUAL, "all": extensions.BUILT}
SCRAM = sasl.derive("alice-pw", b"0123456789abcdef")


class Policy:
    """Knows alpha.test and a few users; keeps what it accepted. The queue id is always 7C88E25C169."""

    def __init__(self, server: SmtpServer) -> None:
        self.server = server
        self.letters: list[tuple[str, tuple[str, ...], bytes]] = []

    def answer(self, event: ServerEvent) -> None:
        """Answer an event that waits."""
        if isinstance(event, SecretWanted):
            scram = event.mechanism == "SCRAM-SHA-256"
            known = SCRAM if scram else "alice-pw"
            self.server.provide(known if event.authcid == "alice@alpha.test" else None)
        elif isinstance(event, Credentials):
            good = (event.authcid, event.password) == ("alice@alpha.test", "alice-pw")
            good = good if event.verified is None else event.verified
            self.server.reply(replies.AUTHENTICATED if good else replies.auth_failed("(reason unavailable)"))
        elif isinstance(event, Content):
            self._content(event)
        else:
            self.server.reply(self._command(event))

    def _content(self, event: Content) -> None:
        server = self.server
        recipients = tuple(str(path) for path in server.recipients)
        self.letters.append((str(server.reverse_path), recipients, event.octets))
        if server.face.reply_each:
            server.reply_all([self._delivered(name) for name in recipients])
        else:
            taken = f"Ok: {server.chunked} bytes queued as" if event.verb == "BDAT-LAST" else "Ok: queued as"
            server.reply(reply(250, "2.0.0", f"{taken} 7C88E25C169"))

    def _delivered(self, name: str) -> Reply:
        if name.startswith("erin"):
            return reply(452, "4.2.2", f"<{name}> Mailbox is full")
        return reply(250, "2.0.0", f"<{name}> 7C88E25C169 Saved")

    def _command(self, event: Command) -> Reply:
        if event.verb == "MAIL":
            return replies.OK_SENDER
        if event.verb == "DATA":
            return replies.START_DATA
        path = event.path
        assert path is not None
        if path.domain.lower() not in ("alpha.test", "[127.0.0.1]", "") and self.server.authenticated is None:
            return reply(554, "5.7.1", f"<{path}>: Relay access denied")
        if path.local not in USERS and not path.is_postmaster and path.domain.lower() == "alpha.test":
            why = "Recipient address rejected: User unknown in virtual mailbox table"
            return reply(550, "5.1.1", f"<{path}>: {why}")
        if event.verb == "EXPN":
            return reply(250, "2.1.5", f"<{path}>", "<erin@alpha.test>")
        return reply(252, "2.0.0", str(path)) if event.verb == "VRFY" else replies.OK_RECIPIENT


def server_for(options: str = "") -> SmtpServer:
    """Build a server from the words after `@`."""
    words = dict(word.partition("=")[::2] for word in options.split())
    server = SmtpServer(
        hostname="mail.alpha.test",
        face=FACES[words.get("face", "relay")],
        size_limit=int(words.get("size", "10240000")),
        tls_available="tls" in words,
        auth_mechanisms=tuple(filter(None, words.get("auth", "").split(","))),
        tls_trouble="tls-trouble" in words,
        auth_in_clear="clear" in words,
        auth_nonce="8482592023664717",
        normalise_newlines="normalise" in words,
        recipient_limit=int(words.get("recipients", "1000")),
        error_limit=int(words.get("errors", "20")),
        offers=OFFERS.get(words.get("offers", "usual")) or words["offers"].split(","),
    )
    server.greet()
    return server


def serve(server: SmtpServer, policy: Policy, octets: bytes, *, chunk: int | None = None) -> bytes:
    """Feed octets in chunks of a size (None: all at once), answer what waits, and give what the server says."""
    step = chunk or max(1, len(octets))
    said = server.data_to_send()
    for start in range(0, len(octets), step):
        server.receive_data(octets[start : start + step])
        while (event := server.next_event()) is not None:
            if event.reply is None:
                policy.answer(event)
        said += server.data_to_send()
    return said


def play(text: str, *, chunk: int | None = None) -> Policy:
    """Play a dialogue and compare every line of the server. Gives the policy with the letters it accepted."""
    lines = [line for line in text.splitlines() if line and not line.startswith("#")]
    options = lines.pop(0)[1:] if lines[0].startswith("@") else ""
    server = server_for(options)
    policy = Policy(server)
    for octets, expected, number in turns(lines, server):
        said = serve(server, policy, octets, chunk=chunk)
        wanted = b"".join(line.encode() + b"\r\n" for line in expected)
        assert said.decode() == wanted.decode(), f"turn {number}: after {octets!r}"
    return policy


def turns(lines: list[str], server: SmtpServer) -> Iterator[tuple[bytes, list[str], int]]:
    """Cut a dialogue into turns: what the client says together, and the lines that must come back."""
    actions: dict[str, Callable[[], object]] = {
        "tls": server.tls_started,
        "time-out": server.time_out,
        "shut-down": server.shut_down,
        "closed": lambda: check_closed(server),
    }
    octets, expected = b"", list[str]()
    for number, line in enumerate(lines):
        mark, body = line[:2], line[3:]
        if expected and mark != "S:":
            yield octets, expected, number
            octets, expected = b"", []
        if mark == "C:":
            octets += body.encode("latin-1") + b"\r\n"
        elif mark == "C=":
            octets += body.encode().decode("unicode_escape").encode("latin-1")
        elif mark == "S:":
            expected.append(body)
        elif mark == "! ":
            if octets:
                yield octets, [], number
                octets = b""
            actions[line[2:]]()
        else:
            raise ValueError(f"line {number} of the dialogue begins with {mark!r}")
    yield octets, expected, len(lines)


def check_closed(server: SmtpServer) -> None:
    """Fail unless the server has closed."""
    assert server.closed
