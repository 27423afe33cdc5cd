"""What a scenario says about TLS, certificates and extensions happens, is shown to users, and is explained to the line."""

from __future__ import annotations

from typing import Any

import pytest

from simulator.engine.query import parse
from simulator.engine.trace import KIND
from simulator.records.describe import describe
from simulator.records.invariants import check
from simulator.records.story import why
from simulator.scenario.model import Scenario
from simulator.scenario.world import Run, run
from tests.scenario.conftest import Loader, Refusal

WORLD = """\
id: small
title: Locks
people:
  anna@alpha.example: {{name: Anna}}
  boris@beta.example: {{name: Boris, password: battery-staple}}
hosts:
  mail-alpha: {{kind: mail-server, domains: [alpha.example]{alpha}}}
  mail-beta: {{kind: mail-server, domains: [beta.example], services: [{services}]{beta}}}
  pc-boris: {{kind: client, user: boris@beta.example{device}}}
timeline:
  - {{at: 1s, who: anna@alpha.example, do: send, to: [boris@beta.example], text: {text}}}
{more}"""
ALL = "smtp, submission, submissions, imaps, pop3s"
BAD = {
    "expired": (45, "certificate_expired", "the certificate has expired"),
    "not-yet-valid": (45, "certificate_expired", "the certificate is not valid yet"),
    "wrong-name": (42, "bad_certificate", "the certificate is for another host name"),
    "self-signed": (48, "unknown_ca", "the certificate is signed by itself, not by a trusted authority"),
}


def world(
    *, alpha: str = "", beta: str = "", device: str = "", services: str = ALL, more: str = "", text: str = "Hi"
) -> str:
    """The file of a world in which these keys stand."""
    said = [f", {one}" if one else "" for one in (alpha, beta, device)]
    return WORLD.format(alpha=said[0], beta=said[1], device=said[2], services=services, more=more, text=text)


def ran(scenario: Scenario) -> Run:
    """The world after its end; its promises hold."""
    done = run(scenario)
    check(done.records, done.waiting)
    return done


def ask(done: Run, query: str) -> Any:
    return parse(query).ask(done.records).value


def told_lines(done: Run, query: str) -> set[str]:
    """The lines of the scenario in the story of the first record that a query finds."""
    return {line.origin for line in why(done.records, ask(done, f"{query} | first n")) if line.origin}


# Between servers


@pytest.mark.parametrize("certificate", BAD)
def test_required_tls_refuses_a_bad_certificate_and_the_letter_waits(loaded: Loader, certificate: str) -> None:
    done = ran(loaded(world(alpha="tls: required", beta=f"certificate: {certificate}")))
    alert, name, reason = BAD[certificate]
    assert ask(done, "tls.failed from=mail-alpha | unique alert") == (alert,)
    assert ask(done, "tls.failed from=mail-alpha | unique name") == (name,)
    assert ask(done, "tls.failed from=mail-alpha | first reason") == reason
    assert reason in str(ask(done, "queue.defer | first reason"))
    late = certificate == "not-yet-valid"
    assert ask(done, "deliver") == late
    assert ask(done, "smtp.command from=mail-alpha tls=no verb=MAIL") == 0
    assert {"small.yaml:8", "small.yaml:11"} <= told_lines(done, "queue.defer")


def test_a_certificate_becomes_valid_at_simulated_time(loaded: Loader) -> None:
    done = ran(loaded(world(alpha="tls: required", beta="certificate: not-yet-valid")))
    day = 86_400_000_000
    assert day <= int(ask(done, "deliver | first t")) < day + 4_001_000_000
    assert int(ask(done, "tls.failed | max t")) < day


@pytest.mark.parametrize("certificate", ["valid", *BAD])
def test_opportunistic_tls_encrypts_to_whoever_answers(loaded: Loader, certificate: str) -> None:
    done = ran(loaded(world(alpha="tls: opportunistic", beta=f"certificate: {certificate}")))
    assert ask(done, "tls.established from=mail-alpha") == 1
    assert ask(done, "smtp.command from=mail-alpha verb=MAIL | unique tls") == (True,)
    secured = ask(done, "tls.established from=mail-alpha | first n")
    assert describe(done.records[secured - 1]) == "TLSv1.3, certificate not checked"
    assert ask(done, "deliver") == 1


