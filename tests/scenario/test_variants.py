"""Parameters, includes and overlays change just what they may, and keep the places of what they bring."""

from __future__ import annotations

from pathlib import Path

import pytest

from simulator.scenario.loading import load
from tests.scenario.conftest import SMALL, Loader, Refusal, caret_word

_LUNCH = 'params:\n  lunch: {choose: ["12:30", "13:00", "13:15"]}\n  delay: {choose: [40ms, 80ms, 120ms]}\n'
_PARAMS = (
    SMALL.replace("text: Hi", 'text: "Lunch at ${lunch}?"')
    + _LUNCH
    + 'links:\n  - {between: [pc-anna, mail-alpha], latency: "${delay}"}\n'
)


def test_a_seed_draws_every_parameter_and_always_the_same(loaded: Loader) -> None:
    drawn = {seed: loaded(_PARAMS, seed=seed).params for seed in range(40)}
    assert {params["lunch"] for params in drawn.values()} == {"12:30", "13:00", "13:15"}
    assert {params["delay"] for params in drawn.values()} == {"40ms", "80ms", "120ms"}
    assert drawn == {seed: loaded(_PARAMS, seed=seed).params for seed in range(40)}


def test_a_new_parameter_changes_none_of_the_others(loaded: Loader) -> None:
    more = _PARAMS.replace("params:\n", "params:\n  first: {choose: [a, b, c]}\n")
    for seed in range(10):
        assert loaded(_PARAMS, seed=seed).params.items() <= loaded(more, seed=seed).params.items()


def test_a_parameter_is_written_where_its_name_stands(loaded: Loader) -> None:
    scenario = loaded(_PARAMS, seed=3)
    assert scenario.timeline[0].text == f"Lunch at {scenario.params['lunch']}?"
    assert f"{scenario.links[0].latency_us // 1000}ms" == scenario.params["delay"]
    assert scenario.seed == 3


def test_the_seed_of_the_file_is_used_unless_another_is_given(loaded: Loader) -> None:
    assert (loaded(SMALL + "seed: 9\n").seed, loaded(SMALL + "seed: 9\n", seed=4).seed, loaded().seed) == (9, 4, 1)


def test_a_doubled_dollar_is_the_text_itself(loaded: Loader) -> None:
    assert (
        loaded(_PARAMS.replace("Lunch at ${lunch}", "Write $${lunch} or $5 or ${")).timeline[0].text
        == "Write ${lunch} or $5 or ${?"
    )


def test_a_parameter_in_a_zone_does_not_move_its_mistakes(refused: Refusal) -> None:
    (found,) = refused(
        SMALL
        + _LUNCH
        + "zones:\n  beta.example: |\n    $TTL 300\n    @ IN SOA ns hostmaster 1 1 1 1 1\n    @ IN NS ns\n"
        '    ns IN A 192.0.2.53\n    @ IN TXT "${lunch}"\n    @ IN MX ten ns\n'
    )
    assert (found.line, caret_word(found)) == (19, "ten")


@pytest.mark.parametrize(
    ("params", "rule"),
    [
        ("params:\n  lunch: {choose: []}\n", "MF022"),
        ("params:\n  lunch: [a, b]\n", "MF022"),
        ("params:\n  lunch: {chose: [a]}\n", "MF020"),
    ],
)
def test_a_malformed_parameter_is_refused(refused: Refusal, params: str, rule: str) -> None:
    assert rule in [d.rule for d in refused(SMALL + params)]


# includes

_BASE = SMALL.partition("title: A small world\n")[2]


def test_a_file_takes_a_base_and_overrides_single_keys(loaded: Loader) -> None:
    scenario = loaded(
        "id: small\ntitle: One of a family\ninclude: [base.yaml]\npeople:\n  anna@alpha.example: {password: other}\n",
        base__yaml=_BASE,
    )
    anna = scenario.people[0]
    assert (anna.name, anna.password) == ("Anna", "other")
    assert anna.origin == "small.yaml:5"
    assert scenario.people[1].origin == "base.yaml:3"
    assert [action.origin for action in scenario.timeline] == ["base.yaml:5", "base.yaml:6"]


