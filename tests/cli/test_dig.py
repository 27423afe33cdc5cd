"""`mailflow dig` against the lecture's answers, and its words in any order."""

from __future__ import annotations

import re
from collections.abc import Callable

import pytest

from simulator.cli.dig import read
from simulator.errors import UsageError
from tests.cli.conftest import Command

LECTURE = [
    (
        ("mx", "gmail.com"),
        161,
        [
            "gmail.com.\t\t1708\tIN\tMX\t5 gmail-smtp-in.l.google.com.",
            "gmail.com.\t\t1708\tIN\tMX\t40 alt4.gmail-smtp-in.l.google.com.",
            "gmail.com.\t\t1708\tIN\tMX\t30 alt3.gmail-smtp-in.l.google.com.",
            "gmail.com.\t\t1708\tIN\tMX\t20 alt2.gmail-smtp-in.l.google.com.",
            "gmail.com.\t\t1708\tIN\tMX\t10 alt1.gmail-smtp-in.l.google.com.",
        ],
    ),
    (("mx", "yandex.kz"), 66, ["yandex.kz.\t\t132\tIN\tMX\t10 mx.yandex.ru."]),
    (("mx.yandex.ru",), 57, ["mx.yandex.ru.\t\t38\tIN\tA\t77.88.21.249"]),
    (("-x", "77.88.21.249"), 101, ["249.21.88.77.in-addr.arpa. 276\tIN\tPTR\tmxfront.stable.qloud-b.yandex.net."]),
    (
        ("txt", "_spf.yandex.ru"),
        154,
        [
            (
                '_spf.yandex.ru.\t\t839\tIN\tTXT\t"v=spf1 include:_spf-ipv4.yandex.ru include:_spf-ipv6.yandex.ru '
                'include:_spf-ipv4-yc.yandex.ru ~all"'
            )
        ],
    ),
]


@pytest.mark.parametrize(
    ("words", "size", "answers"), LECTURE, ids=lambda value: " ".join(value) if type(value) is tuple else ""
)
def test_the_lectures_question_gets_the_printed_answer(
    mailflow: Command, words: tuple[str, ...], size: int, answers: list[str]
) -> None:
    done = mailflow("dig", "--in", "lecture", *words)
    assert done.code == 0, done.err
    lines = done.out.split("\n")
    assert lines[1] == f"; <<>> DiG 9.18-mailflow <<>> {' '.join(words)}"
    start = lines.index(";; ANSWER SECTION:") + 1
    assert lines[start : start + len(answers) + 1] == [*answers, ""]
    assert f";; MSG SIZE  rcvd: {size}" in lines
    assert ";; SERVER: 192.168.1.1#53(192.168.1.1) (UDP)" in lines
    assert re.search(rf"flags: qr rd ra; QUERY: 1, ANSWER: {len(answers)}, AUTHORITY: 0, ADDITIONAL: 1", done.out)
    sections = re.findall(r"(?m)^;; (\w+) (?:PSEUDO)?SECTION:", done.out)
    assert sections == ["OPT", "QUESTION", "ANSWER"] or sections == ["QUESTION", "ANSWER"]


def test_the_time_is_the_simulated_one(mailflow: Command) -> None:
    out = mailflow("dig", "--in", "first-letter", "beta.example", "MX").out
    elapsed = int(re.search(r";; Query time: (\d+) msec", out).group(1))  # type: ignore[union-attr]
    assert 40 <= elapsed < 1000
    assert ";; WHEN: Sat Mar 23 18:30:00 +05 2024\n" in out


def test_words_come_in_any_order_and_in_anywhere(mailflow: Command) -> None:
    orders = [
        ("--in", "lecture", "mx", "gmail.com", "+short"),
        ("+short", "gmail.com", "--in=lecture", "MX"),
        ("gmail.com", "+short", "mx", "--in", "lecture", "--no-color"),
        ("-t", "mx", "-q", "gmail.com", "in", "+short", "--in", "lecture"),
    ]
    outputs = {mailflow("dig", *order).out for order in orders}
    assert len(outputs) == 1
    assert len(outputs.pop().splitlines()) == 5