@pytest.mark.parametrize(("policy", "delivered"), [("off", 1), ("opportunistic", 1), ("required", 0)])
def test_where_no_tls_is_offered_only_a_policy_that_requires_it_holds_the_letter(
    loaded: Loader, policy: str, delivered: int
) -> None:
    device = 'sends-via: "smtp://mail.beta.example", reads-via: "imaps://mail.alpha.example"'
    done = ran(loaded(world(alpha=f"tls: {policy}", services="smtp", device=device)))
    assert ask(done, "deliver") == delivered
    assert ask(done, "tls.established from=mail-alpha") == 0
    waits = ask(done, "queue.defer | first reason")
    assert delivered or str(waits).startswith("TLS is required, but was not offered by host mail.beta.example")


def test_a_written_certificate_lets_a_mere_relay_offer_tls(loaded: Loader) -> None:
    device = 'sends-via: "smtp://mail.beta.example", reads-via: "imaps://mail.alpha.example"'
    done = ran(loaded(world(alpha="tls: required", beta="certificate: valid", services="smtp", device=device)))
    assert ask(done, "deliver") == 1
    assert ask(done, "tls.established from=mail-alpha | first service") == "relay"


# Mail programs


@pytest.mark.parametrize("certificate", BAD)
@pytest.mark.parametrize("reads", ["imaps", "pop3s"])
@pytest.mark.parametrize("sends", ["submission+starttls", "submissions"])
def test_a_mail_program_tells_its_user_of_a_bad_certificate_and_keeps_the_password(
    loaded: Loader, certificate: str, reads: str, sends: str
) -> None:
    device = f'sends-via: "{sends}://mail.beta.example", reads-via: "{reads}://mail.beta.example"'
    more = (
        "  - {at: 1m, who: boris@beta.example, do: fetch}\n"
        "  - {at: 2m, who: boris@beta.example, do: send, to: [anna@alpha.example], text: Hello}\n"
    )
    done = ran(loaded(world(beta=f"certificate: {certificate}", device=device, more=more)))
    alert, name, reason = BAD[certificate]
    words = f"TLS alert {alert} ({name}): {reason}"
    assert ask(done, "mua.notice at=pc-boris | list text") == (
        f"mail was not fetched: {words}",
        f"the letter was not sent: {words}",
    )
    failed = f"tls.failed from=pc-boris alert={alert} name={name}"
    assert ask(done, f"{failed} | list service") == (reads, sends.partition("+")[0])
    assert ask(done, "auth.login user=boris@beta.example") == 0
    assert not any("battery" in str(value) for record in done.records for value in record)
    for command in ("imap.command", "pop3.command", "smtp.command verb=AUTH from=pc-boris"):
        assert ask(done, command) == 0
    assert {"small.yaml:8", "small.yaml:12"} <= told_lines(done, "mua.notice")


def test_a_good_certificate_leaves_the_trace_as_it_is(loaded: Loader) -> None:
    more = "  - {at: 1m, who: boris@beta.example, do: fetch}\n"
    written, unwritten = ran(loaded(world(beta="certificate: valid", more=more))), ran(loaded(world(more=more)))
    assert written.hash() == unwritten.hash()
    assert not [record for record in written.records if record[KIND].name == "tls.failed"]


# What a server offers and how it sends


