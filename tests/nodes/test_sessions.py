"""Server sessions driven from outside in raw octets: odd chunkings, rude clients, slow readers, bugs of our own."""

from __future__ import annotations

from itertools import pairwise
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from simulator import limits
from simulator.engine.stream import Stream
from simulator.engine.task import spawn
from simulator.nodes.connecting import Access
from simulator.nodes.mta import Mta
from simulator.nodes.session import Session
from simulator.nodes.tls_filter import secure_client
from simulator.protocol.smtp.replies import reply
from tests.nodes.mail_world import BETA, MINUTE, SECOND, MailWorld

BORIS = "boris@beta.example"
DIALOGUE = (
    b"EHLO pc\r\nMAIL FROM:<a@x.example> SIZE=30\r\nRCPT TO:<boris@beta.example>\r\nRCPT TO:<nobody@beta.example>\r\n"
    b"RCPT TO:<x@elsewhere.example>\r\nDATA\r\nSubject: raw\r\n\r\n..dot\r\n.\r\nNOOP\r\nQUIT\r\n"
)
CODES = (220, 250, 250, 250, 550, 554, 354, 250, 250, 221)


class Raw:
    """A client that says what a test says."""

    def __init__(self, world: MailWorld, port: int = 25, *, tls: bool = False, address: str = BETA) -> None:
        self.world = world
        self.heard = b""
        self.closed = ""
        self.stream: Stream = None  # type: ignore[assignment]
        host = world.hosts["pc-anna"]

        def story() -> Any:
            self.stream = yield host.network.connect(host.name, address, port)
            self.stream.on_data = self._hear
            self.stream.on_close = self._close
            if tls:
                secure_client(host, self.stream, "raw", "mx.beta.example", lambda: None, lambda error: None)

        world.at(int(world.env.now), lambda: spawn(world.env, story()))
        self.wait()

    def _hear(self, octets: bytes) -> None:
        self.heard += octets

    def _close(self, how: str) -> None:
        self.closed = how
        self.stream.close()

    def wait(self, time: int = 10 * SECOND) -> bytes:
        """Let the world run for a while; give what was heard so far."""
        self.world.env.advance(int(self.world.env.now) + time)
        return self.heard

    def say(self, octets: bytes, *, cuts: tuple[int, ...] = ()) -> None:
        """Say something, cut at these places, the pieces 1 ms apart."""
        places = (0, *sorted(set(cuts)), len(octets))
        for number, (start, end) in enumerate(pairwise(places)):
            self.world.env.call_later(number * 1000, self.stream.send, octets[start:end])

    @property
    def codes(self) -> tuple[int, ...]:
        """The codes of the replies; a line that another continues counts with its last."""
        return tuple(int(line[:3]) for line in self.heard.split(b"\r\n") if line[3:4] == b" ")


@settings(max_examples=60, deadline=None)
@given(cuts=st.lists(st.integers(1, len(DIALOGUE) - 1), max_size=12))
def test_every_chunking_gives_the_same_replies_and_the_same_letter(cuts: list[int]) -> None:
    world = MailWorld()
    raw = Raw(world)
    raw.say(DIALOGUE, cuts=tuple(cuts))
    world.run()
    assert raw.codes == CODES
    (letter,) = world.letters(BORIS)
    assert letter.endswith(b"\r\nSubject: raw\r\n\r\n.dot\r\n")
    assert raw.closed == "fin"


def test_octet_by_octet_gives_the_same_as_all_at_once() -> None:
    world = MailWorld()
    raw = Raw(world)
    raw.say(DIALOGUE, cuts=tuple(range(1, len(DIALOGUE))))
    world.run()
    assert raw.codes == CODES


def test_a_client_that_pipelines_and_half_closes_gets_all_its_answers() -> None:
    world = MailWorld()
    raw = Raw(world)
    raw.say(DIALOGUE.removesuffix(b"QUIT\r\n"))
    world.env.call_later(1, lambda _: raw.stream.close())
    world.run()
    assert raw.codes == CODES[:-1]
    assert len(world.letters(BORIS)) == 1


def test_commands_that_had_to_wait_keep_the_chunk_that_they_came_in_as_cause() -> None:
    world = MailWorld()
    raw = Raw(world)
    first, second = DIALOGUE.split(b"NOOP")
    raw.say(first + b"VRFY boris\r\nNOOP" + second, cuts=(len(first) - 1, len(first)))
    world.run()
    causes = {verb: world.ask(f"smtp.command verb={verb} | last cause") for verb in ("VRFY", "NOOP", "QUIT")}
    chunk = world.records[causes["VRFY"] - 1]
    assert chunk[12].startswith(b"VRFY")
    assert causes["NOOP"] == causes["QUIT"] == chunk[0]


