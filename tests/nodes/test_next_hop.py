"""What a relay does for a next hop that offers less, or more: TLS, eight bits, UTF-8, DSN, chunks, limits."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from simulator.engine.base_kinds import TCP_DATA
from simulator.engine.task import Story
from simulator.engine.trace import AT, CAUSE, KIND, VALUES, N
from simulator.errors import UsageError
from simulator.nodes.relay import Relay
from simulator.nodes.smtp_talk import SmtpTalk
from simulator.nodes.transaction import Manner
from simulator.protocol.smtp import LMTP, MailOptions, RecipientOptions, Reply, commands, extensions
from tests.nodes.mail_world import BETA, SECOND, MailWorld, Scripted

BORIS, OLGA = "boris@beta.example", "olga@beta.example"
OK = b"250 2.0.0 Ok\r\n"
ANSWERS = {
    b"EHLO": OK,
    b"MAIL": OK,
    b"RCPT": OK,
    b"RSET": OK,
    b"DATA": b"354 go\r\n",
    b".": OK,
    b"QUIT": b"221 bye\r\n",
}
EIGHT = "Subject: x\r\nContent-Type: text/plain; charset=utf-8\r\n\r\nпривет\r\n".encode()
WIDE = "Subject: тема\r\n\r\nhi\r\n".encode()
ASCII = b"Subject: x\r\n\r\nhi\r\n"


def world_with(offers: bytes, **answers: bytes) -> tuple[MailWorld, Scripted]:
    """A world in which mx-beta is a server with a script that offers the keywords."""
    world = MailWorld(beta_serves=False)
    lines = b"".join(b"250-" + word.strip() + b"\r\n" for word in offers.split(b",") if word)
    hello = b"250-mx.beta.example\r\n" + lines + b"250 HELP\r\n"
    changed = {verb.encode(): answer for verb, answer in answers.items()}
    scripted = Scripted(
        world.host("mx-beta", BETA, "mx.beta.example"), 25, b"220 hi\r\n", ANSWERS | {b"EHLO": hello} | changed
    )
    return world, scripted


def queue(
    world: MailWorld,
    content: bytes,
    *recipients: str,
    sender: str = "anna@alpha.example",
    options: MailOptions | None = None,
    asked: RecipientOptions | None = None,
) -> None:
    """Put a letter into the queue of Anna's server, as if it had been accepted."""
    server = world.servers["mail-alpha"].queue
    to = recipients or (BORIS,)
    each = dict.fromkeys(to, asked) if asked is not None else {}
    world.at(
        SECOND,
        lambda: server.enter("1A", sender, to, content, options=options or MailOptions(), recipient_options=each),
    )


def carrier(world: MailWorld) -> Relay:
    """The relay of Anna's server."""
    relay = world.servers["mail-alpha"].queue._carrier
    assert isinstance(relay, Relay)
    return relay


def fate(world: MailWorld) -> list[tuple[str, str]]:
    """State and reason of each recipient that is still in the queue."""
    entries = world.servers["mail-alpha"].queue.entries.values()
    return [(one.state, one.reason) for entry in entries for one in entry.recipients]


def soon(world: MailWorld) -> MailWorld:
    """Run for the first attempt."""
    world.env.advance(90 * SECOND)
    return world


# Eight bits, UTF-8, DSN


def test_eight_bits_go_as_they_are_where_they_are_offered() -> None:
    world, server = world_with(b"8BITMIME")
    queue(world, EIGHT)
    world.run()
    assert b"MAIL FROM:<anna@alpha.example> BODY=8BITMIME\r\n" in server.heard
    assert "привет".encode() in server.heard


def test_eight_bits_are_converted_for_a_hop_without_and_that_is_declared() -> None:
    world, server = world_with(b"")
    queue(world, EIGHT)
    world.run()
    assert server.heard.isascii()
    assert b"Content-Transfer-Encoding: base64\r\n\r\n0L/RgNC40LLQtdGCDQo=\r\n" in server.heard
    assert world.ask("message.header action=converted name=Content-Transfer-Encoding | count") == 1


