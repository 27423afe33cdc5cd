"""What is shipped loads in both languages, says the same in both, and is what the editors' schema describes."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path

import pytest

from simulator.scenario.finding import shipped_folder
from simulator.scenario.fulltext import full_text
from simulator.scenario.loading import load
from simulator.scenario.schema import schema, schema_text
from tests.scenario.test_finding import SHIPPED

ROOT = Path(__file__).resolve().parents[2]


@pytest.mark.parametrize("name", SHIPPED)
def test_it_loads_in_english_and_russian_to_the_same_world(name: str) -> None:
    english, russian = load(name, lang="en"), load(name, lang="ru")
    assert english == russian
    assert english.id == name
    assert english.title.isascii()
    assert not russian.title.isascii()


@pytest.mark.parametrize("name", SHIPPED)
def test_every_text_is_there_in_both_languages(name: str) -> None:
    texts = load(name).texts
    assert texts["ru"].keys() == texts["en"].keys()
    assert all(not text.isascii() for text in texts["ru"].values())


@pytest.mark.parametrize("name", SHIPPED)
def test_every_promise_says_why(name: str) -> None:
    scenario = load(name)
    assert scenario.expect
    assert all(entry.why for entry in scenario.expect)


@pytest.mark.parametrize("name", SHIPPED)
def test_its_full_text_is_the_same_world(name: str, tmp_path: Path) -> None:
    for seed in (1, 2):
        scenario = load(name, seed=seed)
        (tmp_path / "full.yaml").write_text(full_text(scenario), encoding="utf-8")
        assert load(tmp_path / "full.yaml") == scenario


@pytest.mark.parametrize("name", SHIPPED)
def test_it_names_the_schema_for_editors(name: str) -> None:
    text = (shipped_folder() / f"{name}.yaml").read_text(encoding="utf-8")
    assert text.startswith("# yaml-language-server: $schema=scenario.schema.json\n")


def test_the_committed_schema_is_the_one_of_the_code(request: pytest.FixtureRequest) -> None:
    committed = ROOT / "scenarios" / "scenario.schema.json"
    if request.config.getoption("--update-golden"):
        committed.write_text(schema_text(), encoding="utf-8")
    assert committed.read_text(encoding="utf-8") == schema_text()


@pytest.mark.parametrize("name", [*SHIPPED, *(f"{name}.ru" for name in SHIPPED)])
def test_its_lines_fit_an_editor(name: str) -> None:
    for line in (shipped_folder() / f"{name}.yaml").read_text(encoding="utf-8").splitlines():
        assert len(line) <= 125, line


def test_the_schema_knows_every_key_that_is_shipped() -> None:
    import yaml

    defined = schema()
    for name in SHIPPED:
        data = yaml.safe_load((shipped_folder() / f"{name}.yaml").read_text(encoding="utf-8"))
        assert data.keys() <= defined["properties"].keys()
    assert set(defined["required"]) == {"id", "title", "people", "timeline"}
    assert "host-down" in json.dumps(defined)


def test_the_lecture_has_the_printed_records_in_the_printed_order() -> None:
    zones = {zone.name: zone.text for zone in load("lecture").zones}
    exchangers = [line.split("MX")[1].split() for line in zones["gmail.com"].splitlines() if " MX " in line]
    assert [int(preference) for preference, _ in exchangers] == [5, 40, 30, 20, 10]
    assert exchangers[0][1] == "gmail-smtp-in.l.google.com."


@pytest.mark.parametrize(
    ("zone", "name", "rtype", "ttl", "size"),
    [
        ("gmail.com", "gmail.com", "MX", 1708, 161),
        ("yandex.kz", "yandex.kz", "MX", 132, 66),
        ("yandex.ru", "mx.yandex.ru", "A", 38, 57),
        ("88.77.in-addr.arpa", "249.21.88.77.in-addr.arpa", "PTR", 276, 101),
        ("yandex.ru", "_spf.yandex.ru", "TXT", 839, 154),
    ],
)
def test_an_answer_from_the_lectures_zones_has_the_printed_size(
    zone: str, name: str, rtype: str, ttl: int, size: int
) -> None:
    import dns.message
    import dns.zone

    text = next(z.text for z in load("lecture").zones if z.name == zone)
    records = dns.zone.from_text(text, origin=f"{zone}.", relativize=False).find_rrset(f"{name}.", rtype)
    answer = dns.message.make_response(dns.message.make_query(name, rtype, use_edns=True))
    answer.answer.append(records)
    assert records.ttl == ttl
    assert len(answer.to_wire(want_shuffle=False)) == size


def test_listing_scenarios_does_not_wait_for_pydantic() -> None:
    code = (
        "import sys, simulator.scenario.finding as f; f.find('first-letter'); f.parse_link('a#b/1'); f.every();"
        "print([m for m in ('pydantic', 'dns', 'yaml', 'simpy') if m in sys.modules])"
    )
    assert subprocess.check_output([sys.executable, "-c", code], cwd=ROOT, text=True).strip() == "[]"
