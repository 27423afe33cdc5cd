"""How a queue finds the next hop and what it does with each kind of "no": routes, retries, giving up."""

from __future__ import annotations

from collections.abc import Callable
from itertools import chain

import pytest

from simulator import limits
from tests.nodes.mail_world import BETA, BETA2, BETA_ZONE, SECOND, MailWorld, Scripted

BORIS = "boris@beta.example"
TWO_MX = BETA_ZONE.replace("10 mx\n", "10 mx1\n@ IN MX 20 mx\n") + "mx1 IN A 203.0.113.26\n"
OK = b"250 2.0.0 Ok\r\n"
ANSWERS = {b"EHLO": OK, b"MAIL": OK, b"RCPT": OK, b"DATA": b"354 go\r\n", b".": OK, b"QUIT": b"221 bye\r\n"}


def scripted(greeting: bytes = b"220 hi\r\n", **answers: bytes) -> tuple[MailWorld, Scripted]:
    """A world in which mx-beta is a server with a script; `END` stands for the final dot."""
    world = MailWorld(beta_serves=False)
    changed = {(b"." if verb == "END" else verb.encode()): answer for verb, answer in answers.items()}
    return world, Scripted(world.host("mx-beta", BETA, "mx.beta.example"), 25, greeting, ANSWERS | changed)


def queued(world: MailWorld) -> list[tuple[str, str, int]]:
    """State, reason and attempts of what is in Anna's server's queue."""
    entries = world.servers["mail-alpha"].queue.entries.values()
    return [(one.state, one.reason, one.attempts) for entry in entries for one in entry.recipients]


def hours(world: MailWorld, count: float) -> MailWorld:
    """Run for that long and no longer."""
    world.env.advance(int(count * limits.HOUR_US))
    return world


def test_a_script_that_says_yes_gets_the_letter() -> None:
    world, server = scripted()
    world.send(BORIS)
    world.run()
    assert queued(world) == []
    assert b"Subject: =?UTF-8?B?0J7QsdC10LQ/?=\r\n" in server.heard
    assert server.heard.endswith(b"\r\n.\r\nQUIT\r\n")


@pytest.mark.parametrize("verb", ["MAIL", "RCPT", "DATA", "END"])
def test_a_5xx_is_final_and_never_tried_again(verb: str) -> None:
    world, server = scripted(**{verb: b"550 5.7.0 go away\r\n"})
    world.send(BORIS)
    world.run()
    ((state, reason, attempts),) = queued(world)
    assert (state, attempts, server.connections) == ("failed", 1, 1)
    assert "550 5.7.0 go away" in reason


@pytest.mark.parametrize("verb", ["MAIL", "RCPT", "DATA", "END"])
def test_a_4xx_waits_and_the_next_attempt_succeeds(verb: str) -> None:
    world, server = scripted(**{verb: b"450 4.2.0 later\r\n"})
    world.send(BORIS)
    hours(world, 0.05)
    assert [(state, attempts) for state, _, attempts in queued(world)] == [("deferred", 1)]
    server.answers[b"." if verb == "END" else verb.encode()] = ANSWERS[b"." if verb == "END" else verb.encode()]
    world.run()
    assert queued(world) == []
    assert world.ask("queue.attempt | list attempt") == (1, 2)


@pytest.mark.parametrize(
    "greeting", [b"421 4.3.2 not now\r\n", b"450 4.3.2 not now\r\n", b"554 5.3.2 no mail here\r\n", b"garbage\r\n"]
)
def test_a_greeting_that_says_no_means_deferral_never_failure(greeting: bytes) -> None:
    world, server = scripted(greeting)
    world.send(BORIS)
    hours(world, 0.05)
    assert [state for state, _, _ in queued(world)] == ["deferred"]
    assert server.connections == 1
    server.greeting = b"220 hi\r\n"
    world.run()
    assert queued(world) == []


@pytest.mark.parametrize("verb", ["EHLO", "MAIL", "DATA", "END"])
def test_a_421_or_a_lost_connection_in_the_middle_means_deferral(verb: str) -> None:
    for answer in (b"421 4.3.2 bye\r\n", b"HANG UP"):
        world, server = scripted(**{verb: answer})
        world.send(BORIS)
        hours(world, 0.05)
        assert [state for state, _, _ in queued(world)] == ["deferred"]
        server.answers.update(ANSWERS)
        world.run()
        assert queued(world) == []


def test_a_server_that_does_not_know_ehlo_is_greeted_with_helo() -> None:
    world, server = scripted(EHLO=b"502 5.5.2 what\r\n", HELO=OK)
    world.send(BORIS)
    world.run()
    assert queued(world) == []
    assert server.heard.startswith(
        b"EHLO mail.alpha.example\r\nHELO mail.alpha.example\r\nMAIL FROM:<anna@alpha.example>\r\n"
    )


def test_a_silent_server_is_given_up_after_the_time_allowed() -> None:
    world, _ = scripted(b"")
    world.send(BORIS)
    hours(world, 0.2)
    assert world.ask("queue.defer | first t") == pytest.approx(SECOND + limits.REPLY_TIMEOUT_US, abs=SECOND)
    assert "timed out" in queued(world)[0][1]


def test_a_server_that_drips_cannot_hold_a_relay_for_ever() -> None:
    world, _ = scripted(b"")
    streams = []
    world.network.listeners[("mx-beta", 25)] = streams.append

    def drip(_: object) -> None:
        if streams and not streams[0].closed:
            streams[0].send(b"2")
            world.env.call_later(100 * SECOND, drip)

    world.send(BORIS)
    world.env.call_later(10 * SECOND, drip)
    hours(world, 0.2)
    assert "timed out" in queued(world)[0][1]


