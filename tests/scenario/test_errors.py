"""All mistakes come at once, each at its own characters, with what to write instead."""

from __future__ import annotations

import time
from pathlib import Path

import pytest

from simulator.errors import ScenarioError
from simulator.scenario.loading import load, validate
from tests.scenario.conftest import SMALL, Loader, Refusal, caret_word


def changed(old: str, new: str) -> str:
    assert old in SMALL
    return SMALL.replace(old, new, 1)


def test_mistakes_of_every_stage_come_together_in_the_order_of_the_file(refused: Refusal) -> None:
    found = refused(
        "id: small\n"
        "titel: A small world\n"
        "title: A small world\n"
        "people:\n"
        "  anna@alpha.example: {name: Anna}\n"
        "  boris@beta.example: {name: Boris}\n"
        "hosts:\n"
        "  pc-anna: {kind: client, ip: 192.0.2.300, user: anna@alpha.example}\n"
        "  mail-beta: {kind: mail-server, domains: [beta.example], filters: [spf]}\n"
        "zones:\n"
        "  beta.example: |\n"
        "    $TTL 300\n"
        "    @ IN SOA ns hostmaster 1 3600 600 86400 300\n"
        "    @ IN NS ns\n"
        "    ns IN A 192.0.2.53\n"
        "    @ IN MX ten mx\n"
        "timeline:\n"
        "  - {at: soon, who: anna@alpha.example, do: send, to: [boris@beta.example]}\n"
        "  - {at: 1m, who: borsi@beta.example, do: fetch}\n"
        "  - {at: 2m, who: boris@beta.example, do: fetsh}\n"
        "expect:\n"
        "  - {id: it, that: delivr, equals: 1}\n"
    )
    assert [(d.rule, d.line) for d in found] == [
        ("MF020", 2),
        ("MF033", 8),
        ("MF023", 9),
        ("MF041", 16),
        ("MF026", 18),
        ("MF038", 19),
        ("MF024", 20),
        ("MF050", 22),
    ]
    assert [caret_word(d) for d in found] == [
        "titel", "192.0.2.300", "spf", "ten", "soon", "borsi@beta.example", "fetsh", "delivr",
    ]  # fmt: skip
    assert [d.hint for d in found if "did you mean" in d.hint] == [
        "did you mean title?", "did you mean boris@beta.example?", "did you mean fetch?", "did you mean deliver?",
    ]  # fmt: skip


def test_a_mistake_looks_as_the_readme_says(loaded: Loader, tmp_path: Path) -> None:
    text = SMALL + (
        "zones:\n  beta.example: |\n    $TTL 300\n    @     IN SOA ns hostmaster 1 3600 600 86400 300\n"
        "    @     IN NS  ns\n    ns    IN A   192.0.2.53\n    @     IN MX  ten mx2\n"
    )
    with pytest.raises(ScenarioError) as caught:
        loaded(text)
    assert str(caught.value) == (
        f'{tmp_path}/small.yaml:15:18  MF041  zone beta.example, line 5: MX preference "ten" is not a number\n'
        "   15 |     @     IN MX  ten mx2\n"
        "                         ^^^   write a number such as 20; the smallest is tried first"
    )


