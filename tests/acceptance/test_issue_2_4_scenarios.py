"""Issue 2, section 4: scenarios.

Judged by reading: that `scenarios/README.md` can be followed by an instructor who never programmed.
"""

from __future__ import annotations

import json
import re
import time
from pathlib import Path

import pytest

from tests.acceptance.outside import LETTERS, ROOT, SHIPPED, answer, asked_once, count, in_checkout, mailflow

SMALL = """\
id: small
title: A small world
people:
  anna@alpha.example: {name: Anna, password: correct-horse}
  boris@beta.example: {name: Boris, password: battery-staple}
timeline:
  - {at: 0s, who: anna@alpha.example, do: send, to: [boris@beta.example], subject: Hello, text: Hi}
  - {at: 1m, who: boris@beta.example, do: fetch}
"""


def world(folder: Path, text: str, name: str = "small.yaml") -> str:
    """Write a scenario and give its path."""
    (folder / name).write_text(text, encoding="utf-8")
    return str(folder / name)


def first_letter(folder: Path, old: str, new: str) -> str:
    """A copy of `first-letter` with one text replaced."""
    text = in_checkout("scenarios/first-letter.yaml")
    assert old in text
    return world(folder, text.replace(old, new, 1), "changed.yaml")


# what is shipped


@pytest.mark.parametrize("scenario", SHIPPED)
def test_the_shipped_scenario_is_valid_runs_and_holds_what_it_expects(scenario: str) -> None:
    assert asked_once("validate", f"scenarios/{scenario}.yaml").code == 0
    run = asked_once("run", scenario, "--check")
    assert run.code == 0, run.text


@pytest.mark.parametrize("scenario", SHIPPED)
def test_the_shipped_scenario_speaks_english_and_russian(scenario: str) -> None:
    english, russian = asked_once("validate", f"scenarios/{scenario}.yaml", "--full"), None
    assert english.code == 0
    overlay = in_checkout(f"scenarios/{scenario}.ru.yaml")
    title = re.search(r"(?m)^title: (.*)$", overlay)
    assert title
    assert re.search("[а-яё]{3}", title.group(1))
    russian = mailflow("run", scenario, "--lang", "ru")
    assert russian.code == 0, russian.err
    assert asked_once("validate", f"scenarios/{scenario}.ru.yaml").code == 0


@pytest.mark.parametrize("scenario", SHIPPED)
def test_the_shipped_scenario_names_its_schema_for_editors(scenario: str) -> None:
    assert in_checkout(f"scenarios/{scenario}.yaml").startswith(
        "# yaml-language-server: $schema=scenario.schema.json\n"
    )


def test_ten_lines_are_ten_lines() -> None:
    lines = [line for line in in_checkout("scenarios/ten-lines.yaml").splitlines() if line.split("#")[0].strip()]
    assert len(lines) <= 10


def test_ten_lines_give_hosts_links_and_zones_made_from_the_people() -> None:
    run = asked_once("validate", "scenarios/ten-lines.yaml", "--full")
    assert run.code == 0, run.err
    assert all(re.search(rf"(?m)^{word}:", run.out) for word in ("hosts", "links", "zones"))
    assert all(word in run.out for word in ("resolver", "name-server", "IN MX", "mail-server", "client"))
    assert count("ten-lines", "deliver") >= 1


def test_what_validate_full_prints_is_a_scenario_that_runs_the_same(tmp_path: Path) -> None:
    full = asked_once("validate", "scenarios/ten-lines.yaml", "--full").out
    scenario = world(tmp_path, full, "full.yaml")
    assert mailflow("validate", scenario).code == 0
    assert answer(scenario, "deliver | list mailbox") == answer("ten-lines", "deliver | list mailbox")


def test_the_first_exchanger_of_two_mx_is_down() -> None:
    assert count("two-mx", "fault") >= 1
    assert "host-down" in in_checkout("scenarios/two-mx.yaml")


