"""Python's own smtplib, which nobody here wrote, talks to the server core over a socket pair."""

import smtplib
import socket
import threading
from collections.abc import Iterator

import pytest

from tests.protocol.smtp.runner import Policy, server_for


class Listener(threading.Thread):
    """Serves one connection with a core, a few octets at a time."""

    def __init__(self, options: str) -> None:
        super().__init__(daemon=True)
        self.ours, self.theirs = socket.socketpair()
        for end in (self.ours, self.theirs):
            end.settimeout(20)
        self.policy = Policy(server_for(options))

    def run(self) -> None:
        """Pump until either side closes."""
        server = self.policy.server
        self.ours.sendall(server.data_to_send())
        while not server.closed and (octets := self.ours.recv(37)):
            server.receive_data(octets)
            while (event := server.next_event()) is not None:
                if event.reply is None:
                    self.policy.answer(event)
            self.ours.sendall(server.data_to_send())
        self.ours.close()


@pytest.fixture
def listener(request: pytest.FixtureRequest) -> Iterator[Listener]:
    """Start a listener with the options in the test's parameter."""
    thread = Listener(request.param)
    thread.start()
    yield thread
    thread.theirs.close()
    thread.join(20)
    assert not thread.is_alive()


def plugged(kind: type[smtplib.SMTP], listener: Listener) -> smtplib.SMTP:
    class Plugged(kind):  # type: ignore[misc, valid-type]
        def _get_socket(self, host: str, port: int, timeout: object) -> socket.socket:
            return listener.theirs

    return Plugged("mail.alpha.test", 25, local_hostname="client.example")


@pytest.mark.parametrize("listener", ["size=20000"], indirect=True)
def test_smtplib_sends_a_letter(listener: Listener) -> None:
    client = plugged(smtplib.SMTP, listener)
    refused = client.sendmail(
        "carol@beta.test",
        ["bob@alpha.test", "nobody@alpha.test"],
        "Subject: hi\n\n.dot\nbye",
        mail_options=["body=8bitmime"],
    )
    assert refused["nobody@alpha.test"][0] == 550
    assert client.esmtp_features["size"] == "20000"
    assert client.verify("bob@alpha.test")[0] == 252
    with pytest.raises(smtplib.SMTPSenderRefused) as error:
        client.sendmail("carol@beta.test", "bob@alpha.test", b"x" * 70 + b"\r\n" + b"y" * 20_000)
    assert error.value.smtp_code == 552
    assert client.quit()[0] == 221
    assert listener.policy.letters == [
        ("carol@beta.test", ("bob@alpha.test",), b"Subject: hi\r\n\r\n.dot\r\nbye\r\n"),
    ]


@pytest.mark.parametrize("listener", ["face=submissions auth=PLAIN"], indirect=True)
@pytest.mark.parametrize("initial", [True, False], ids=["initial-response", "challenge"])
def test_smtplib_authenticates(listener: Listener, *, initial: bool) -> None:
    client = plugged(smtplib.SMTP, listener)
    client.ehlo()
    with pytest.raises(smtplib.SMTPAuthenticationError):
        client.login("alice@alpha.test", "wrong", initial_response_ok=initial)
    assert client.login("alice@alpha.test", "alice-pw", initial_response_ok=initial)[0] == 235
    client.sendmail("alice@alpha.test", "carol@beta.test", "Subject: hi\n\nbye\n")
    client.quit()
    assert listener.policy.letters[0][1] == ("carol@beta.test",)


@pytest.mark.parametrize("listener", ["face=lmtp"], indirect=True)
def test_smtplib_delivers_by_lmtp(listener: Listener) -> None:
    client = plugged(smtplib.LMTP, listener)
    client.ehlo_or_helo_if_needed()
    client.mail("carol@beta.test")
    client.rcpt("bob@alpha.test")
    assert client.data("Subject: hi\n\nbye\n") == (250, b"2.0.0 <bob@alpha.test> 7C88E25C169 Saved")
    client.quit()
    assert listener.policy.letters[0][2] == b"Subject: hi\r\n\r\nbye\r\n"