def test_errors_beyond_the_tenth_come_late_and_the_twentieth_ends_the_session() -> None:
    world = MailWorld()
    raw = Raw(world)
    for _ in range(25):
        raw.stream.send(b"BLAH\r\n")
    world.run()
    times = world.ask("smtp.reply verb=BLAH | list t")
    assert len(times) == limits.ERRORS_CLOSE
    gaps = [later - earlier for earlier, later in pairwise(times)]
    assert gaps[: limits.ERRORS_SLOW - 1] == [0] * (limits.ERRORS_SLOW - 1)
    assert all(gap >= limits.ERROR_DELAY_US for gap in gaps[limits.ERRORS_SLOW - 1 :])
    assert raw.codes[-1] == 421


def test_a_silent_client_is_told_so_and_cut_off() -> None:
    world = MailWorld()
    raw = Raw(world)
    world.run()
    assert raw.codes == (220, 421)
    assert world.env.now == pytest.approx(limits.IDLE_SMTP_US, abs=SECOND)


def test_a_busy_client_is_not_cut_off() -> None:
    world = MailWorld()
    raw = Raw(world)
    for number in range(20):
        world.env.call_later(number * MINUTE, raw.stream.send, b"NOOP\r\n")
    world.env.call_later(20 * MINUTE, raw.stream.send, b"QUIT\r\n")
    world.run()
    assert raw.codes == (220, *[250] * 20, 221)


@pytest.mark.parametrize("port", [25, 465, 587, 993, 995, 783, 24])
def test_no_client_that_says_nothing_or_garbage_can_stay(port: int) -> None:
    for garbage in (b"", b"\x16\x03\x01", b"\x00" * 600 + b"\r\n", b"GET / HTTP/1.1\r\n\r\n"):
        world = MailWorld(spam=True)
        hosts = {24: "127.0.0.1", 783: "127.0.0.1"}
        if port in hosts:
            world.hosts["pc-anna"] = world.hosts["mx-beta"]
        raw = Raw(world, port, address=hosts.get(port, BETA))
        raw.stream.send(garbage)
        world.run()


@pytest.mark.parametrize("port", [25, 465, 587, 993, 995])
def test_a_client_that_dies_in_a_handshake_holds_nothing(port: int) -> None:
    world = MailWorld()
    raw = Raw(world, port, tls=port not in (25, 587))
    if port in (25, 587):
        raw.stream.send(b"EHLO x\r\nSTARTTLS\r\n")
    now = int(world.env.now)
    world.fails("pc-anna", now + 21_000, now + 22_000)
    world.run()


def test_nothing_is_said_in_clear_when_a_handshake_takes_too_long() -> None:
    world = MailWorld()
    raw = Raw(world, 587)
    raw.stream.send(b"EHLO x\r\nSTARTTLS\r\n")
    raw.wait()
    heard = raw.heard
    assert heard.endswith(b"220 2.0.0 Ready to start TLS\r\n")
    world.run()
    assert raw.heard == heard
    assert raw.closed == "reset"


def test_what_follows_starttls_in_clear_is_never_obeyed() -> None:
    world = MailWorld()
    raw = Raw(world, 587)
    raw.stream.send(b"EHLO x\r\nSTARTTLS\r\nMAIL FROM:<a@x.example>\r\nVRFY boris\r\n")
    raw.wait()
    assert world.ask("smtp.command verb=VRFY | count") == 0
    assert raw.codes[-1] == 220


def test_a_certificate_for_another_name_is_told_to_the_user_and_nothing_goes_in_clear() -> None:
    world = MailWorld()
    world.programs["pc-anna"].sends_via = Access("submission", "other.alpha.example", 587)
    world.send(BORIS)
    world.run()
    assert world.ask("tls.failed | list at") == ("pc-anna", "mail-alpha")
    assert world.ask("auth.login | count") == 0
    assert world.ask("mua.notice | count") == 1


def test_a_failed_handshake_is_recorded_once_on_each_side() -> None:
    world = MailWorld()
    failures: list[Exception] = []
    raw = Raw(world, 993)
    secure_client(world.hosts["pc-anna"], raw.stream, "imaps", "wrong.example", lambda: None, failures.append)
    world.run()
    assert len(failures) == 1
    assert world.ask("tls.failed | list at") == ("pc-anna", "mx-beta")
    assert world.ask("tcp.data tls=no at=mx-beta | count") == 0


