"""Mutated sessions by the thousand (a million with --long): typed errors only, bounded buffers, any chunking alike.

What every session promises here: no exception, one final reply for each command, no control octet in a reply, nothing
kept beyond the limits, no letter with a bare newline, the same words whatever the chunks.
"""

import random
import re
from pathlib import Path

import pytest

from simulator import limits
from simulator.errors import ProtocolError, RemoteProtocolError
from simulator.protocol.octets import newline_fault
from simulator.protocol.smtp import LMTP, RELAY, SUBMISSIONS, SecretWanted, SmtpClient, SmtpServer, commands
from simulator.protocol.smtp.options import MAIL, RCPT, MailOptions, RecipientOptions, read
from simulator.protocol.smtp.paths import parse_mailbox, split_path
from tests.protocol.smtp.runner import DIALOGUES, Policy, server_for

SIZE = 3000
ROOM = SIZE * 2 + limits.AUTH_LINE_OCTETS + 100
"""Octets that a session may hold of a letter of 3000 octets (stuffed) and of the longest line."""
OPTIONS = [
    f"size={SIZE} offers=all errors=1000",
    f"size={SIZE} offers=all errors=1000 normalise",
    f"face=lmtp size={SIZE} offers=all errors=1000",
    f"face=submissions size={SIZE} auth=PLAIN,LOGIN,CRAM-MD5,SCRAM-SHA-256 offers=all errors=1000",
    f"face=submission tls clear size={SIZE} auth=PLAIN offers=all",
    "offers=PIPELINING",
]
PIECES = [
    b"\r\n", b"\n", b"\r", b".", b"\r\n.\r\n", b"\n.\n", b"\n.\r\n", b"\r\n.\n", b"\r.\r\n", b"\0", b"\x1b[2J", b"\xff", b"<", b">",
    b"BDAT 5\r\n", b"BDAT 4 LAST\r\n", b"BDAT 99999999999999999999 LAST\r\n", b"DATA\r\n", b"RSET\r\n", b"STARTTLS\r\n",
    b"EHLO c\r\n", b"LHLO c\r\n", b"MAIL FROM:<a@b.test>\r\n", b"RCPT TO:<bob@alpha.test>\r\n", b" SMTPUTF8", b" RET=FULL",
    b" NOTIFY=NEVER", b" ORCPT=rfc822;x+2By", b"AUTH SCRAM-SHA-256 biwsbj11c2VyLHI9eA==\r\n", b"AUTH CRAM-MD5\r\n", b"*\r\n",
    b"=", b"\xd0\xbf", b"x" * 1100, b"\r\n" + b"y" * 14_000,
]  # fmt: skip


def clients_words(file: Path) -> tuple[str, bytes]:
    """The options of a dialogue, and what its client says as one stream; where TLS is started, from there on."""
    said, options = b"", ""
    for line in file.read_text(encoding="utf-8").splitlines():
        if line.startswith("@"):
            options = line[1:].replace("errors=", "ignored=")
        elif line == "! tls":
            said, options = b"", options.replace("face=submission tls", "face=submissions")
        elif line.startswith("C: "):
            said += line[3:].encode("latin-1") + b"\r\n"
        elif line.startswith("C= "):
            said += line[3:].encode().decode("unicode_escape").encode("latin-1")
    own = [word for word in options.split() if not word.startswith(("size=", "offers="))]
    return " ".join([*own, f"size={SIZE}", "offers=all", "errors=1000"]), said


SEEDS = [clients_words(file) for file in sorted(DIALOGUES.glob("*.txt"))]


def mutated(seed: bytes, chance: random.Random) -> bytes:
    """Change a stream in one to six places."""
    octets = bytearray(seed)
    for _ in range(chance.randint(1, 4)):
        start = chance.randrange(len(octets) + 1)
        end = min(len(octets), start + chance.randrange(12))
        what = chance.randrange(5)
        if what == 0:
            octets[start:end] = b""
        elif what == 1:
            octets[start:start] = octets[start:end] * chance.randint(1, 20)
        elif what == 2:
            octets[start:end] = chance.choice(PIECES)
        elif what == 3 and start < len(octets):
            octets[start] ^= 1 << chance.randrange(8)
        else:
            other = chance.choice(SEEDS)[1]
            octets[start:start] = other[chance.randrange(len(other) + 1) :][:200]
    return bytes(octets)


def held(server: SmtpServer) -> int:
    """Octets that a server keeps of what its client has said."""
    reader = server._reader
    return server.unread + server.chunked + (0 if reader is None else len(reader._collected))


def outcome(options: str, chunks: list[bytes]) -> tuple[list[object], bytes, list[object]]:
    """Serve a stream; the events, the words of the server and the letters."""
    server = server_for(options)
    policy, events, said = Policy(server), list[object](), server.data_to_send()
    for chunk in chunks:
        server.receive_data(chunk)
        while (event := server.next_event()) is not None:
            events.append(event)
            if event.reply is None:
                policy.answer(event)
        said += server.data_to_send()
        assert held(server) <= ROOM
    return events, said, list(policy.letters)