def test_short_prints_the_data_and_nothing_for_no_answer(mailflow: Command) -> None:
    assert mailflow("dig", "--in", "first-letter", "+short", "beta.example", "MX").out == "10 mx.beta.example.\n"
    nothing = mailflow("dig", "--in", "first-letter", "+short", "no-such.beta.example")
    assert (nothing.code, nothing.out) == (0, "")
    assert "status: NXDOMAIN" in mailflow("dig", "--in", "first-letter", "no-such.beta.example").out


def test_an_address_is_reversed(mailflow: Command) -> None:
    assert mailflow("dig", "--in", "first-letter", "-x", "192.0.2.25", "+short").out == "mail.alpha.example.\n"


@pytest.mark.parametrize("host", ["ns", "192.0.2.53"])
def test_a_named_server_answers_with_authority(mailflow: Command, host: str) -> None:
    out = mailflow("dig", "--in", "first-letter", f"@{host}", "beta.example", "MX").out
    assert re.search(r";; flags: qr aa rd; ", out)
    assert "; (1 server found)" in out
    assert ";; WARNING: recursion requested but not available" in out
    assert ";; SERVER: 192.0.2.53#53(192.0.2.53) (UDP)" in out
    assert (
        "flags: qr aa;" in mailflow("dig", "--in", "first-letter", f"@{host}", "+norecurse", "beta.example", "MX").out
    )


def test_tcp_is_spoken_when_told(mailflow: Command) -> None:
    done = mailflow("dig", "--in", "first-letter", "+tcp", "beta.example", "MX")
    assert done.code == 0
    assert ";; SERVER: 198.51.100.53#53(198.51.100.53) (TCP)" in done.out


def test_a_trace_goes_from_the_root_down(mailflow: Command) -> None:
    out = mailflow("dig", "--in", "first-letter", "+trace", "beta.example", "MX").out
    owners = re.findall(r"(?m)^(\S+)\s+\d+\s+IN\s+(NS|MX)\s", out)
    assert [owner for owner, _type in owners[:3]] == [".", "example.", "beta.example."]
    assert ("beta.example.", "MX") in owners
    assert len(re.findall(r";; Received \d+ bytes from ", out)) == 4


def test_without_a_name_dig_asks_for_the_roots_servers(mailflow: Command) -> None:
    out = mailflow("dig", "--in", "first-letter").out
    assert re.search(r"(?m)^;\.\t+IN\tNS$", out)
    assert "ANSWER SECTION" in out


def test_a_host_that_does_not_answer_is_1(mailflow: Command) -> None:
    done = mailflow("dig", "--in", "first-letter", "@pc-boris", "beta.example", "MX")
    assert done.code == 1
    assert ";; no servers could be reached" in done.out


def test_the_timeline_and_its_faults_have_not_happened_yet(mailflow: Command, small: Callable[[str], str]) -> None:
    path = small("faults:\n  - {at: 0s, what: host-down, host: resolver}\n")
    assert mailflow("dig", "--in", path, "beta.example", "MX", "+short").out.endswith("beta.example.\n")


@pytest.mark.parametrize(
    ("words", "said"),
    [
        (("a.example", "b.example"), "one name at a time"),
        (("+shrot", "a.example"), "did you mean +short?"),
        (("-x", "nonsense"), "no IP address"),
        (("-x",), "after -x its value is missing"),
        (("-t", "NOSUCH", "a.example"), "no record type NOSUCH"),
        (("--nonsense", "a.example"), "--nonsense"),
        ((f"{'a' * 64}.example",), "cannot be asked for"),
    ],
    ids=lambda value: " ".join(value)[:20] if isinstance(value, tuple) else "",
)
def test_words_that_dig_does_not_know_are_refused(words: tuple[str, ...], said: str) -> None:
    with pytest.raises(UsageError, match=re.escape(said)):
        read(list(words))


def test_wrong_worlds_and_hosts_are_wrong_use(mailflow: Command) -> None:
    assert mailflow("dig", "mx", "gmail.com").code == 2
    done = mailflow("dig", "--in", "first-letter", "@mail-alfa", "beta.example")
    assert done.code == 2
    assert "did you mean mail-alpha?" in done.err
    assert "did you mean lecture?" in mailflow("dig", "--in", "lectur", "mx", "gmail.com").err