def test_a_list_is_replaced_whole(loaded: Loader) -> None:
    text = "id: small\ntitle: x\ninclude: [base.yaml]\ntimeline:\n  - {at: 0s, who: anna@alpha.example, do: fetch}\n"
    assert [action.do for action in loaded(text, base__yaml=_BASE).timeline] == ["fetch"]


def test_of_two_bases_the_later_wins(loaded: Loader) -> None:
    text = "id: small\ntitle: x\ninclude: [base.yaml, more.yaml]\n"
    assert (
        loaded(text, base__yaml=_BASE, more__yaml="seed: 5\npeople:\n  anna@alpha.example: {name: Ann}\n")
        .people[0]
        .name
        == "Ann"
    )


def test_a_base_may_include_another_from_its_own_folder(tmp_path: Path) -> None:
    (tmp_path / "bases").mkdir()
    (tmp_path / "bases" / "people.yaml").write_text(_BASE, encoding="utf-8")
    (tmp_path / "bases" / "two.yaml").write_text("include: [people.yaml]\nseed: 5\n", encoding="utf-8")
    (tmp_path / "x.yaml").write_text("id: x\ntitle: x\ninclude: [bases/two.yaml]\n", encoding="utf-8")
    assert load(tmp_path / "x.yaml").seed == 5


@pytest.mark.parametrize("path", ["small.yaml", "absent.yaml", "/etc/passwd", "/etc/x.yaml", "base.txt", "C:\\x.yaml"])
def test_an_include_that_cannot_be_is_refused(refused: Refusal, path: str) -> None:
    found = refused(SMALL + f"include: ['{path}']\n")
    assert [d.rule for d in found] == ["MF047"]


def test_files_that_include_each_other_are_refused(refused: Refusal) -> None:
    found = refused("id: small\ntitle: x\ninclude: [base.yaml]\n", base__yaml=_BASE + "include: [small.yaml]\n")
    assert [(d.rule, Path(d.file).name) for d in found] == [("MF047", "base.yaml")]


def test_a_zone_may_lie_in_a_file_of_its_own(loaded: Loader, refused: Refusal) -> None:
    text = SMALL + "zones:\n  beta.example: beta.zone\n"
    good = "$TTL 300\n@ IN SOA ns hostmaster 1 1 1 1 1\n@ IN NS ns\nns IN A 192.0.2.53\n@ IN MX 10 ns2\nns2 IN A 192.0.2.9\n"
    zone = next(zone for zone in loaded(text, beta__zone=good).zones if zone.name == "beta.example")
    assert (zone.text, zone.base, zone.first_line, zone.origin) == (good, "beta.zone", 1, "small.yaml:10")
    (found,) = refused(text, beta__zone=good.replace("10 ns2", "ten ns2"))
    assert (Path(found.file).name, found.line, caret_word(found)) == ("beta.zone", 5, "ten")


def test_a_zone_file_lies_beside_the_file_that_names_it(tmp_path: Path) -> None:
    (tmp_path / "bases").mkdir()
    zone = "$TTL 300\n@ IN SOA ns hostmaster 1 1 1 1 1\n@ IN NS ns\nns IN A 192.0.2.53\n"
    (tmp_path / "bases" / "gamma.zone").write_text(zone, encoding="utf-8")
    (tmp_path / "bases" / "base.yaml").write_text(_BASE + "zones:\n  gamma.example: gamma.zone\n", encoding="utf-8")
    (tmp_path / "x.yaml").write_text("id: x\ntitle: x\ninclude: [bases/base.yaml]\n", encoding="utf-8")
    assert "gamma.example" in [zone.name for zone in load(tmp_path / "x.yaml").zones]


