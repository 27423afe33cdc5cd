"""The records in memory behave as a list does, packed or not."""

from __future__ import annotations

import pytest

from simulator.engine import memory
from simulator.engine.base_kinds import NOTE, TCP_DATA
from simulator.engine.environment import Environment
from simulator.engine.kinds import Kind, Record
from simulator.engine.memory import Records
from simulator.engine.trace import KIND


@pytest.fixture(autouse=True)
def small_blocks(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(memory, "BLOCK", 8)
    monkeypatch.setattr(memory, "NEWEST", 16)
    monkeypatch.setattr(memory, "_UNPACKED", 2)
    monkeypatch.setattr(memory, "_HEAVY", 200)


def written(count: int) -> tuple[Records, list[Record]]:
    env = Environment()
    records, plain = Records(), []
    for number in range(count):
        if number % 3:
            record = env.trace.write(NOTE, (f"note {number} – да",), at="a", also=(1, 2))
        else:
            record = env.trace.write(TCP_DATA, (bytes([number % 256]), ">", 1, False, "", b""), session=number)
        records.append(record)
        plain.append(record)
        records.settle()
    return records, plain


def test_records_may_come_several_at_a_time() -> None:
    _, plain = written(100)
    records = Records()
    for position in range(0, 100, 20):
        records.extend(plain[position : position + 20])
    assert list(records) == plain


@pytest.mark.parametrize("count", [0, 1, 7, 8, 23, 24, 25, 100, 257])
def test_records_are_the_same_whether_packed_or_not(count: int) -> None:
    records, plain = written(count)
    assert len(records) == count
    assert list(records) == plain
    assert [records[position] for position in range(count)] == plain
    assert [records[-position] for position in range(1, count + 1)] == plain[::-1]


def test_every_slice_is_that_of_a_list() -> None:
    records, plain = written(60)
    for start in (None, 0, 3, 8, 30, 59, -5, 80):
        for stop in (None, 0, 3, 9, 40, 60, -3, 90):
            assert records[start:stop] == plain[start:stop]
            assert records[start:stop:3] == plain[start:stop:3]


@pytest.mark.parametrize("count", [0, 7, 24, 257])
@pytest.mark.parametrize("kinds", [set(), {NOTE}, {TCP_DATA}, {NOTE, TCP_DATA}])
def test_records_of_some_kinds_come_in_order(count: int, kinds: set[Kind]) -> None:
    records, plain = written(count)
    wanted = [record for record in plain if record[KIND] in kinds]
    assert records.of(kinds) == wanted
    assert list(records) == plain and records.of(kinds) == wanted  # some blocks are unpacked now


def test_records_may_lack_values_at_their_end() -> None:
    records = Records()
    short = [(n, 0, NOTE, *"abc"[: n % 4]) for n in range(40)]
    records.extend(short)
    assert list(records) == records.of({NOTE}) == short and len(records) == 40


def test_a_kind_is_the_same_object_after_packing() -> None:
    records, _ = written(60)
    assert records[0][2] is TCP_DATA
    assert records[1][2] is NOTE


def test_a_position_that_is_not_there_is_an_error() -> None:
    records, _ = written(30)
    for position in (30, -31, 1000):
        with pytest.raises(IndexError):
            records[position]


def test_old_records_take_less_memory() -> None:
    records, plain = written(100)
    packed = sum(map(len, records._blocks))
    assert len(records._blocks) == 10
    assert packed < 80 * 100
    assert len(records._recent) == 20
    records.clear()
    assert list(records) == [] != plain
