"""Who listens on a link, who changes what passes, and a line that breaks; and a server that is spoken to by hand."""

from __future__ import annotations

from pathlib import Path

import pytest

from simulator.engine.query import parse
from simulator.errors import ScenarioError
from simulator.nodes.attacker import strip_starttls
from simulator.scenario.fulltext import full_text
from simulator.scenario.loading import load
from simulator.scenario.world import Run, run

WORLD = """\
id: way
title: On the way
people:
  anna@alpha.example: {password: correct-horse}
  boris@beta.example:
hosts:
  pc-anna: {kind: client, user: anna@alpha.example, sends-via: "SETTING://mail.alpha.example"}
  mail-alpha: {kind: mail-server, domains: [alpha.example], policy: {login-in-clear: yes}}
  ear: {kind: tap, listens-to: [pc-anna]}
timeline:
  - {at: 0s, who: anna@alpha.example, do: send, to: [boris@beta.example], subject: Secret}
faults:
  - {what: FAULT}
"""
SAFE = "submission+starttls"
EASY = "submission+starttls-if-offered"
CLEAR = "submission"
NO_FAULT = "host-down, host: pc-boris, at: 1h"
STRIP = "starttls-strip, link: [pc-anna, mail-alpha]"


def world(tmp_path: Path, setting: str = SAFE, fault: str = NO_FAULT, text: str = WORLD) -> Run:
    path = tmp_path / "way.yaml"
    path.write_text(text.replace("SETTING", setting).replace("FAULT", fault), encoding="utf-8")
    return run(load(path))


def ask(done: Run, query: str) -> str:
    return parse(query).ask(done.records).text


# taking the offer out


@pytest.mark.parametrize(
    ("said", "heard"),
    [
        (b"250-SIZE 10\r\n250-STARTTLS\r\n250 DSN\r\n", b"250-SIZE 10\r\n250-XXXXXXXX\r\n250 DSN\r\n"),
        (b"250-SIZE 10\r\n250 STARTTLS\r\n", b"250-SIZE 10\r\n250 XXXXXXXX\r\n"),
        (b"* CAPABILITY IMAP4rev1 STARTTLS LOGINDISABLED\r\n", b"* CAPABILITY IMAP4rev1 XXXXXXXX LOGINDISABLED\r\n"),
        (b"* OK [CAPABILITY IMAP4rev1 STARTTLS] hi\r\n", b"* OK [CAPABILITY IMAP4rev1 XXXXXXXX] hi\r\n"),
        (b"+OK\r\nSTLS\r\nUSER\r\n.\r\n", b"+OK\r\nXXXX\r\nUSER\r\n.\r\n"),
        (b"STARTTLS\r\n", b"STARTTLS\r\n"),
        (b"250 Ok\r\n", b"250 Ok\r\n"),
    ],
)
def test_only_the_offer_is_overwritten_and_nothing_moves(said: bytes, heard: bytes) -> None:
    assert strip_starttls(said) == heard
    assert len(heard) == len(said)


# listening


def test_a_tap_reads_what_is_in_clear_and_only_sizes_under_tls(tmp_path: Path) -> None:
    done = world(tmp_path)
    assert ask(done, "tap.saw clear=yes octets~AUTH | count") == "1"  # the server's offer
    assert ask(done, "tap.saw clear=yes octets~Secret | count") == "0"
    assert ask(done, 'tap.saw clear=no octets="" flight="" | exists') == "yes"
    assert ask(done, "auth.login | first clear") == "no"
    assert ask(done, "auth.login observed-by=ear | count") == "0"


@pytest.mark.parametrize(("setting", "fault"), [(CLEAR, NO_FAULT), (EASY, STRIP)])
def test_without_tls_it_reads_the_password(tmp_path: Path, setting: str, fault: str) -> None:
    done = world(tmp_path, setting, fault)
    assert ask(done, "auth.login clear=yes observed-by=ear | list user") == "anna@alpha.example"
    assert ask(done, "tap.saw clear=yes octets~Secret | exists") == "yes"
    assert ask(done, "smtp.command verb=AUTH | list tls") == "no"
    assert ask(done, "deliver | count") == "1"


def test_a_tap_sees_nothing_of_others_and_nothing_inside_a_host(tmp_path: Path) -> None:
    done = world(tmp_path)
    assert set(parse("tap.saw | unique from").ask(done.records).value) == {"pc-anna", "mail-alpha"}
    assert ask(done, "tap.saw from=mail-alpha to!=pc-anna | count") == "0"


def test_a_world_without_taps_has_the_same_letters_at_the_same_times(tmp_path: Path) -> None:
    bare = WORLD.replace("  ear: {kind: tap, listens-to: [pc-anna]}\n", "")
    with_ear, without = world(tmp_path), world(tmp_path, text=bare)
    assert ask(with_ear, "deliver | list t") == ask(without, "deliver | list t")


# meddling


def test_a_strict_program_sends_nothing_and_says_why(tmp_path: Path) -> None:
    done = world(tmp_path, SAFE, STRIP)
    assert ask(done, "auth.login | count") == "0"
    assert "STARTTLS" in ask(done, "mua.notice at=pc-anna | first text")


def test_an_easy_program_uses_tls_where_it_is_offered(tmp_path: Path) -> None:
    assert ask(world(tmp_path, EASY), "smtp.command verb=AUTH | list tls") == "yes"


@pytest.mark.parametrize("fault", ["starttls-strip, host: mail-alpha", "starttls-strip, link: [mail-alpha, pc-anna]"])
def test_a_fault_on_the_way_is_of_a_host_or_of_a_link(tmp_path: Path, fault: str) -> None:
    assert ask(world(tmp_path, EASY, fault), "auth.login clear=yes | count") == "1"


