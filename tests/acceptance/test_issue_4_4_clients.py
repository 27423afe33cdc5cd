"""Issue 4, section 4: our mail program and our relay against Postfix, Dovecot, and servers that mean harm.

Postfix and Dovecot are started by hand (tests/clients/real.py) and stand behind a gateway in a simulated world, so
that it is the shipped nodes that speak to them. Judged elsewhere: hostile servers one by one in tests/clients.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Any

import pytest

from simulator.errors import ProtocolError
from simulator.nodes.connecting import Access
from simulator.protocol.smtp import commands
from tests.acceptance.outside import in_checkout
from tests.clients.real import OLGA, Outside, outside
from tests.nodes.mail_world import MINUTE, SECOND, MailWorld, Scripted


@pytest.fixture(scope="module")
def beta() -> Iterator[Outside]:
    """Postfix and Dovecot as `beta.example`, and a world of ours around them."""
    with outside() as found:
        yield found


# Servers that nobody here wrote


@pytest.mark.parametrize("device", ["pc-boris", "phone-boris"])
def test_our_mail_program_submits_to_postfix_under_tls_with_a_password(beta: Outside, device: str) -> None:
    beta.send(by=device, to=OLGA, subject=f"submitted by {device}")
    letter = beta.arrived(OLGA, f"submitted by {device}")
    assert re.search(rb"with ESMTPSA id", letter)
    assert letter.endswith(b"\r\n\r\nGood day.\r\n.\r\n..dots\r\nFrom here\r\n")


@pytest.mark.parametrize("tls", ["off", "opportunistic", "required"])
def test_our_server_relays_into_postfix(beta: Outside, tls: str) -> None:
    beta.relay.tls = tls
    beta.send(by="pc-anna", to=OLGA, subject=f"relayed in, tls {tls}")
    letter = beta.arrived(OLGA, f"relayed in, tls {tls}")
    assert b"Received: from mail.alpha.example (unknown [127.0.0.1])" in letter
    assert (b"with ESMTPS id" in letter.replace(b"\r\n\t", b" ")) is (tls != "off")


def test_postfix_relays_out_to_our_server(beta: Outside) -> None:
    beta.send(by="pc-boris", to="anna@alpha.example", subject="relayed out")
    letter = beta.delivered("anna@alpha.example", "relayed out")
    assert b"from mx.beta.example" in letter and letter.endswith(b"\r\n.\r\n..dots\r\nFrom here\r\n")


def test_our_delivery_speaks_lmtp_to_dovecot(beta: Outside) -> None:
    outcomes = beta.deliver_by_lmtp(OLGA, "nobody@beta.example", subject="by lmtp")
    assert [(one.status, one.enhanced) for one in outcomes] == [("sent", "2.0.0"), ("failed", "5.1.1")]
    assert beta.arrived(OLGA, "by lmtp").endswith(b"\r\n\r\n.dot\r\n..dots\r\n")


@pytest.mark.parametrize("device", ["pc-boris", "phone-boris"])
def test_our_mail_program_fetches_from_dovecot_by_imap_and_pop3(beta: Outside, device: str) -> None:
    beta.deliver_by_lmtp("boris@beta.example", subject=f"fetched by {device}")
    letters = beta.fetch(device)
    assert letters == beta.servers.letters("boris@beta.example")
    assert f"Subject: fetched by {device}\r\n".encode() in letters[-1]


def test_our_mail_program_says_no_password_to_postfix_with_a_strangers_certificate() -> None:
    with outside(stranger=True) as strange:
        strange.send(by="pc-boris", to=OLGA, subject="never sent")
        strange.gateway.run(strange.notices)
        assert "TLS" in strange.notices()[0] or "certificate" in strange.notices()[0]
        assert strange.world.ask("tls.failed at=pc-boris | count") == 1
        assert strange.said_by("pc-boris").endswith(b"STARTTLS\r\n")


def test_continuous_integration_installs_every_program_that_a_test_uses() -> None:
    packages = in_checkout(".ci/packages").split()
    for name in (
        "postfix",
        "dovecot-imapd",
        "dovecot-pop3d",
        "dovecot-lmtpd",
        "msmtp",
        "tshark",
        "curl",
        "swaks",
        "mutt",
    ):
        assert name in packages, name
    assert {"fetchmail", "isync", "openssl", "bind9-dnsutils"} <= set(packages)


# Good manners


def test_the_relay_pipelines_where_that_is_offered() -> None:
    world = MailWorld()
    world.send("boris@beta.example", "olga@beta.example")
    world.run()
    session = world.ask("tcp.connect port=25 | first session")
    said = [record for record in world.records if record[6] == session and b"MAIL FROM" in str(record[12:]).encode()]
    assert any(b"RCPT TO" in octets for record in said for octets in record[12:] if isinstance(octets, bytes))


@pytest.mark.parametrize("address", ["a@b.test>\r\nRSET", "a@b.test\nX", "a b@c.test", "<a@b.test>", 'a@b.test" x'])
def test_no_address_can_add_a_command(address: str) -> None:
    for build in (commands.mail, commands.rcpt):
        with pytest.raises(ProtocolError):
            build(address)


# Servers that mean harm


@pytest.mark.parametrize("what", [b"2", b"220-x\r\n", b"x" * 4096, b"220 hi"])
def test_a_dripping_or_endless_server_holds_no_relay_for_ever(what: bytes) -> None:
    world = MailWorld(beta_serves=False)
    server = Scripted(world.host("mx-beta", "203.0.113.25", "mx.beta.example"), 25, b"")
    streams: list[Any] = []
    accept = server._accept
    world.network.listeners[("mx-beta", 25)] = lambda stream: (accept(stream), streams.append(stream), drip(None))

    def drip(_: object) -> None:
        if streams and not streams[-1].closed and world.env.now < 60 * MINUTE:
            streams[-1].send(what)
            world.env.call_later(SECOND, drip)

    world.send("boris@beta.example")
    world.env.advance(20 * MINUTE)
    assert world.ask("queue.defer | count") >= 1


def test_a_program_gives_no_password_to_a_server_without_tls() -> None:
    world = MailWorld(beta_serves=False)
    world.programs["pc-anna"].sends_via = Access("submission", "mx.beta.example", 587)
    trap = world.host("mx-beta", "203.0.113.25", "mx.beta.example")
    server = Scripted(
        trap, 587, b"220 hi\r\n", {b"EHLO": b"250-hi\r\n250 AUTH PLAIN LOGIN\r\n", b"AUTH": b"235 ok\r\n"}
    )
    world.send("boris@beta.example")
    world.env.advance(10 * MINUTE)
    assert server.heard.startswith(b"EHLO ") and b"AUTH" not in server.heard
    assert world.ask("mua.notice | count") == 1