NOT_BUILT = {
    "scanner": "hosts:\n  it: {kind: scanner}\n",
    "router": "hosts:\n  it: {kind: router}\n",
    "webmail": "hosts:\n  it: {kind: webmail}\n",
    "https": "hosts:\n  mail-beta: {kind: mail-server, domains: [beta.example], services: [https]}\n",
    "greylist": "hosts:\n  mail-beta: {kind: mail-server, domains: [beta.example], filters: [greylist]}\n",
    "virus": "hosts:\n  mail-beta: {kind: mail-server, domains: [beta.example], filters: [virus]}\n",
    "dkim": "hosts:\n  mail-beta: {kind: mail-server, domains: [beta.example], dkim: {sign: no}}\n",
    "srs": "hosts:\n  mail-beta: {kind: mail-server, domains: [beta.example], srs: no}\n",
    "dmarc-reject": "hosts:\n  mail-beta: {kind: mail-server, domains: [beta.example], policy: {dmarc-reject: honour}}\n",
    "smtps://": "hosts:\n  pc-anna: {kind: client, user: anna@alpha.example, sends-via: smtps://mail.alpha.example}\n",
    "imap+starttls://": "hosts:\n  pc-anna: {kind: client, user: anna@alpha.example, reads-via: imap+starttls://mail.alpha.example}\n",
    "disk-full": "faults:\n  - {at: 0s, what: disk-full, host: mail-beta}\n",
    "every": "faults:\n  - {at: 0s, every: 5m, what: host-down, host: mail-beta}\n",
    "probability": "faults:\n  - {at: 0s, probability: 0.5, what: host-down, host: mail-beta}\n",
    "loss": "links:\n  - {between: [pc-anna, mail-alpha], loss: 0.1}\n",
}


@pytest.mark.parametrize(("word", "text"), NOT_BUILT.items(), ids=NOT_BUILT)
def test_what_is_not_built_is_refused_by_name(refused: Refusal, word: str, text: str) -> None:
    (found,) = refused(SMALL + text)
    assert found.rule == "MF023"
    assert "not built yet" in found.message
    assert word in found.message


@pytest.mark.parametrize("verb", ["run", "backup", "restore", "set", "add-record", "remove-record", "link"])
def test_an_action_that_is_not_built_is_refused_by_name(refused: Refusal, verb: str) -> None:
    (found,) = refused(SMALL + f"  - {{at: 2m, who: boris@beta.example, do: {verb}}}\n")
    assert (found.rule, caret_word(found)) == ("MF023", verb)


@pytest.mark.parametrize("text", ["set: hosts.ns.ip, to: x", "add-record: x IN A 192.0.2.1, zone: beta.example"])
def test_an_action_that_is_a_key_is_refused_as_not_built(refused: Refusal, text: str) -> None:
    (found,) = refused(SMALL + f"  - {{{text}}}\n")
    assert found.rule == "MF023"
    assert text.partition(":")[0] in found.message


def test_forward_to_is_refused_as_not_built(refused: Refusal) -> None:
    (found,) = refused(changed("{name: Boris}", "{forward-to: anna@alpha.example}"))
    assert found.rule == "MF023"


def test_a_key_of_another_action_is_told_where_it_belongs(refused: Refusal) -> None:
    (found,) = refused(changed("do: fetch", "do: fetch, subject: Hello"))
    assert (found.rule, caret_word(found), found.hint) == ("MF039", "subject", "it belongs to send")


@pytest.mark.parametrize("key", ["id", "title", "people", "timeline"])
def test_a_missing_key_is_named(refused: Refusal, key: str) -> None:
    lines = SMALL.splitlines(keepends=True)
    start = next(n for n, line in enumerate(lines) if line.startswith(f"{key}:"))
    end = next((n for n in range(start + 1, len(lines)) if not lines[n].startswith(" ")), len(lines))
    found = refused("".join(lines[:start] + lines[end:]))
    assert ("MF021", f"{key}: is missing") in [(d.rule, d.message) for d in found]


@pytest.mark.parametrize(
    ("old", "new", "rule", "word"),
    [
        ("title: A small world", "title: {en: A small world, ru: Мир}", "MF055", "en"),
        ("title: A small world", "title:", "MF022", "title"),
        ("title: A small world", "title: []", "MF022", "["),
        ("{name: Boris}", "[Boris]", "MF022", "["),
        ("at: 1m", "at: 1", "MF026", "1"),
        ("at: 1m", "at: 1m30", "MF026", "30"),
        ("boris@beta.example, do: fetch", "boris@gmail.com, do: fetch", "MF035", "com"),
        ("to: [boris@beta.example]", "to: [boris@beta..example]", "MF032", "."),
        ("to: [boris@beta.example]", "to: [boris]", "MF031", "boris"),
        ("to: [boris@beta.example]", "to: []", "MF021", "at"),
    ],
)
def test_a_wrong_value_is_shown_at_its_characters(refused: Refusal, old: str, new: str, rule: str, word: str) -> None:
    (found,) = refused(changed(old, new))
    assert found.rule == rule
    assert caret_word(found).startswith(word)