@pytest.mark.parametrize(
    ("question", "size", "lines"),
    [
        (
            ("mx", "gmail.com"),
            161,
            [
                "gmail.com. 1708 IN MX 5 gmail-smtp-in.l.google.com.",
                "gmail.com. 1708 IN MX 40 alt4.gmail-smtp-in.l.google.com.",
                "gmail.com. 1708 IN MX 30 alt3.gmail-smtp-in.l.google.com.",
                "gmail.com. 1708 IN MX 20 alt2.gmail-smtp-in.l.google.com.",
                "gmail.com. 1708 IN MX 10 alt1.gmail-smtp-in.l.google.com.",
            ],
        ),
        (("mx", "yandex.kz"), 66, ["yandex.kz. 132 IN MX 10 mx.yandex.ru."]),
        (("mx.yandex.ru",), 57, ["mx.yandex.ru. 38 IN A 77.88.21.249"]),
        (
            ("-x", "77.88.21.249"),
            101,
            ["249.21.88.77.in-addr.arpa. 276 IN PTR mxfront.stable.qloud-b.yandex.net."],
        ),
        (
            ("txt", "_spf.yandex.ru"),
            154,
            [
                (
                    '_spf.yandex.ru. 839 IN TXT "v=spf1 include:_spf-ipv4.yandex.ru include:_spf-ipv6.yandex.ru '
                    'include:_spf-ipv4-yc.yandex.ru ~all"'
                )
            ],
        ),
    ],
    ids=["gmail-mx", "yandex-mx", "yandex-a", "yandex-ptr", "yandex-txt"],
)
def test_the_lectures_question_gets_the_printed_answer(question: tuple[str, ...], size: int, lines: list[str]) -> None:
    run = asked_once("dig", "--in", "lecture", *question)
    assert run.code == 0, run.err
    assert f";; MSG SIZE  rcvd: {size}" in run.out
    section = run.out.split(";; ANSWER SECTION:\n")[1].split("\n\n")[0]
    assert [" ".join(line.split()) for line in section.splitlines()] == lines
    assert "flags: qr rd ra;" in run.out
    assert re.search(r"QUERY: 1, ANSWER: \d, AUTHORITY: 0, ADDITIONAL: 1", run.out)


# the format


def test_only_id_title_people_and_timeline_are_required(tmp_path: Path) -> None:
    assert mailflow("run", world(tmp_path, SMALL), "--check").code == 0
    for key in ("id", "title", "people", "timeline"):
        without = re.sub(rf"(?m)^{key}:.*\n(  .*\n)*", "", SMALL)
        run = mailflow("validate", world(tmp_path, without))
        assert run.code == 1, key
        assert key in run.text


@pytest.mark.parametrize("kind", ["tap", "router", "webmail", "scanner"])
def test_a_kind_of_host_that_is_not_built_is_refused(tmp_path: Path, kind: str) -> None:
    text = SMALL + f"hosts:\n  it: {{kind: {kind}, ip: 192.0.2.99}}\n"
    run = mailflow("validate", world(tmp_path, text))
    assert run.code == 1
    assert kind in run.text


@pytest.mark.parametrize("verb", ["move", "type", "run", "backup", "restore"])
def test_an_action_that_is_not_built_is_refused(tmp_path: Path, verb: str) -> None:
    text = SMALL + f"  - {{at: 2m, who: boris@beta.example, do: {verb}}}\n"
    run = mailflow("validate", world(tmp_path, text))
    assert run.code == 1
    assert verb in run.text


@pytest.mark.parametrize("name", ["greylist", "spf", "dkim", "dmarc", "dnsbl", "virus"])
def test_a_filter_that_is_not_built_is_refused(tmp_path: Path, name: str) -> None:
    run = mailflow("validate", first_letter(tmp_path, "filters: [spam]", f"filters: [{name}]"))
    assert run.code == 1
    assert name in run.text


@pytest.mark.parametrize("what", ["disk-full", "greylist", "crash", "lame-delegation"])
def test_a_fault_that_is_not_built_is_refused(tmp_path: Path, what: str) -> None:
    text = SMALL + f"faults:\n  - {{at: 0s, what: {what}, host: resolver}}\n"
    run = mailflow("validate", world(tmp_path, text))
    assert run.code == 1
    assert what in run.text
    assert "host-down" in run.text, "the message names what there is"


@pytest.mark.parametrize(
    ("key", "text"),
    [("lab", "lab:\n  task: Repair it\n"), ("hostz", "hostz: {}\n"), ("policy", "policy: {dmarc-reject: honour}\n")],
)
def test_what_this_version_does_not_know_is_refused_and_not_ignored(tmp_path: Path, key: str, text: str) -> None:
    run = mailflow("validate", world(tmp_path, SMALL + text))
    assert run.code == 1
    assert key in run.text


def test_every_action_of_this_issue_works(tmp_path: Path) -> None:
    text = SMALL + (
        "  - {at: 2m, who: boris@beta.example, do: read}\n"
        "  - {at: 3m, who: boris@beta.example, do: delete}\n"
        "  - {at: 4m, do: dig, host: resolver, name: beta.example, type: MX}\n"
        "  - {at: 5m, do: note, text: The end}\n"
    )
    run = mailflow("run", world(tmp_path, text), "--check")
    assert run.code == 0, run.text
    assert answer(str(tmp_path / "small.yaml"), "note | count") == 1
    assert answer(str(tmp_path / "small.yaml"), "mailbox.expunge | count") == 1