def cut(octets: bytes, chance: random.Random) -> list[bytes]:
    """Cut a stream anywhere."""
    chunks, start = [], 0
    while start < len(octets):
        end = start + chance.choice([1, 2, 3, 7, 40, 500, 5000])
        chunks.append(octets[start:end])
        start = end
    return chunks


CONTROL = re.compile(rb"[^\r\n -~]|\r(?!\n)|(?<!\r)\n")


def test_no_mutation_of_a_session_breaks_a_promise(long: bool) -> None:
    chance = random.Random(5321)
    for _ in range(1_000_000 if long else 3_000):
        own, seed = chance.choice(SEEDS)
        octets, options = mutated(seed, chance), own if chance.random() < 0.8 else chance.choice(OPTIONS)
        events, said, letters = outcome(options, [octets[i : i + 4000] for i in range(0, len(octets), 4000)])
        again = outcome(options, cut(octets, chance))
        assert again == (events, said, letters), octets
        assert CONTROL.search(said) is None, octets
        assert not any(newline_fault(letter[2]) for letter in letters), octets
        if "lmtp" not in options:
            final = [line for line in said.split(b"\r\n")[:-1] if line[3:4] != b"-"]
            commands_seen = [event for event in events if not isinstance(event, SecretWanted)]
            assert len(final) == len(commands_seen) + 1, octets


REPLIES = (
    b"220 hi\r\n250-mail\r\n250-PIPELINING\r\n250-SIZE 1000\r\n250-CHUNKING\r\n250-LIMITS RCPTMAX=7\r\n"
    b"250-AUTH PLAIN SCRAM-SHA-256\r\n250 DSN\r\n250 2.1.0 Ok\r\n550-5.1.1 no\r\n550 5.1.1 no\r\n250 ok\r\n354 go\r\n"
    b"250 2.0.0 Ok: queued\r\n334 eA==\r\n235 ok\r\n421 bye\r\n"
)


def listened(octets: list[bytes], face: object) -> tuple[list[object], str]:
    """Let a client say what it can and hear a stream; its events and its end."""
    assert face in (RELAY, LMTP, SUBMISSIONS)
    client = SmtpClient(hostname="c.example", face=face, auth_in_clear=True)  # type: ignore[arg-type]
    script = [
        client.hello(), commands.mail("a@b.test"), commands.rcpt("x@y.test"), commands.rcpt("z@y.test"),
        *commands.chunks(b"a\r\nb\r\n", size=3), commands.data(), commands.content(b"x\r\n"), commands.auth("PLAIN"),
        commands.auth_response(b"x"), commands.quit_(),
    ]  # fmt: skip
    events = list[object]()
    try:
        for chunk in octets:
            client.receive_data(chunk)
            while (event := client.next_event()) is not None:
                events.append(event)
                while script and script[0].verb in client.legal_now():
                    _try(client, script.pop(0))
            assert len(client._buffer or b"") + sum(map(len, client._lines)) <= 500_000
    except RemoteProtocolError as error:
        assert client.closed
        return events, type(error).__name__
    return events, client.state


def _try(client: SmtpClient, command: commands.ClientCommand) -> None:
    try:
        client.send(command)
    except ProtocolError:
        return


def test_no_words_of_a_server_break_the_client(long: bool) -> None:
    chance = random.Random(2033)
    for _ in range(1_000_000 if long else 2_000):
        octets, face = mutated(REPLIES, chance), chance.choice([RELAY, LMTP, SUBMISSIONS])
        assert listened([octets], face) == listened(cut(octets, chance), face), octets


WORDS = [
    "a",
    "@",
    "b.test",
    "<",
    ">",
    '"',
    "\\",
    " ",
    "[",
    "192.0.2.1",
    "IPv6:::1",
    "]",
    ":",
    ",",
    "п",
    "ß",
    "\u200f",
    "\x85",
    "-",
    ".",
]
KEYS = [
    "SIZE",
    "BODY",
    "RET",
    "ENVID",
    "AUTH",
    "NOTIFY",
    "ORCPT",
    "SMTPUTF8",
    "=",
    "+2B",
    "+",
    ";",
    ",",
    " ",
    "x",
    "1",
    "NEVER",
    "\xff",
]


@pytest.mark.parametrize("seed", range(4))
def test_no_argument_breaks_a_parser(seed: int, long: bool) -> None:
    chance = random.Random(seed)
    offered = frozenset({"SIZE", "8BITMIME", "SMTPUTF8", "DSN", "AUTH"})
    for _ in range(250_000 if long else 1_500):
        text = "".join(chance.choices(WORDS, k=chance.randrange(14)))
        split_path(text)
        path = parse_mailbox(text, utf8=chance.random() < 0.5)
        if path is not None and not path.is_null:
            assert parse_mailbox(str(path), utf8=True) == path
            assert path.downgraded() is None or path.downgraded().is_ascii  # type: ignore[union-attr]
        line = "".join(chance.choices(KEYS, k=chance.randrange(10)))
        read(line, MailOptions(), MAIL, offered)
        read(line, RecipientOptions(), RCPT, offered)