@pytest.mark.parametrize("when", ["mail", "content"])
def test_a_session_that_breaks_ends_alone_and_is_recorded(monkeypatch: pytest.MonkeyPatch, when: str) -> None:
    world = MailWorld()
    good = getattr(Mta, when)

    def broken(self: Mta, session: Any, what: Any) -> Any:
        if b"Subject: raw" in what if when == "content" else "a@x.example" in str(what):
            raise IndexError("pop from an empty list")
        return good(self, session, what)

    monkeypatch.setattr(Mta, when, broken)
    raw = Raw(world)
    raw.say(DIALOGUE)
    world.send(BORIS, when=int(world.env.now) + SECOND)
    world.run(broken=True)
    assert raw.codes[-1] == 421
    assert world.ask("alert | list text") == ("IndexError: pop from an empty list",)
    assert world.promises_broken() == {"alert"}
    assert len(world.letters(BORIS)) == 1
    assert not world.network.open_sessions


def test_an_answer_that_cannot_be_given_breaks_its_session_only(monkeypatch: pytest.MonkeyPatch) -> None:
    world = MailWorld()

    def wrong(self: Mta, session: Any, octets: bytes) -> Any:
        yield from ()
        return (reply(354, "", "go on"),)

    monkeypatch.setattr(Mta, "content", wrong)
    raw = Raw(world)
    raw.say(DIALOGUE)
    world.run(broken=True)
    assert raw.codes[-1] == 421
    assert world.ask("alert | count") == 1


def test_a_client_that_does_not_read_gets_no_more_than_is_allowed() -> None:
    world = MailWorld()
    world.send(BORIS, text=("z" * 70 + "\n") * 3_000)
    world.env.advance(MINUTE)
    raw = Raw(world, 993, tls=True)
    raw.stream.send(b"a LOGIN boris@beta.example battery\r\nb SELECT INBOX\r\n")
    raw.wait()
    raw.stream.hold()
    raw.stream.send(b"".join(b"c%d FETCH 1 BODY.PEEK[]\r\n" % number for number in range(50)))
    raw.wait()
    server = raw.stream.peer
    assert server is not None
    size = len(world.letters(BORIS)[0])
    assert limits.UNREAD_OUTPUT_OCTETS <= server.unsent < limits.UNREAD_OUTPUT_OCTETS + 2 * size
    assert world.ask("imap.command verb=FETCH | count") <= 3
    raw.stream.release()
    raw.stream.send(b"d LOGOUT\r\n")
    world.run()
    assert all(b"c%d OK" % number in raw.heard for number in range(50))
    assert raw.heard.count(b"z" * 70) == 50 * 3_000


def test_a_client_that_floods_a_busy_server_is_held_back() -> None:
    world = MailWorld()
    raw = Raw(world)
    first, _ = DIALOGUE.split(b"NOOP")
    world.hosts["mx-beta"].resolver = "198.51.100.99"  # nobody: the look-up of the client's name takes its time
    raw.stream.send(first)
    for _ in range(100):
        raw.stream.send(b"NOOP " + b"x" * 400 + b"\r\n" + b"NOOP\r\n" * 800)
    raw.wait(SECOND)
    assert _session(raw.stream.peer)._backlog < limits.UNREAD_OUTPUT_OCTETS + 10_000
    assert raw.stream.unsent > 0
    raw.stream.send(b"QUIT\r\n")
    world.run()
    assert raw.codes.count(250) == 4 + 80_100
    assert raw.codes[-1] == 221


def _session(stream: Stream | None) -> Session:
    assert stream is not None
    handler: Any = stream.on_data
    session: Session = handler.__self__
    return session


@pytest.mark.parametrize(
    ("port", "words", "last"),
    [
        (995, b"USER boris@beta.example\r\nPASS no\r\n" * 3, b"-ERR"),
        (993, b"a LOGIN boris@beta.example no\r\n" * 3, b"BYE"),
    ],
)
def test_three_failed_logins_end_the_session(port: int, words: bytes, last: bytes) -> None:
    world = MailWorld()
    raw = Raw(world, port, tls=True)
    raw.stream.send(words)
    world.run()
    assert world.ask("auth.login | list result") == ("wrong-password",) * limits.FAILED_LOGINS
    assert last in raw.heard
    assert raw.closed
    assert world.env.now < 10 * MINUTE


def test_two_recipients_that_differ_in_case_only_are_one() -> None:
    world = MailWorld()
    raw = Raw(world)
    raw.say(
        b"EHLO x\r\nMAIL FROM:<>\r\nRCPT TO:<boris@beta.example>\r\nRCPT TO:<BORIS@Beta.Example>\r\nDATA\r\nSubject: x\r\n\r\nx\r\n.\r\nQUIT\r\n"
    )
    world.run()
    assert len(world.letters(BORIS)) == 1
    assert b"Return-Path: <>\r\n" in world.letters(BORIS)[0]
