"""The story behind "why": short, complete, and down to a line of the scenario."""

from __future__ import annotations

from functools import cache

import pytest

from simulator.engine.kinds import Record
from simulator.engine.trace import ALSO, CAUSE, KIND, ORIGIN, N
from simulator.records.story import chain, is_landmark, why
from simulator.scenario.loading import load
from simulator.scenario.world import run
from tests.acceptance.outside import SHIPPED


@cache
def records(scenario: str) -> list[Record]:
    return run(load(scenario)).records


def stage(number: int) -> int:
    """The n of a stage of the first letter, from 1."""
    return int([record[N] for record in records("first-letter") if record[KIND].name == "stage"][number - 1])


@pytest.mark.parametrize("scenario", SHIPPED)
def test_every_chain_of_causes_or_its_also_branch_ends_in_an_origin(scenario: str) -> None:
    known: dict[int, bool] = {}
    for record in records(scenario):
        before = [n for n in (record[CAUSE], *record[ALSO]) if n is not None]
        known[record[N]] = bool(record[ORIGIN]) or any(known[n] for n in before)
    assert [n for n, good in known.items() if not good] == []


def test_the_story_of_the_last_stage_is_short_and_names_the_landmarks() -> None:
    story = why(records("first-letter"), stage(8))
    assert 8 <= len(story) <= 25
    kinds = [line.kind for line in story]
    assert kinds[0] == "stage"
    for kind in ("action", "queue.attempt", "filter.spam", "deliver", "dns.answer"):
        assert kind in kinds, kind
    mx = next(line for line in story if line.kind == "dns.answer" and "MX" in line.text)
    assert "mx.beta.example" in mx.text
    (action, *_) = [line for line in story if line.kind == "action" and "send" in line.text]
    assert action.origin.rpartition(":")[2].isdecimal()
    assert all("\x1b" not in line.text and line.text for line in story)


def test_the_asked_event_comes_first_and_everything_is_the_whole_chain() -> None:
    found = records("first-letter")
    for n in (1, stage(1), stage(5), len(found)):
        short, whole = why(found, n), why(found, n, everything=True)
        assert short[0].n == whole[0].n == n
        assert {line.n for line in short} <= {line.n for line in whole}
        assert {record[N] for record in chain(found, n)} <= {line.n for line in whole}
        assert len({line.n for line in whole}) == len(whole), "nothing is told twice"


@pytest.mark.parametrize("scenario", SHIPPED)
def test_every_event_has_a_story_that_reaches_the_scenario(scenario: str) -> None:
    found = records(scenario)
    for record in found[:: max(len(found) // 40, 1)]:
        story = why(found, record[N])
        assert any(line.origin for line in story)
        assert len(story) <= 60


def test_causes_are_older_and_a_chain_is_followed_to_its_end() -> None:
    found = chain(records("first-letter"), stage(8))
    numbers = [record[N] for record in found]
    assert numbers == sorted(numbers, reverse=True)
    assert found[-1][CAUSE] is None
    assert found[-1][ORIGIN]


def test_plain_octets_and_good_replies_are_no_landmarks_and_refusals_are() -> None:
    found = records("two-mx")
    names = {record[KIND].name for record in found if is_landmark(record)}
    assert "tcp.data" not in names
    assert "smtp.reply" not in names
    assert "tcp.connect" in names, "the first exchanger did not answer"


def test_there_is_no_story_of_no_event() -> None:
    found = records("two-mx")
    for n in (0, len(found) + 1):
        with pytest.raises(IndexError, match="there is no event"):
            why(found, n)