WORLD = {
    "unknown resolver": ("MF038", "hosts:\n  pc-anna: {kind: client, user: anna@alpha.example, resolver: resolvr}\n", "resolvr"),
    "resolver that is none": ("MF038", "hosts:\n  pc-anna: {kind: client, user: anna@alpha.example, resolver: ns}\n", "ns"),
    "unknown user": ("MF038", "hosts:\n  pc-anna: {kind: client, user: ana@alpha.example}\n", "ana@alpha.example"),
    "unknown end of a link": ("MF038", "links:\n  - {between: [pc-ana, mail-alpha]}\n", "pc-ana"),
    "unknown host of a fault": ("MF038", "faults:\n  - {what: host-down, host: mail-betta}\n", "mail-betta"),
    "unknown zone": ("MF038", "hosts:\n  ns: {kind: name-server, serves: [bta.example]}\n", "bta.example"),
    "unknown server": ("MF038", "hosts:\n  pc-anna: {kind: client, user: anna@alpha.example, reads-via: imaps://mial.alpha.example}\n", "imaps://mial.alpha.example"),
    "server that does not offer it": ("MF054", "hosts:\n  pc-anna: {kind: client, user: anna@alpha.example, reads-via: pop3s://mail.alpha.example}\n", "pop3s://mail.alpha.example"),
    "wrong port": ("MF054", "hosts:\n  pc-anna: {kind: client, user: anna@alpha.example, reads-via: imaps://mail.alpha.example:994}\n", "imaps://mail.alpha.example:994"),
    "leave on an IMAP device": ("MF039", "hosts:\n  pc-anna: {kind: client, user: anna@alpha.example, leave-on-server: no}\n", "leave-on-server"),
    "same name": ("MF037", "hosts:\n  a: {kind: mail-server, name: x.example, domains: [alpha.example]}\n  b: {kind: mail-server, name: x.example, domains: [beta.example]}\n", "x.example"),
    "two links": ("MF057", "links:\n  - {between: [pc-anna, mail-alpha]}\n  - {between: [mail-alpha, pc-anna]}\n", "["),
    "two ids": ("MF037", "expect:\n  - {id: a, that: deliver, equals: 1}\n  - {id: a, that: deliver, equals: 1}\n", "a"),
    "two answers": ("MF051", "expect:\n  - {id: a, that: deliver, equals: 1, at-least: 1}\n", "id"),
    "real address in a zone": ("MF034", "zones:\n  gamma.example: |\n    $TTL 300\n    @ IN SOA ns hostmaster 1 1 1 1 1\n    @ IN NS ns\n    ns IN A 8.8.8.8\n", "8.8.8.8"),
    "real name in a zone": ("MF035", "zones:\n  gamma.example: |\n    $TTL 300\n    @ IN SOA ns hostmaster 1 1 1 1 1\n    @ IN NS ns\n    ns IN A 192.0.2.53\n    @ IN MX 10 mx.google.com.\n", "mx.google.com"),
    "reverse zone of somebody": ("MF034", "zones:\n  8.8.8.in-addr.arpa: x.zone\n", "8.8.8.in-addr.arpa"),
    "zone name of somebody": ("MF035", "zones:\n  google.com: x.zone\n", "com"),
}  # fmt: skip


@pytest.mark.parametrize(("rule", "text", "word"), WORLD.values(), ids=WORLD)
def test_parts_that_do_not_fit_are_shown_at_their_characters(refused: Refusal, rule: str, text: str, word: str) -> None:
    found = refused(SMALL + text)
    assert (rule, word) in [(d.rule, caret_word(d)) for d in found]