@pytest.mark.parametrize("path", ["absent.zone", "/etc/x.zone", "x.txt", "beta"])
def test_a_zone_file_that_cannot_be_is_refused(refused: Refusal, path: str) -> None:
    assert [d.rule for d in refused(SMALL + f"zones:\n  beta.example: {path}\n")] == ["MF040"]


# overlays

_EXPECT = "summary: Two people\nexpect:\n  - {id: arrived, that: deliver, equals: 1, why: Because.}\n  - {id: once, that: deliver, at-most: 1}\n"
_NOTE = "  - {at: 2m, id: end, do: note, text: The end}\n"
_TRANSLATED = SMALL + _NOTE + _EXPECT
_RUSSIAN = "title: Малый мир\nexpect:\n  arrived:\n    why: >\n      Потому что.\ntimeline:\n  end: {text: Конец}\n"


def test_an_overlay_gives_texts_and_what_it_lacks_falls_back(loaded: Loader) -> None:
    russian = loaded(_TRANSLATED, lang="ru", small__ru__yaml=_RUSSIAN)
    assert (russian.title, russian.summary) == ("Малый мир", "Two people")
    assert russian.expect[0].why == "Потому что.\n"
    assert russian.shown_language == "ru"
    assert russian.text_of("timeline.end.text") == "Конец"
    assert russian.text_of("title", "en") == "A small world"
    assert russian.text_of("summary", "ru") == "Two people"
    assert russian.text_of("no.such.text") == ""


def test_the_world_is_the_same_in_every_language(loaded: Loader) -> None:
    english = loaded(_TRANSLATED, lang="en", small__ru__yaml=_RUSSIAN)
    assert english == loaded(_TRANSLATED, lang="ru", small__ru__yaml=_RUSSIAN)
    assert english.title == "A small world"
    assert english.timeline[-1].text == "The end"


def test_a_language_without_an_overlay_is_the_authors(loaded: Loader) -> None:
    scenario = loaded(_TRANSLATED, lang="kk")
    assert (scenario.title, scenario.shown_language) == ("A small world", "en")


def test_parameters_stand_in_translated_texts_too(loaded: Loader) -> None:
    scenario = loaded(_PARAMS + "summary: At ${lunch}\n", lang="ru", small__ru__yaml="summary: В ${lunch}\n")
    assert scenario.summary == f"В {scenario.params['lunch']}"


def test_an_overlay_that_is_loaded_is_its_scenario_in_that_language(loaded: Loader, tmp_path: Path) -> None:
    loaded(_TRANSLATED, small__ru__yaml=_RUSSIAN)
    assert load(tmp_path / "small.ru.yaml").title == "Малый мир"


@pytest.mark.parametrize(
    ("overlay", "rule", "word"),
    [
        ("seed: 2\n", "MF048", "seed"),
        ("people: {}\n", "MF048", "people"),
        ("title: {a: b}\n", "MF048", "a"),
        ("titel: x\n", "MF049", "titel"),
        ("lab: {task: x}\n", "MF049", "task"),
        ("expect: [x]\n", "MF048", "["),
        ("expect:\n  arived: {why: x}\n", "MF049", "arived"),
        ("expect:\n  arrived: {equals: 2}\n", "MF048", "equals"),
        ("expect:\n  arrived: x\n", "MF048", "x"),
        ("expect:\n  once: {why: x}\n", "MF049", "why"),
        ("timeline:\n  end: {at: 3m}\n", "MF048", "at"),
        ("title: [\n", "MF003", ""),
    ],
)
def test_an_overlay_that_is_more_than_texts_is_refused(refused: Refusal, overlay: str, rule: str, word: str) -> None:
    (found,) = refused(_TRANSLATED, small__ru__yaml=overlay)
    assert found.file.endswith("small.ru.yaml")
    assert (found.rule, caret_word(found)) == (rule, word) or not word


def test_the_text_of_a_letter_is_not_translated(refused: Refusal) -> None:
    text = SMALL.replace("do: send", "do: send, id: hello")
    (found,) = refused(text, small__ru__yaml="timeline:\n  hello: {text: Привет}\n")
    assert found.rule == "MF048"
