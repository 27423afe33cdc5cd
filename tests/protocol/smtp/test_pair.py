"""A client core and a server core talk to each other with nothing between them."""

from collections.abc import Callable
from dataclasses import dataclass, field

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from simulator.protocol.smtp import LMTP, RELAY, SUBMISSION, ClientCommand, Face, ReplyReceived, SmtpClient, commands
from tests.protocol.smtp.runner import Policy, serve, server_for


@dataclass
class Pair:
    """Both ends; `say` sends commands together and gives the replies that came back."""

    client: SmtpClient
    policy: Policy
    chunk: int | None = None
    seen: list[ReplyReceived] = field(default_factory=list)

    def say(self, *said: ClientCommand) -> list[ReplyReceived]:
        """Send, let the server answer, read the replies."""
        for command in said:
            self.client.send(command)
        back = serve(self.policy.server, self.policy, self.client.data_to_send(), chunk=self.chunk)
        step = self.chunk or max(1, len(back))
        replies = list[ReplyReceived]()
        for start in range(0, len(back), step):
            self.client.receive_data(back[start : start + step])
            replies += iter(self.client.next_event, None)
        self.seen += replies
        assert self.client.state is self.policy.server.state or self.client.state == "handshake"
        return replies

    def codes(self, *said: ClientCommand) -> list[int]:
        """Send and give only the codes."""
        return [event.reply.code for event in self.say(*said)]


def connect(face: Face, options: str = "", chunk: int | None = None) -> Pair:
    """Open a session up to and including the greeting."""
    policy = Policy(server_for(f"face={face.name} {options}"))
    pair = Pair(SmtpClient(hostname="client.example", face=face), policy, chunk)
    assert pair.codes() == [220]
    return pair


PairMaker = Callable[..., Pair]


@pytest.fixture(params=[None, 1, 5], ids=["whole", "by-octet", "by-five"])
def pair(request: pytest.FixtureRequest) -> PairMaker:
    """Make pairs whose octets travel in chunks of a size."""
    return lambda face, options="": connect(face, options, request.param)


def test_a_letter_is_relayed_in_four_round_trips(pair: PairMaker) -> None:
    relay = pair(RELAY)
    assert relay.codes(relay.client.hello()) == [250]
    group = (commands.mail("carol@beta.test", size=9), commands.rcpt("bob@alpha.test"), commands.data())
    assert relay.codes(*group) == [250, 250, 354]
    assert relay.codes(commands.content(b".hidden\r\n")) == [250]
    assert relay.codes(commands.quit_()) == [221]
    assert relay.client.closed
    assert relay.policy.letters == [("carol@beta.test", ("bob@alpha.test",), b".hidden\r\n")]


def test_a_letter_is_submitted_over_tls_with_a_password(pair: PairMaker) -> None:
    submission = pair(SUBMISSION, "tls auth=PLAIN")
    client, server = submission.client, submission.policy.server
    assert submission.codes(client.hello()) == [250]
    assert "AUTH" not in client.extensions
    assert submission.codes(commands.starttls()) == [220]
    client.tls_started()
    server.tls_started()
    assert submission.codes(client.hello()) == [250]
    assert client.extensions["AUTH"] == "PLAIN"
    assert submission.codes(commands.auth_plain("alice@alpha.test", "wrong")) == [535]
    assert submission.codes(commands.auth("PLAIN")) == [334]
    assert submission.codes(commands.auth_response(b"\0alice@alpha.test\0alice-pw")) == [235]
    assert client.authenticated
    assert (server.protocol, server.client_name) == ("ESMTPSA", "client.example")
    group = (commands.mail("alice@alpha.test"), commands.rcpt("carol@beta.test"), commands.data())
    assert submission.codes(*group) == [250, 250, 354]
    assert submission.codes(commands.content("привет\r\n".encode())) == [250]
    assert submission.policy.letters[0][2] == "привет\r\n".encode()


def test_a_letter_is_delivered_by_lmtp_with_a_reply_for_each_recipient(pair: PairMaker) -> None:
    lmtp = pair(LMTP)
    assert lmtp.codes(lmtp.client.hello()) == [250]
    names = ["bob@alpha.test", "nobody@alpha.test", "erin@alpha.test"]
    group = (commands.mail(""), *map(commands.rcpt, names), commands.data())
    assert lmtp.codes(*group) == [250, 250, 550, 250, 354]
    events = lmtp.say(commands.content(b"x"))
    assert [(str(event.recipient), event.reply.code) for event in events] == [
        ("bob@alpha.test", 250),
        ("erin@alpha.test", 452),
    ]
    assert lmtp.policy.server.protocol == "LMTP"
    assert lmtp.policy.letters == [("", ("bob@alpha.test", "erin@alpha.test"), b"x\r\n")]
    assert lmtp.codes(commands.mail("a@b.test")) == [250]


def test_several_transactions_fit_into_a_session_and_rset_ends_one(pair: PairMaker) -> None:
    relay = pair(RELAY)
    assert relay.codes(commands.helo("old.example")) == [250]
    assert relay.policy.server.protocol == "SMTP"
    assert relay.client.extensions == {}
    assert relay.codes(relay.client.hello()) == [250]
    for _ in range(2):
        assert relay.codes(commands.mail("a@b.test"), commands.rcpt("bob@alpha.test"), commands.rset()) == [250] * 3
        assert relay.policy.server.recipients == []
        relay.say(commands.mail("a@b.test"), commands.rcpt("bob@alpha.test"), commands.data())
        assert relay.codes(commands.content(b"x\r\n")) == [250]
    assert len(relay.policy.letters) == 2
    assert relay.codes(
        commands.vrfy("bob@alpha.test"),
    ) == [252]
    assert relay.codes(commands.noop()) == [250]


def test_shutting_down_is_seen_by_the_client() -> None:
    relay = connect(RELAY)
    relay.say(relay.client.hello())
    assert relay.policy.server.shut_down().code == 421
    assert relay.codes() == [421]
    assert relay.client.closed
    assert relay.policy.server.next_event() is None


LETTER = st.lists(st.sampled_from([b"\r\n", b".", b"..\r\n", b"a", "я".encode(), b"\x00", b" \t"]), max_size=40).map(
    b"".join
)


@settings(deadline=None)
@given(LETTER, st.integers(1, 40))
def test_every_letter_crosses_unchanged_but_for_a_final_crlf(letter: bytes, chunk: int) -> None:
    relay = connect(RELAY, chunk=chunk)
    relay.say(relay.client.hello())
    relay.say(commands.mail("a@b.test"), commands.rcpt("bob@alpha.test"), commands.data())
    assert relay.codes(commands.content(letter)) == [250]
    assert relay.policy.letters[0][2] == (letter if not letter or letter.endswith(b"\r\n") else letter + b"\r\n")