def test_a_relay_that_does_not_convert_refuses_with_5_6_3() -> None:
    world, server = world_with(b"")
    carrier(world).manner = Manner(converts=False)
    queue(world, EIGHT)
    soon(world)
    ((state, reason),) = fate(world)
    assert (state, "8BITMIME is required" in reason) == ("failed", True)
    assert b"MAIL" not in server.heard


def test_a_header_in_utf_8_needs_smtputf8_and_is_refused_without() -> None:
    world, server = world_with(b"8BITMIME")
    queue(world, WIDE, options=MailOptions(utf8=True))
    soon(world)
    ((state, reason),) = fate(world)
    assert (state, "SMTPUTF8 is required" in reason) == ("failed", True)
    assert b"MAIL" not in server.heard


def test_a_header_in_utf_8_passes_a_hop_that_offers_smtputf8() -> None:
    world, server = world_with(b"8BITMIME,SMTPUTF8")
    queue(world, WIDE, options=MailOptions(utf8=True))
    world.run()
    assert b"MAIL FROM:<anna@alpha.example> BODY=8BITMIME SMTPUTF8\r\n" in server.heard


def test_one_recipient_outside_ascii_fails_alone_where_smtputf8_is_missing() -> None:
    world, server = world_with(b"")
    queue(world, ASCII, BORIS, "ольга@beta.example")
    soon(world)
    states = dict(zip((BORIS, "olga"), [state for state, _ in fate(world)], strict=True))
    assert states == {BORIS: "sent", "olga": "failed"}
    assert b"RCPT TO:<boris@beta.example>\r\n" in server.heard


def test_a_sender_with_a_domain_outside_ascii_has_a_form_in_ascii() -> None:
    world, server = world_with(b"")
    queue(world, ASCII, sender="anna@альфа.example")
    world.run()
    assert b"MAIL FROM:<anna@xn--80aa6ayb0b.example>\r\n" in server.heard


def test_what_the_sender_asked_about_bounces_travels_on() -> None:
    world, server = world_with(b"DSN")
    asked = RecipientOptions(notify=("NEVER",), orcpt="rfc822;b+x@beta.example")
    queue(world, ASCII, options=MailOptions(ret="HDRS", envid="id 1"), asked=asked)
    world.run()
    assert b"MAIL FROM:<anna@alpha.example> RET=HDRS ENVID=id+201\r\n" in server.heard
    assert b"RCPT TO:<boris@beta.example> NOTIFY=NEVER ORCPT=rfc822;b+2Bx@beta.example\r\n" in server.heard


def test_nothing_of_it_is_said_where_dsn_is_not_offered() -> None:
    world, server = world_with(b"PIPELINING")
    queue(world, ASCII, options=MailOptions(ret="HDRS", envid="x"), asked=RecipientOptions(notify=("NEVER",)))
    world.run()
    assert b"RET" not in server.heard
    assert b"NOTIFY" not in server.heard


def test_recipients_go_in_groups_of_what_the_peer_takes() -> None:
    world, server = world_with(b"PIPELINING,LIMITS RCPTMAX=2")
    queue(world, ASCII, *[f"u{number}@beta.example" for number in range(5)])
    world.run()
    assert [server.heard.count(word) for word in (b"MAIL FROM", b"RCPT TO", b"DATA\r\n")] == [3, 5, 3]


def test_a_group_whose_recipients_are_all_refused_does_not_stop_the_next() -> None:
    refusals = {"RCPT": b"550 5.1.1 no\r\n", "DATA": b"554 5.5.1 no recipients\r\n"}
    world, server = world_with(b"PIPELINING,LIMITS RCPTMAX=1", **refusals)
    queue(world, ASCII, BORIS, OLGA)
    soon(world)
    assert [state for state, _ in fate(world)] == ["failed", "failed"]
    assert server.heard.count(b"RSET\r\n") == 1


