"""Issue 4, section 4: our mail program and our relay against Postfix, Dovecot, and servers that mean harm.

Postfix and Dovecot are started by hand (tests/clients/real.py) and stand behind a gateway in a simulated world, so
that it is the shipped nodes that speak to them. Judged elsewhere: hostile servers one by one in tests/clients.
"""

from __future__ import annotations

import importlib
import re
from collections.abc import Iterator
from typing import Any

import pytest

from simulator.errors import ProtocolError
from simulator.nodes.connecting import Access
from simulator.protocol.smtp import commands
from tests.acceptance.outside import in_checkout
from tests.nodes.mail_world import MINUTE, SECOND, MailWorld, Scripted

not_yet = pytest.mark.xfail(strict=True, reason="issue 4: not built yet")


@pytest.fixture(scope="module")
def outside() -> Iterator[Any]:
    """Postfix and Dovecot as `outside.example`, and a world of ours beside them."""
    with importlib.import_module("tests.clients.real").outside() as found:
        yield found


# Servers that nobody here wrote


@not_yet
def test_our_mail_program_submits_to_postfix_under_starttls_with_a_password(outside: Any) -> None:
    outside.send(by="pc-olga", to="carol@outside.example", subject="submitted")
    letter = outside.arrived("carol", "submitted")
    assert re.search(rb"with ESMTPSA id", letter)


@not_yet
def test_our_server_relays_into_postfix(outside: Any) -> None:
    outside.send(by="pc-anna", to="carol@outside.example", subject="relayed in")
    letter = outside.arrived("carol", "relayed in")
    assert b"from mail.alpha.example" in letter and b"by mx.outside.example" in letter


@not_yet
def test_postfix_relays_out_to_our_server(outside: Any) -> None:
    outside.send(by="pc-olga", to="anna@alpha.example", subject="relayed out")
    assert b"from mx.outside.example" in outside.delivered("anna@alpha.example", "relayed out")


@not_yet
def test_our_delivery_speaks_lmtp_to_dovecot(outside: Any) -> None:
    replies = outside.deliver_by_lmtp("carol@outside.example", "nobody@outside.example", subject="by lmtp")
    assert [reply.code for reply in replies] == [250, 550] or [reply.code for reply in replies] == [250]
    assert outside.arrived("carol", "by lmtp")


@not_yet
@pytest.mark.parametrize("device", ["imap", "pop3"])
def test_our_mail_program_fetches_from_dovecot(outside: Any, device: str) -> None:
    outside.put("olga", f"fetched by {device}")
    letters = outside.fetch(device)
    assert any(f"Subject: fetched by {device}\r\n".encode() in letter for letter in letters)


@not_yet
def test_our_mail_program_refuses_postfix_when_its_certificate_is_a_strangers(outside: Any) -> None:
    notice = outside.refused_as_stranger()
    assert "certificate" in notice or "TLS" in notice


@not_yet
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
    world.network._listeners[("mx-beta", 25)] = lambda stream: (accept(stream), streams.append(stream), drip(None))

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