def test_parameters_are_chosen_by_the_seed() -> None:
    chosen = set()
    for seed in range(1, 9):
        head = asked_once("trace", "first-letter", "--as", "jsonl", "--seed", str(seed)).out.splitlines()[0]
        chosen.add(json.loads(head)["params"]["lunch"])
    assert len(chosen) > 1
    assert chosen <= {"12:30", "13:00", "13:15"}, "strings, though YAML would make 750 of 12:30"


def test_scalars_are_typed_by_the_schema_and_not_by_yaml(tmp_path: Path) -> None:
    text = SMALL.replace("subject: Hello, text: Hi", "subject: 12:30, text: off")
    out = mailflow("trace", world(tmp_path, text), "--as", "jsonl").out
    assert "Subject: 12:30" in out
    assert "750" not in re.findall(r"Subject: (\S+)", out)


def test_include_takes_a_base_and_overriding_keys(tmp_path: Path) -> None:
    (tmp_path / "bases").mkdir()
    base = SMALL[SMALL.index("people:") :]
    (tmp_path / "bases" / "two.yaml").write_text(base, encoding="utf-8")
    scenario = world(tmp_path, "id: family\ntitle: One of a family\ninclude: [bases/two.yaml]\n", "family.yaml")
    assert mailflow("run", scenario, "--check").code == 0
    assert answer(scenario, "deliver | count") == 1


@pytest.mark.parametrize(
    ("entry", "holds"),
    [
        ("that: deliver\n    equals: 1", True),
        ("that: deliver\n    equals: 2", False),
        ("that: smtp.command\n    at-least: 5", True),
        ("that: smtp.command\n    at-most: 5", False),
        ("that: smtp.command | unique verb\n    contains: EHLO", True),
        ("that: {before: [queue.enter, deliver]}", True),
        ("that: {before: [deliver, queue.enter]}", False),
    ],
)
def test_an_expectation_is_judged(tmp_path: Path, entry: str, holds: bool) -> None:
    run = mailflow("run", world(tmp_path, SMALL + f"expect:\n  - id: it\n    {entry}\n"))
    assert run.code == (0 if holds else 1), run.text
    assert f"expect: {int(holds)} of 1 hold" in run.out


@pytest.mark.parametrize("address", ["8.8.8.8", "10.0.0.1", "2001:4860::8888"])
def test_an_address_that_is_no_documentation_address_is_refused(tmp_path: Path, address: str) -> None:
    run = mailflow("validate", first_letter(tmp_path, "ip: 198.51.100.10", f'ip: "{address}"'))
    assert run.code == 1
    assert address in run.text


def test_a_name_that_could_be_real_is_refused_outside_the_lectures_world(tmp_path: Path) -> None:
    run = mailflow("validate", world(tmp_path, SMALL.replace("beta.example", "gmail.com")))
    assert run.code == 1
    assert "gmail.com" in run.text
    assert re.search(r"(?m)^names: lecture", in_checkout("scenarios/lecture.yaml"))


def test_a_scenario_is_found_here_then_on_the_path_then_among_the_shipped(tmp_path: Path) -> None:
    (tmp_path / "scenarios").mkdir()
    (tmp_path / "more").mkdir()
    world(tmp_path / "scenarios", SMALL)
    world(tmp_path / "more", SMALL.replace("id: small", "id: other"), "other.yaml")
    assert mailflow("run", "small", where=tmp_path).code == 0
    assert mailflow("run", "other", where=tmp_path, variables={"MAILFLOW_PATH": str(tmp_path / "more")}).code == 0
    assert mailflow("run", "first-letter", where=tmp_path).code == 0
    assert mailflow("run", "other", where=tmp_path).code == 2


def test_a_link_names_a_seed_and_a_record() -> None:
    run = asked_once("why", "first-letter?seed=7#smtp.reply/2")
    assert run.code == 0, run.err
    other = asked_once("why", "first-letter#smtp.reply/99999")
    assert other.code == 2
    assert "smtp.reply" in other.err


# errors