def test_a_server_that_wants_a_letter_for_nobody_gets_an_empty_one() -> None:
    world, server = world_with(b"PIPELINING", RCPT=b"550 5.1.1 no\r\n")
    queue(world, ASCII, BORIS, OLGA)
    soon(world)
    assert [state for state, _ in fate(world)] == ["failed", "failed"]
    assert server.heard.endswith(b"DATA\r\n.\r\nQUIT\r\n")


def test_quit_goes_with_the_letter_to_a_server_that_pipelines() -> None:
    for offered, chunks in ((b"PIPELINING", 1), (b"SIZE 1000", 0)):
        world, _ = world_with(offered)
        queue(world, ASCII, BORIS)
        soon(world)
        assert world.ask("queue.sent | count") == 1
        sent = [record[VALUES] for record in world.env.trace.records if record[KIND] is TCP_DATA]
        assert sum(octets.endswith(b"\r\n.\r\nQUIT\r\n") for octets in sent) == chunks


def test_a_421_in_a_group_stands_for_all_that_was_asked() -> None:
    world, _ = world_with(b"PIPELINING", RCPT=b"421 4.3.2 closing\r\n")
    queue(world, ASCII, BORIS, OLGA)
    soon(world)
    assert [state for state, _ in fate(world)] == ["deferred", "deferred"]
    assert all("421 4.3.2 closing" in reason for _, reason in fate(world))


def test_a_server_that_wants_a_letter_for_nobody_is_not_waited_for_by_lmtp() -> None:
    world, server = world_with(b"PIPELINING", RCPT=b"550 5.1.1 no\r\n")
    server.answers |= {b"LHLO": server.answers[b"EHLO"], b".": b""}
    host = world.hosts["mail-alpha"]

    def story() -> Story:
        talk = SmtpTalk(host, (yield host.network.connect(host.name, BETA, 25)), LMTP)
        yield from talk.greeting()
        yield from talk.hello()
        yield from talk.say_together((commands.mail(""), commands.rcpt(BORIS), commands.data()))
        yield from talk.say_nothing()
        talk.leave()

    host.spawn(story(), name="talk")
    world.env.advance(SECOND)
    assert server.heard.endswith(b"DATA\r\n.\r\nQUIT\r\n")


def test_a_421_after_a_letter_leaves_what_was_said_of_the_recipients_before() -> None:
    world, server = world_with(b"PIPELINING")
    server.answers |= {b"LHLO": server.answers[b"EHLO"], b".": OK + b"421 4.3.2 closing\r\n"}
    host = world.hosts["mail-alpha"]
    said: list[Reply] = []

    def story() -> Story:
        talk = SmtpTalk(host, (yield host.network.connect(host.name, BETA, 25)), LMTP)
        yield from talk.greeting()
        yield from talk.hello()
        asked = (commands.mail(""), commands.rcpt(BORIS), commands.rcpt(OLGA), commands.rcpt(BORIS), commands.data())
        yield from talk.say_together(asked)
        said.extend((yield from talk.say_content(ASCII, 3, last=True)))
        talk.leave()

    host.spawn(story(), name="talk")
    soon(world)
    assert [reply.code for reply in said] == [250, 421, 421]


def test_a_relay_that_may_sends_chunks() -> None:
    world = MailWorld()
    world.servers["mx-beta"].mta.offers = extensions.BUILT
    carrier(world).manner = Manner(chunking=True)
    queue(world, ASCII)
    world.run()
    assert world.ask("smtp.command verb=BDAT | count") == 1
    (letter,) = world.letters(BORIS)
    assert letter.endswith(ASCII)
    assert " bytes queued as " in world.ask("smtp.reply at=mx-beta verb=DATA-END | first text")


# TLS between relays