def test_an_alias_of_two_people_is_refused(refused: Refusal) -> None:
    text = SMALL.replace("{name: Anna}", "{name: Anna, aliases: [info@beta.example]}")
    found = refused(text.replace("{name: Boris}", "{name: Boris, aliases: info@beta.example}"))
    assert [d.rule for d in found] == ["MF037"]


def test_an_alias_in_a_domain_that_nobody_serves_is_refused(refused: Refusal) -> None:
    (found,) = refused(changed("{name: Anna}", "{name: Anna, aliases: [anna@gamma.example]}"))
    assert (found.rule, caret_word(found)) == ("MF038", "anna@gamma.example")


def test_a_device_of_somebody_else_is_refused(refused: Refusal) -> None:
    (found,) = refused(changed("do: fetch", "do: fetch, host: pc-anna"))
    assert (found.rule, found.hint) == ("MF054", "devices of boris@beta.example: pc-boris")


@pytest.mark.parametrize("address", ["10.0.0.1", "127.0.0.1", "2001:4860::8888", "192.0.3.1"])
def test_an_address_outside_the_documentation_ranges_is_refused(refused: Refusal, address: str) -> None:
    (found,) = refused(SMALL + f'hosts:\n  pc-anna: {{kind: client, user: anna@alpha.example, ip: "{address}"}}\n')
    assert found.rule == "MF034"
    assert address in found.message


def test_a_letter_to_a_person_who_does_not_exist_may_be_sent(loaded: Loader) -> None:
    assert loaded(changed("to: [boris@beta.example]", "to: [nobody@beta.example]")).timeline[0].to == (
        "nobody@beta.example",
    )


def test_validate_gives_the_mistakes_of_all_files(tmp_path: Path) -> None:
    (tmp_path / "good.yaml").write_text(SMALL, encoding="utf-8")
    (tmp_path / "bad.yaml").write_text(changed("do: fetch", "do: fetsh"), encoding="utf-8")
    (tmp_path / "worse.yaml").write_text("id: [", encoding="utf-8")
    found = validate([tmp_path / "good.yaml", tmp_path / "bad.yaml", tmp_path / "worse.yaml"])
    assert [(Path(d.file).name, d.rule) for d in found] == [("bad.yaml", "MF024"), ("worse.yaml", "MF003")]


def test_no_control_character_of_a_file_reaches_a_message(refused: Refusal) -> None:
    found = refused(changed("do: fetch", r'do: "\e[31mfetch\a"'))
    assert all(character.isprintable() or character == "\n" for character in str(found[0]))


def test_a_mistake_in_an_included_file_names_that_file(refused: Refusal) -> None:
    (found,) = refused(
        "id: small\ntitle: x\ninclude: [base.yaml]\n",
        base__yaml=SMALL.partition("title: A small world\n")[2].replace("1m", "1x"),
    )
    assert found.file.endswith("base.yaml")
    assert (found.rule, found.line) == ("MF026", 6)


def test_what_is_unknown_only_because_its_own_line_is_wrong_is_not_reported_again(refused: Refusal) -> None:
    (found,) = refused(
        SMALL
        + "hosts:\n  mail-beta: {kind: toaster, domains: [beta.example]}\nlinks:\n  - {between: [pc-anna, mail-beta]}\n"
    )
    assert found.rule == "MF024"


def test_load_names_the_file_as_it_was_asked_for(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    Path("bad.yaml").write_text(changed("do: fetch", "do: fetsh"), encoding="utf-8")
    with pytest.raises(ScenarioError) as caught:
        load("bad.yaml")
    assert caught.value.diagnostics[0].file == "bad.yaml"


@pytest.mark.parametrize(
    "line", ["  - {at: soon, do: fetch}\n", "  - {at: 0s, who: nobody@x.example, do: fetch}\n", "  - x\n"]
)
def test_thousands_of_mistakes_are_reported_in_reasonable_time(refused: Refusal, line: str) -> None:
    start = time.monotonic()
    assert len(refused(SMALL + line * 5000)) >= 5000
    assert time.monotonic() - start < 8