def test_retries_double_up_to_4000_seconds_and_stop_after_five_days() -> None:
    world, _ = scripted(RCPT=b"451 4.3.0 later\r\n")
    world.send(BORIS)
    world.run()
    ((state, reason, attempts),) = queued(world)
    waits = [
        (later - now) // SECOND
        for now, later in zip(world.ask("queue.defer | list t"), world.ask("queue.defer | list next_try"), strict=True)
    ]
    assert waits[:5] == [300, 600, 1200, 2400, 4000]
    assert set(waits[5:]) == {4000}
    assert state == "failed" and "451 4.3.0 later" in reason and attempts == len(waits) + 1
    age = world.ask("queue.expire | first t") - world.ask("queue.enter | first t")
    assert limits.QUEUE_LIFETIME_US <= age < limits.QUEUE_LIFETIME_US + limits.RETRY_MAX_US + SECOND


def test_a_queue_has_one_timer_however_many_letters_wait() -> None:
    world, _ = scripted(RCPT=b"451 4.3.0 later\r\n")
    for number in range(5):
        world.send(BORIS, when=(1 + 7 * number) * SECOND)
    hours(world, 0.05)
    queue = world.servers["mail-alpha"].queue
    waiting = chain(world.env.queue, *world.env._lines.values())
    live = [entry for entry in waiting if entry[4] == queue._retry]
    assert len(live) == 1
    assert live[0][0] == min(one.next_try or 0 for entry in queue.entries.values() for one in entry.recipients)


def test_the_second_exchanger_takes_what_a_dead_first_one_cannot() -> None:
    world = MailWorld(beta_zone=TWO_MX)
    world.host("mx1-beta", BETA2)
    world.fails("mx1-beta", 0, limits.HOUR_US)
    world.send(BORIS)
    world.run()
    assert world.ask("route at=mail-alpha | list exchangers") == (("mx1.beta.example", "mx.beta.example"),)
    assert world.ask("tcp.connect port=25 | list result") == ("timeout", "connected")
    assert len(world.letters(BORIS)) == 1


def test_an_exchanger_without_an_address_is_passed_over() -> None:
    world = MailWorld(beta_zone=TWO_MX.replace("mx1 IN A 203.0.113.26\n", ""))
    world.send(BORIS)
    world.run()
    assert len(world.letters(BORIS)) == 1


def test_a_later_exchanger_without_an_address_makes_no_failure_of_a_deferral() -> None:
    zone = BETA_ZONE.replace("10 mx\n", "10 mx\n@ IN MX 20 nowhere\n")
    world = MailWorld(beta_zone=zone, beta_serves=False)
    Scripted(world.host("mx-beta", BETA), 25, b"421 4.3.2 not now\r\n")
    world.send(BORIS)
    hours(world, 0.05)
    assert [state for state, _, _ in queued(world)] == ["deferred"]


def test_what_one_exchanger_defers_the_next_may_take() -> None:
    world = MailWorld(beta_zone=TWO_MX)
    Scripted(world.host("mx1-beta", BETA2), 25, b"220 hi\r\n", ANSWERS | {b"RCPT": b"450 4.2.0 later\r\n"})
    world.send(BORIS)
    world.run()
    assert len(world.letters(BORIS)) == 1
    assert world.ask("queue.attempt at=mail-alpha | list attempt") == (1,)


def test_equal_preferences_are_shuffled_by_the_seed() -> None:
    names = ["a", "b", "c"]
    zone = BETA_ZONE.replace("@ IN MX 10 mx\n", "".join(f"@ IN MX 10 {name}\n" for name in names))
    zone += "".join(f"{name} IN A 203.0.113.25\n" for name in names)

    def order(seed: int) -> object:
        world = MailWorld(beta_zone=zone, seed=seed)
        world.send(BORIS)
        return world.run().ask("route at=mail-alpha | first exchangers")

    orders = {order(seed) for seed in range(8)}
    assert len(orders) > 2
    assert order(3) == order(3)


REFUSING: dict[str, Callable[[str], str]] = {
    "null MX": lambda zone: zone.replace("10 mx\n", "0 .\n"),
    "no such domain": lambda zone: zone,
    "no exchanger has an address": lambda zone: zone.replace("mx IN A 203.0.113.25\n", ""),
}


@pytest.mark.parametrize("how", list(REFUSING))
def test_what_dns_rules_out_fails_at_once(how: str) -> None:
    world = MailWorld(beta_zone=REFUSING[how](BETA_ZONE))
    world.send("x@nosuch.example.alpha.example" if how == "no such domain" else BORIS)
    world.run()
    ((state, _, attempts),) = queued(world)
    assert (state, attempts) == ("failed", 1)
    assert world.ask("tcp.connect port=25 | count") == 0


@pytest.mark.parametrize("dead", ["resolver", "ns"])
def test_a_dns_that_does_not_answer_means_deferral_and_a_later_delivery(dead: str) -> None:
    world = MailWorld()
    world.send(BORIS)
    world.fails(dead, SECOND + 250_000, 10 * limits.MINUTE_US)  # after the mail program's own look-up
    world.run()
    assert world.ask("queue.defer at=mail-alpha | count") >= 1
    assert len(world.letters(BORIS)) == 1


def test_a_domain_that_leads_back_here_fails_instead_of_looping() -> None:
    world = MailWorld(beta_zone=BETA_ZONE.replace("10 mx\n", "10 mail.alpha.example.\n"))
    world.send(BORIS)
    world.run()
    assert [state for state, _, _ in queued(world)] == ["failed"]
    assert world.ask("tcp.connect port=25 | count") == 0