def tls_world(policy: str, change: Callable[[MailWorld], None] | None = None) -> MailWorld:
    """Anna's server sends to Boris's by a TLS policy."""
    world = MailWorld()
    carrier(world).tls = policy
    if change is not None:
        change(world)
    queue(world, ASCII)
    return world


def without_certificate(world: MailWorld) -> None:
    world.servers["mx-beta"].mta.context = None


def with_another_name(world: MailWorld) -> None:
    world.servers["mx-beta"].mta.context = world.internet.server_context(("other.example",))


def used_tls(world: MailWorld) -> int:
    return int(world.ask("tls.established service=relay | count"))


def test_relays_speak_in_clear_unless_told_otherwise() -> None:
    world = tls_world("off").run()
    assert (used_tls(world), len(world.letters(BORIS))) == (0, 1)


@pytest.mark.parametrize("policy", ["opportunistic", "required"])
def test_a_letter_goes_under_tls_where_it_is_offered(policy: str) -> None:
    world = tls_world(policy).run()
    assert used_tls(world) == 1
    (letter,) = world.letters(BORIS)
    assert b"with ESMTPS id" in letter


def test_an_opportunistic_relay_goes_on_in_clear_where_tls_is_not_offered() -> None:
    world = tls_world("opportunistic", without_certificate).run()
    assert (used_tls(world), len(world.letters(BORIS))) == (0, 1)


def test_an_opportunistic_relay_encrypts_to_whoever_answers() -> None:
    world = tls_world("opportunistic", with_another_name).run()
    assert (used_tls(world), len(world.letters(BORIS))) == (1, 1)


@pytest.mark.parametrize(
    ("change", "reason"),
    [(without_certificate, "TLS is required, but was not offered"), (with_another_name, "Cannot start TLS with")],
)
def test_a_relay_that_needs_tls_waits_rather_than_speak_in_clear(
    change: Callable[[MailWorld], None], reason: str
) -> None:
    world = soon(tls_world("required", change))
    ((state, text),) = fate(world)
    assert (state, reason in text) == ("deferred", True)
    assert world.ask("smtp.command verb=MAIL at=mx-beta | count") == 0


@pytest.mark.parametrize(("policy", "state"), [("opportunistic", "sent"), ("required", "deferred")])
def test_a_refused_starttls_is_no_broken_connection(policy: str, state: str) -> None:
    world, server = world_with(b"STARTTLS", STARTTLS=b"454 4.7.0 not now\r\n")
    carrier(world).tls = policy
    queue(world, ASCII, BORIS)
    soon(world)
    assert [one for one, _ in fate(world)] == ([] if state == "sent" else [state])
    assert server.connections == 1


def test_a_broken_handshake_makes_an_opportunistic_relay_call_again_in_clear() -> None:
    world, server = world_with(b"STARTTLS", STARTTLS=b"220 go\r\nthis is no TLS\r\n" + b"x" * 50)
    carrier(world).tls = "opportunistic"
    queue(world, ASCII)
    world.run(broken=True)
    assert server.connections == 2
    assert server.heard.endswith(ASCII + b".\r\nQUIT\r\n")


def test_an_unknown_policy_is_refused() -> None:
    world = MailWorld()
    with pytest.raises(UsageError, match="opportunistic"):
        Relay(world.hosts["mail-alpha"], ("alpha.example",), tls="maybe")


def test_a_letter_was_sent_because_the_next_hop_queued_it_whatever_was_said_along() -> None:
    world = MailWorld()
    queue(world, ASCII)
    soon(world)
    by_n = {record[N]: record for record in world.env.trace.records}
    (record,) = [one for one in by_n.values() if one[KIND].name == "queue.sent" and one[AT] == "mail-alpha"]
    chain = [(record[KIND].name, record[AT])]
    while record[CAUSE] is not None:
        record = by_n[record[CAUSE]]
        chain.append((record[KIND].name, record[AT]))
    assert ("queue.enter", "mx-beta") in chain