@pytest.mark.parametrize(("converts", "delivered"), [("yes", 1), ("no", 0)])
def test_a_letter_in_8_bits_is_converted_or_fails_where_8bitmime_is_not_offered(
    loaded: Loader, converts: str, delivered: int
) -> None:
    lines = "EHLO pc\\nMAIL FROM:<anna@alpha.example> BODY=8BITMIME\\nRCPT TO:<boris@beta.example>\\nDATA\\nSubject: x\\n\\nОбед\\n.\\nQUIT"
    by_hand = f'  - {{at: 2s, host: pc-boris, do: type, server: mail-alpha, text: "{lines}"}}\n'
    alpha = f"policy: {{relay: open, converts: {converts}}}"
    text = world(alpha=alpha, beta="policy: {offers: [pipelining, SIZE]}", more=by_hand)
    done = ran(loaded(text.replace("to: [boris@beta.example]", "to: [anna@alpha.example]")))
    assert ask(done, "deliver at=mail-beta") == delivered
    assert ask(done, "message.header action=converted | exists") is bool(delivered)
    failed = str(ask(done, "queue.fail | first reason"))
    assert delivered or failed.startswith("8BITMIME is required, but was not offered by host")
    assert set(str(ask(done, "smtp.reply from=mail-beta verb=EHLO | first text")).split("\n")[1:]) == {
        "PIPELINING",
        "SIZE 10240000",
    }


OLGA = 'to: ["ольга@beta.example"]'
OTHERS = "policy: {offers: [PIPELINING, SIZE, STARTTLS, AUTH, 8BITMIME]}"


def with_olga(**keys: str) -> str:
    """The world in which Anna writes to somebody whose name is not in ASCII, and who reads the letter."""
    more = "  - {at: 1m, who: ольга@beta.example, do: fetch}\n  - {at: 2m, who: ольга@beta.example, do: read}\n"
    text = world(more=more, **keys).replace("to: [boris@beta.example]", OLGA)
    return text.replace("hosts:\n", "  ольга@beta.example: {name: Ольга, password: ключ}\nhosts:\n")


def test_an_address_outside_ascii_gets_its_letter_where_all_offer_smtputf8(loaded: Loader) -> None:
    done = ran(loaded(with_olga()))
    assert ask(done, "deliver | first mailbox") == "ольга@beta.example"
    assert "SMTPUTF8" in str(ask(done, "smtp.command from=mail-alpha verb=MAIL | first argument"))
    assert ask(done, "auth.login user=ольга@beta.example result=ok") == 2
    assert "<ольга@beta.example>" in str(ask(done, "message.header action=read name=To | first value"))


def test_a_letter_that_needs_smtputf8_fails_where_a_server_does_not_offer_it(loaded: Loader) -> None:
    done = ran(loaded(with_olga(beta=OTHERS)))
    assert ask(done, "deliver") == 0
    assert str(ask(done, "queue.fail | first reason")).startswith("SMTPUTF8 is required, but was not offered by host")
    done = ran(loaded(with_olga(alpha=OTHERS)))
    assert "SMTPUTF8" in str(ask(done, "mua.notice at=pc-anna | first text"))
    assert ask(done, "queue.enter") == 0


def test_a_letter_goes_in_chunks_where_a_server_is_told_so(loaded: Loader) -> None:
    done = ran(loaded(world(alpha="policy: {chunking: yes}")))
    assert ask(done, "smtp.command from=mail-alpha to=mail-beta | list verb")[-2:] == ("BDAT", "QUIT")
    assert ask(done, "deliver") == 1


# The file


@pytest.mark.parametrize(
    ("keys", "rule", "words"),
    [
        ({"alpha": "tls: always"}, "MF024", "off, opportunistic, required"),
        ({"beta": "certificate: expird"}, "MF024", "expired"),
        ({"beta": "policy: {offers: [8BITMIMES]}"}, "MF024", "8BITMIME"),
        ({"device": "tls: required"}, "MF039", "mail-server"),
        (
            {"more": '  - {at: 2s, who: anna@alpha.example, do: send, to: ["a\u202eb@beta.example"]}\n'},
            "MF031",
            "name@domain",
        ),
        ({"device": "certificate: expired"}, "MF039", "mail-server"),
    ],
)
def test_what_is_wrong_in_the_file_is_refused(refused: Refusal, keys: dict[str, str], rule: str, words: str) -> None:
    (found,) = refused(world(**keys))
    assert found.rule == rule
    assert words in f"{found.message} {found.hint}"
