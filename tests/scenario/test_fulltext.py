"""The full text of a world loads again to the same world."""

from __future__ import annotations

from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from simulator.scenario.fulltext import _text, duration, full_text
from simulator.scenario.loading import load
from simulator.scenario.model import Scenario
from simulator.scenario.params import fill_text
from simulator.scenario.report import Report
from simulator.scenario.tree import plain
from simulator.scenario.values import duration_us
from simulator.scenario.yamlload import load_tree, source_of
from tests.scenario.conftest import SMALL, Loader


def again(scenario: Scenario, folder: Path) -> Scenario:
    (folder / "full.yaml").write_text(full_text(scenario), encoding="utf-8")
    return load(folder / "full.yaml")


FULL = (
    SMALL.replace("text: Hi", r'text: "a\n\n  b\t\x07 ${x} \"q\" \\ ж", bcc: [anna@alpha.example], attachments: [{name: x, base64: AP8=}, {name: y, text: ""}]')
    + "  - {at: 1h30m, who: boris@beta.example, host: phone, do: delete, letter: 2}\n"
    "  - {at: 2m, id: end, do: note, text: 'yes'}\n"
    "  - {at: 1500us, do: note, text: '12:30'}\n".replace("1500us", "1.5ms")
    + "  - {at: 3m, host: spare, do: dig, name: beta.example, type: MX, server: second}\n"
    "hosts:\n"
    "  mail-beta: {kind: mail-server, services: [smtp, submissions, imaps, pop3s, lmtp], filters: [spam], ip: ['203.0.113.25', '2001:db8::25']}\n"
    "  mail-alpha: {kind: mail-server, tls: opportunistic, certificate: wrong-name, policy: {offers: [size, 8bitmime], converts: no, chunking: yes}}\n"
    "  silent: {kind: mail-server, name: silent.beta.example, domains: [], tls: required, policy: {offers: []}}\n"
    "  pc-boris: {kind: client, user: boris@beta.example}\n"
    "  phone: {kind: client, user: boris@beta.example, reads-via: 'pop3s://mail.beta.example', leave-on-server: yes}\n"
    "  spam: {kind: filter}\n"
    "  second: {kind: resolver}\n"
    "  spare: {kind: name-server, serves: []}\n"
    "links:\n  - {between: [pc-boris, mail-beta], latency: 1.25ms, bandwidth: 64kbit}\n"
    "faults:\n  - {what: host-down, id: night, host: spare, at: 1m, until: 2m}\n"
    "expect:\n  - {id: a, that: deliver | list mailbox, equals: [x, 'a, b']}\n  - {id: b, that: {before: [queue.enter, deliver]}, why: 'It is: so'}\n"
    "  - {id: c, that: deliver | first mailbox, equals: ''}\n"
    "start: 2023-12-31 23:59:59 -03:30\n"
    "params:\n  x: {choose: ['$$', 'b: c', '#']}\n"
)  # fmt: skip


WIDE = SMALL.replace("boris@beta.example", '"ольга@beta.example"')


@pytest.mark.parametrize("text", [SMALL, FULL, WIDE], ids=["small", "full", "wide"])
def test_the_full_text_loads_to_the_same_world(loaded: Loader, tmp_path: Path, text: str) -> None:
    scenario = loaded(text)
    assert again(scenario, tmp_path) == scenario


@pytest.mark.parametrize("seed", range(3))
def test_the_full_text_keeps_what_the_seed_chose(loaded: Loader, tmp_path: Path, seed: int) -> None:
    scenario = loaded(FULL, seed=seed)
    assert again(scenario, tmp_path).params == scenario.params
    assert again(scenario, tmp_path).timeline == scenario.timeline


def test_the_full_text_of_a_full_text_is_itself(loaded: Loader, tmp_path: Path) -> None:
    text = full_text(loaded(FULL))
    (tmp_path / "full.yaml").write_text(text, encoding="utf-8")
    assert full_text(load(tmp_path / "full.yaml")) == text


def test_zones_stay_readable_in_the_full_text(loaded: Loader) -> None:
    text = full_text(loaded())
    assert "  beta.example: |\n    $TTL 300\n    @     IN SOA" in text


@given(st.text(max_size=60))
def test_any_text_is_written_so_that_it_is_read_back(text: str) -> None:
    try:
        text.encode()
    except UnicodeEncodeError:
        return
    report = Report()
    source, decoded = source_of(f"a: {_text(text, 2)}\n".encode(), "x", "x", report)
    read = plain(load_tree(source, decoded, report))
    assert isinstance(read, dict)
    assert fill_text(read["a"] or "", {}) == text


@given(st.integers(0, 10**14))
def test_any_duration_is_written_so_that_it_is_read_back(us: int) -> None:
    assert duration_us(duration(us)) == us
