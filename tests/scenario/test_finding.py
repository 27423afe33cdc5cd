"""Scenarios are found here, then on the path, then among the shipped ones; links are read whole or refused."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

from simulator.errors import UsageError
from simulator.scenario.finding import Link, catalogue, every, find, parse_link
from tests.scenario.conftest import SMALL

SHIPPED = [
    "cc-bcc-attachment", "cyrillic-and-attachment", "first-letter", "lecture", "one-box-two-devices", "open-house",
    "pop3-and-imap", "telnet-hour", "ten-lines", "three-devices", "three-doors", "two-mx",
]  # fmt: skip


@pytest.fixture
def places(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    for folder in ("scenarios", "one", "two"):
        (tmp_path / folder).mkdir()
    monkeypatch.chdir(tmp_path)
    return tmp_path


def test_here_comes_before_the_path_and_the_path_before_the_shipped(places: Path) -> None:
    path = os.pathsep.join([str(places / "one"), "", str(places / "two")])
    assert find("first-letter", mailflow_path=path).where == "shipped"
    (places / "two" / "first-letter.yaml").write_text(SMALL)
    assert find("first-letter", mailflow_path=path).path == places / "two" / "first-letter.yaml"
    (places / "one" / "first-letter.yaml").write_text(SMALL)
    assert find("first-letter", mailflow_path=path).path == places / "one" / "first-letter.yaml"
    (places / "scenarios" / "first-letter.yaml").write_text(SMALL)
    found = find("first-letter", mailflow_path=path)
    assert (found.path, found.where) == (Path("scenarios/first-letter.yaml"), "here")


def test_a_name_that_ends_in_yaml_is_a_path(places: Path) -> None:
    (places / "x.yaml").write_text(SMALL)
    assert find("x.yaml").path == Path("x.yaml")
    with pytest.raises(UsageError, match=r"absent\.yaml"):
        find("absent.yaml")


@pytest.mark.parametrize(("name", "hint"), [("frist-letter", "did you mean first-letter"), ("zzz", "known: ")])
def test_an_unknown_scenario_is_refused_with_the_nearest(name: str, hint: str) -> None:
    with pytest.raises(UsageError, match=hint):
        find(name)


@pytest.mark.parametrize("name", ["../secret", "a/b", "", "First-Letter", "a.b", "x\x00y"])
def test_an_id_never_leads_out_of_the_folders(name: str) -> None:
    with pytest.raises(UsageError):
        find(name)


def test_all_shipped_scenarios_are_listed_without_their_overlays(places: Path) -> None:
    assert [found.id for found in every()] == SHIPPED


def test_the_list_has_titles_in_the_language_asked_for(places: Path) -> None:
    english = {entry.id: entry for entry in catalogue()}
    russian = {entry.id: entry for entry in catalogue(lang="ru")}
    assert english["first-letter"].title == "The path of one letter"
    assert russian["first-letter"].title == "Путь одного письма"
    assert "\n" not in english["first-letter"].summary


def test_a_broken_file_in_the_list_has_its_mistake_as_title(places: Path) -> None:
    (places / "scenarios" / "broken.yaml").write_text("id: [")
    entry = next(entry for entry in catalogue() if entry.id == "broken")
    assert "broken.yaml:" in entry.title


@pytest.mark.parametrize(
    ("text", "link"),
    [
        ("first-letter", Link("first-letter")),
        ("first-letter?seed=7", Link("first-letter", 7)),
        ("first-letter#stage/8", Link("first-letter", None, "stage", 8)),
        ("first-letter?seed=7#smtp.reply/2", Link("first-letter", 7, "smtp.reply", 2)),
        ("my/own.yaml?seed=0#deliver/1", Link("my/own.yaml", 0, "deliver", 1)),
    ],
)
def test_a_link_is_read_and_written_back(text: str, link: Link) -> None:
    assert parse_link(text) == link
    assert str(link) == text


@pytest.mark.parametrize(
    "text", ["", "?seed=7", "a?sed=7", "a?seed=x", "a?seed=-1", "a#", "a#stage", "a#stage/0", "a#stage/x", "a#/1"]
)
def test_a_link_that_is_none_is_refused(text: str) -> None:
    with pytest.raises(UsageError):
        parse_link(text)