def test_it_leaves_others_alone_and_ends_when_it_is_over(tmp_path: Path) -> None:
    other = world(tmp_path, EASY, "starttls-strip, link: [pc-boris, mail-alpha]")
    over = world(tmp_path, EASY, "starttls-strip, link: [pc-anna, mail-alpha], until: 10ms")
    assert [ask(done, "auth.login clear=yes | count") for done in (other, over)] == ["0", "0"]
    assert ask(over, "fault | list state") == "begins, ends"


def test_what_was_changed_depends_on_the_fault(tmp_path: Path) -> None:
    done = world(tmp_path, EASY, STRIP)
    (changed,) = parse("tcp.changed").hits(done.records)
    (fault,) = parse("fault").hits(done.records)
    assert fault[0] in changed[10]
    assert done.records[changed[9] - 1][2].name == "tcp.data"


# a line that breaks


def test_a_cut_ends_both_sides_and_loses_what_is_under_way(tmp_path: Path) -> None:
    done = world(tmp_path, CLEAR, "connection-cut, link: [pc-anna, mail-alpha], at: 190ms")
    assert ask(done, "tcp.close how=cut | unique at") == "pc-anna, mail-alpha"
    assert "lost connection" in ask(done, "mua.notice at=pc-anna | first text")
    assert ask(done, "deliver | count") == "0"
    assert done.waiting == ()


def test_a_cut_of_others_or_of_another_moment_does_nothing(tmp_path: Path) -> None:
    for where in ("link: [pc-boris, mail-alpha], at: 190ms", "host: pc-anna, at: 10m"):
        assert ask(world(tmp_path, CLEAR, f"connection-cut, {where}"), "deliver | count") == "1"


# how it is written


@pytest.mark.parametrize(
    ("text", "rule", "words"),
    [
        (WORLD.replace("listens-to: [pc-anna]", "ip: 192.0.2.9"), "MF021", "listens nowhere"),
        (WORLD.replace("listens-to: [pc-anna]", "listens-to: [pc-ana]"), "MF038", "pc-ana"),
        (WORLD.replace("{what: FAULT}", "{what: starttls-strip, at: 1s}"), "MF021", "does not say where"),
        (WORLD.replace("FAULT", "connection-cut, host: pc-anna, at: 1s, until: 2s"), "MF039", "is a moment"),
        (WORLD.replace("FAULT", "host-down, link: [pc-anna, mail-alpha]"), "MF039", "host-down"),
        (WORLD.replace("FAULT", "starttls-strip, link: [pc-anna, mail-alfa]"), "MF038", "mail-alfa"),
    ],
)
def test_what_does_not_fit_is_refused(tmp_path: Path, text: str, rule: str, words: str) -> None:
    with pytest.raises(ScenarioError) as caught:
        world(tmp_path, text=text)
    assert (rule, True) in [(one.rule, words in one.message) for one in caught.value.diagnostics]


@pytest.mark.parametrize("fault", [STRIP, "connection-cut, host: pc-anna, at: 1s"])
def test_the_whole_world_is_written_and_read_again(tmp_path: Path, fault: str) -> None:
    typed = "  - {at: 1m, who: anna@alpha.example, do: type, server: mail-beta, port: 25, newline: lf, text: QUIT}\n"
    path = tmp_path / "way.yaml"
    text = WORLD.replace("faults:", typed + "faults:").replace("SETTING", EASY).replace("FAULT", fault)
    path.write_text(text, encoding="utf-8")
    first = load(path)
    path.write_text(full_text(first), encoding="utf-8")
    assert load(path) == first


# by hand

HAND = """\
id: hand
title: By hand
people:
  anna@alpha.example:
  boris@beta.example:
timeline:
  - at: 0s
    who: anna@alpha.example
    do: type
    server: mail-beta
    newline: NEWLINE
    text: |
      EHLO pc
      MAIL FROM:<anna@alpha.example>
      RCPT TO:<boris@beta.example>
      DATA
      Subject: x

      ..
LAST
"""


def by_hand(tmp_path: Path, newline: str, *last: str) -> Run:
    lines = "".join(f"      {line}\n" for line in last)
    return world(tmp_path, text=HAND.replace("NEWLINE", newline).replace("LAST\n", lines))


def test_a_letter_by_hand_has_a_number_and_stages_like_any_other(tmp_path: Path) -> None:
    done = by_hand(tmp_path, "crlf", ".", "QUIT")
    assert ask(done, "deliver letter=1 mailbox=boris@beta.example | count") == "1"
    assert ask(done, "stage | list id") == "transfer, delivery"
    assert done.waiting == ()


def test_lines_that_end_in_lf_are_refused(tmp_path: Path) -> None:
    done = by_hand(tmp_path, "lf", ".", "QUIT")
    assert ask(done, "smtp.reply verb=DATA-END | list enhanced") == "5.5.2"


def test_without_a_dot_the_server_waits_five_minutes(tmp_path: Path) -> None:
    done = by_hand(tmp_path, "crlf", "QUIT")
    assert ask(done, "smtp.reply code=421 | list enhanced") == "4.4.2"
    assert ask(done, "smtp.command verb=QUIT | count") == "0"
    assert done.waiting == ()


def test_nobody_at_the_port_is_told_to_the_user(tmp_path: Path) -> None:
    done = world(tmp_path, text=HAND.replace("newline: NEWLINE", "port: 26").replace("LAST\n", ""))
    assert "refused" in ask(done, "mua.notice | first text")