def test_all_errors_come_at_once_each_with_file_line_column_and_rule(tmp_path: Path) -> None:
    text = SMALL.replace("do: fetch", "do: fetsh").replace("at: 0s", "at: soon") + "hosts:\n  it: {kind: toaster}\n"
    scenario = world(tmp_path, text)
    run = mailflow("validate", scenario)
    assert run.code == 1
    found = re.findall(r"(?m)^\S*small\.yaml:(\d+):(\d+)\s+(MF\d{3})\s+\S", run.text)
    assert len(found) >= 3
    assert {line for line, _, _ in found} >= {"7", "8", "10"}
    assert "^" in run.text
    assert "fetch" in run.text


def test_every_rule_is_explained_with_a_bad_and_a_good_example(tmp_path: Path) -> None:
    run = mailflow("validate", world(tmp_path, SMALL.replace("do: fetch", "do: fetsh")))
    (rule, *_) = re.findall(r"MF\d{3}", run.text)
    page = mailflow("explain", rule)
    assert page.code == 0
    assert re.search("(?i)bad", page.out)
    assert re.search("(?i)good", page.out)


def test_an_error_in_a_zone_names_the_line_of_the_yaml_file(tmp_path: Path) -> None:
    scenario = first_letter(tmp_path, "IN MX   10 mx\n", "IN MX   ten mx\n")
    line = next(
        n for n, text in enumerate(Path(scenario).read_text(encoding="utf-8").splitlines(), 1) if "ten mx" in text
    )
    run = mailflow("validate", scenario)
    assert run.code == 1
    assert re.search(rf"changed\.yaml:{line}:\d+\s+MF\d{{3}}\s+", run.text)
    assert "beta.example" in run.text
    assert "ten" in run.text
    assert "^" in run.text


def test_an_unknown_name_gets_a_did_you_mean(tmp_path: Path) -> None:
    run = mailflow("validate", world(tmp_path, SMALL.replace("who: boris@beta.example", "who: borsi@beta.example")))
    assert run.code == 1
    assert "did you mean" in run.text.lower()
    assert "boris@beta.example" in run.text


def test_two_languages_in_one_line_are_pointed_out(tmp_path: Path) -> None:
    text = SMALL.replace("title: A small world", "title: {en: A small world, ru: Малый мир}")
    run = mailflow("validate", world(tmp_path, text))
    assert run.code == 1
    assert "small.yaml:2" in run.text


HOSTILE = {
    "merge bomb": "a0: &a0 {x: 1}\n"
    + "".join(f"a{n}: &a{n} {{<<: [{', '.join([f'*a{n - 1}'] * 9)}]}}\n" for n in range(1, 25)),
    "aliases": "a0: &a0 [x]\n" + "".join(f"a{n}: &a{n} [{', '.join([f'*a{n - 1}'] * 9)}]\n" for n in range(1, 25)),
    "brackets": "id: " + "[" * 20_000,
    "duplicate": SMALL + "title: Another title\n",
    "size": SMALL + "# " + "x" * (1 << 20) + "\n",
    "tag": SMALL.replace("title: A small world", "title: !!python/object/apply:os.system [true]"),
    "control": SMALL.replace("A small world", "A \x07 world"),
    "not utf-8": SMALL.replace("A small world", "A \udcff world"),
    "two documents": SMALL + "---\n" + SMALL,
    "nothing": "",
    "broken": SMALL + "  - {at: 0s\n",
}


@pytest.mark.parametrize("name", HOSTILE)
def test_a_hostile_file_is_refused_quickly_and_with_a_place(tmp_path: Path, name: str) -> None:
    path = tmp_path / "hostile.yaml"
    path.write_bytes(HOSTILE[name].encode("utf-8", "surrogateescape"))
    start = time.monotonic()
    run = mailflow("validate", str(path), seconds=20)
    assert time.monotonic() - start < 10
    assert run.code == 1, run.text
    assert re.search(r"hostile\.yaml(:\d+:\d+)?\s", run.text)
    assert "Traceback" not in run.text
    assert "\x07" not in run.text


def test_the_committed_schema_is_the_one_the_program_has() -> None:
    run = asked_once("schema", "scenario")
    assert run.code == 0
    assert json.loads(run.out) == json.loads(in_checkout("scenarios/scenario.schema.json"))


@pytest.mark.parametrize("scenario", LETTERS)
def test_a_shipped_scenario_proves_what_it_says(scenario: str) -> None:
    if scenario == "ten-lines":
        assert count(scenario, "deliver") >= 1
    else:
        assert re.search(r"expect: (\d+) of \1 hold", asked_once("run", scenario, "--check").out)


def test_no_scenario_of_the_checkout_is_left_out_of_these_tests() -> None:
    there = {path.name.split(".")[0] for path in (ROOT / "scenarios").glob("*.yaml")}
    assert there == set(SHIPPED)
