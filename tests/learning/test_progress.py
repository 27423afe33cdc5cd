"""Progress: nothing is lost, whatever kills the program or spoils the file; skills, slips and reviews are folds of it."""

from __future__ import annotations

import json
import os
import random
import signal
import subprocess
import sys
from pathlib import Path

import pytest

from simulator.errors import UsageError
from simulator.learning.progress import FILE, Entry, Progress, home
from simulator.learning.review import DAYS, beliefs, cards, due, last_slip, lesson_state, next_review, skills
from tests.conftest import ROOT

DAY = 86_400
KILLS = 40


def entry(item: str = "stages", *, right: bool = True, t: int = 0, **more: object) -> Entry:
    values: dict[str, object] = {
        "points": 1.0 if right else 0.0,
        "sure": "guess",
        "answer": "x",
        "tries": 1,
        "done": right,
    }
    return Entry(lesson="one", item=item, right=right, t=t, **(values | more))  # type: ignore[arg-type]


def test_an_answer_is_one_line_of_json_with_all_that_is_promised(tmp_path: Path) -> None:
    progress = Progress(tmp_path, clock=lambda: 1_700_000_000.5)
    progress.add(entry(seed=7, skill="dns.mx"))
    (line,) = (tmp_path / FILE).read_text(encoding="utf-8").splitlines()
    data = json.loads(line)
    assert {"v", "t", "lesson", "item", "seed", "answer", "points", "sure"} <= set(data)
    assert (data["t"], data["seed"], data["skill"]) == (1_700_000_000, 7, "dns.mx")


def test_answers_are_there_again_after_a_new_start(tmp_path: Path) -> None:
    first = Progress(tmp_path)
    kept = [first.add(entry("a", answer=("x", "y"))), first.add(entry("б", right=False, myth="from-is-checked"))]
    again = Progress(tmp_path)
    assert again.entries == kept
    assert again.messages == []


WRITER = """\
import sys
from pathlib import Path
from simulator.learning.progress import Entry, Progress
progress = Progress(Path(sys.argv[1]))
number = int(sys.argv[2])
while True:
    progress.add(Entry(lesson="one", item=f"item-{number}", answer="Ответ " * 40, right=True))
    print(number, flush=True)
    number += 1
"""


def test_forty_kills_at_random_moments_lose_nothing_that_was_kept(tmp_path: Path) -> None:
    chance, known = random.Random(7), 0
    environment = {**os.environ, "PYTHONPATH": str(ROOT)}
    for _kill in range(KILLS):
        command = [sys.executable, "-c", WRITER, str(tmp_path), str(known)]
        writer = subprocess.Popen(command, stdout=subprocess.PIPE, env=environment)
        assert writer.stdout is not None
        wanted = chance.randrange(1, 12)
        said = [int(writer.stdout.readline()) for _line in range(wanted)]
        for _spin in range(chance.randrange(4000)):
            pass
        os.kill(writer.pid, signal.SIGKILL)
        said += [int(line) for line in writer.stdout.read().split()]
        writer.wait()
        progress = Progress(tmp_path)
        items = [one.item for one in progress.entries]
        assert items[: said[-1] + 1] == [f"item-{number}" for number in range(said[-1] + 1)]
        assert len(items) <= said[-1] + 2, "at most one answer more than was acknowledged"
        assert all(message.count("not written whole") == 1 for message in progress.messages)
        known = len(items)
    assert known >= KILLS


@pytest.mark.parametrize("cut", [1, 5, 30])
def test_a_torn_last_line_is_skipped_with_a_message_and_the_next_answer_is_whole(tmp_path: Path, cut: int) -> None:
    first = Progress(tmp_path)
    kept = first.add(entry("a"))
    first.add(entry("b"))
    file = tmp_path / FILE
    file.write_bytes(file.read_bytes()[:-cut] if cut > 1 else file.read_bytes()[:-2])
    torn = Progress(tmp_path)
    assert torn.entries == [kept]
    assert "line 2" in torn.messages[0]
    assert FILE in torn.messages[0]
    torn.add(entry("c"))
    assert [one.item for one in Progress(tmp_path).entries] == ["a", "c"]


def test_a_last_line_that_only_lacks_its_end_is_kept(tmp_path: Path) -> None:
    Progress(tmp_path).add(entry("a"))
    file = tmp_path / FILE
    file.write_bytes(file.read_bytes().rstrip(b"\n"))
    progress = Progress(tmp_path)
    assert progress.messages == []
    progress.add(entry("b"))
    assert [one.item for one in Progress(tmp_path).entries] == ["a", "b"]


@pytest.mark.parametrize(
    ("octets", "word"),
    [
        (b'{"v": 2, "lesson": "one", "item": "a"}\n', "newer"),
        (b"\x00\x01\x02\n\xff\xfe\n", "damaged"),
        (b"[" * 9000, "damaged"),
    ],
)
def test_a_newer_or_damaged_file_is_put_aside_whole(tmp_path: Path, octets: bytes, word: str) -> None:
    (tmp_path / FILE).write_bytes(octets)
    progress = Progress(tmp_path)
    assert word in progress.messages[0]
    progress.add(entry("a"))
    (aside,) = tmp_path.glob(f"progress.{word}-*.jsonl")
    assert aside.read_bytes() == octets
    assert str(aside) in progress.messages[0]
    assert [one.item for one in Progress(tmp_path).entries] == ["a"]


def test_a_second_file_that_is_put_aside_does_not_replace_the_first(tmp_path: Path) -> None:
    for text in ("one\n", "two\n"):
        (tmp_path / FILE).write_text(text, encoding="utf-8")
        Progress(tmp_path, clock=lambda: 1_700_000_000.0)
    assert sorted(path.read_text(encoding="utf-8") for path in tmp_path.iterdir()) == ["one\n", "two\n"]


@pytest.mark.parametrize(
    "line", ['{"lesson": 1, "item": "a"}', '{"item": "a"}', "7", '{"lesson": "x", "item": "y", "points": "z"}']
)
def test_a_line_of_the_wrong_shape_is_skipped_and_the_others_are_kept(tmp_path: Path, line: str) -> None:
    Progress(tmp_path).add(entry("a"))
    with (tmp_path / FILE).open("a", encoding="utf-8") as file:
        file.write(line + "\n")
    progress = Progress(tmp_path)
    assert [one.item for one in progress.entries] == ["a"]
    assert "line 2" in progress.messages[0]


def test_a_place_that_cannot_be_written_is_said_once_and_answers_stay_in_memory(tmp_path: Path) -> None:
    (tmp_path / "home").write_text("no folder", encoding="utf-8")
    progress = Progress(tmp_path / "home")
    progress.add(entry("a"))
    progress.add(entry("b"))
    assert len(progress.messages) == 1
    assert str(tmp_path / "home") in progress.messages[0]
    assert [one.item for one in progress.entries] == ["a", "b"]
    assert not progress.writable


def test_a_file_that_can_only_be_read_is_kept_as_it_is(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    Progress(tmp_path).add(entry("a"))
    before = (tmp_path / FILE).read_bytes()

    def refuse(self: Progress, line: str) -> None:
        raise PermissionError(13, "Permission denied")

    monkeypatch.setattr(Progress, "_append", refuse)
    progress = Progress(tmp_path)
    progress.add(entry("b"))
    assert "Permission denied" in progress.messages[0]
    assert "MAILFLOW_HOME" in progress.messages[0]
    assert (tmp_path / FILE).read_bytes() == before


def test_export_and_import_carry_everything_once(tmp_path: Path) -> None:
    source, target = Progress(tmp_path / "a"), Progress(tmp_path / "b")
    source.add(entry("a"))
    source.add(entry("b", right=False))
    target.add(entry("c"))
    assert source.export(tmp_path / "file.jsonl") == 2
    assert target.take_in(tmp_path / "file.jsonl") == 2
    assert target.take_in(tmp_path / "file.jsonl") == 0
    assert [one.item for one in Progress(tmp_path / "b").entries] == ["c", "a", "b"]


@pytest.mark.parametrize("text", ["no json\n", '{"v": 2}\n'])
def test_a_file_that_is_no_progress_is_not_taken_in(tmp_path: Path, text: str) -> None:
    good = entry("a", t=1).line()
    (tmp_path / "file.jsonl").write_text(f"{good}\n{text}", encoding="utf-8")
    progress = Progress(tmp_path / "b")
    with pytest.raises(UsageError, match="line 2"):
        progress.take_in(tmp_path / "file.jsonl")
    assert progress.entries == []
    with pytest.raises(UsageError, match="nothing"):
        progress.take_in(tmp_path / "nothing.jsonl")


def test_reset_forgets_one_lesson_and_keeps_everything_aside(tmp_path: Path) -> None:
    progress = Progress(tmp_path)
    progress.add(entry("a"))
    progress.add(Entry(lesson="two", item="b"))
    before = (tmp_path / FILE).read_bytes()
    kept = progress.reset("one")
    assert kept is not None
    assert kept.read_bytes() == before
    assert [one.lesson for one in Progress(tmp_path).entries] == ["two"]
    assert progress.reset("one") is None


def test_the_folder_is_that_of_the_variable_or_of_the_platform() -> None:
    assert home({"MAILFLOW_HOME": "/there"}) == Path("/there")
    assert home({}).name == "mailflow"


# what it is good for


def test_a_missed_item_comes_back_after_1_3_7_21_and_60_days_and_then_no_more() -> None:
    entries = [entry(right=False, t=0)]
    now = 0
    for box, days in enumerate(DAYS):
        (card,) = cards(entries)
        assert (card.box, card.due_s) == (box, now + days * DAY)
        assert due(entries, card.due_s - 1) == ()
        assert due(entries, card.due_s) == (card,)
        assert next_review(entries, "one", "stages") == days
        now = card.due_s
        entries.append(entry(t=now))
    assert cards(entries) == ()
    assert next_review(entries, "one", "stages") is None


def test_a_right_answer_before_its_day_does_not_count_and_a_wrong_one_begins_anew() -> None:
    entries = [entry(right=False, t=0), entry(t=100)]
    assert cards(entries)[0].box == 0
    entries += [entry(t=DAY), entry(right=False, t=2 * DAY)]
    (card,) = cards(entries)
    assert (card.box, card.due_s) == (0, 3 * DAY)


def test_an_item_that_was_never_missed_does_not_come_back() -> None:
    assert cards([entry(t=1)]) == ()


def test_skills_are_the_last_five_answers() -> None:
    entries = [entry(right=number > 3, skill="dns.mx") for number in range(7)]
    assert skills(entries) == {"dns.mx": (3, 5)}


def test_beliefs_are_counted_and_the_last_slip_is_one_that_was_not_put_right() -> None:
    entries = [
        entry("a", right=False, t=1, myth="from-is-checked"),
        entry("b", right=False, t=2, myth="from-is-checked"),
        entry("c", right=False, t=3),
        entry("b", t=4),
    ]
    assert beliefs(entries) == {"from-is-checked": 2}
    slip = last_slip(entries)
    assert slip is not None
    assert (slip.item, slip.myth) == ("a", "from-is-checked")
    assert last_slip([entry("a")]) is None


def test_a_lesson_knows_its_page_items_points_and_labs(tmp_path: Path) -> None:
    progress = Progress(tmp_path)
    progress.add_page("one", 3)
    progress.add_page("one", 3)
    progress.add(entry("a", right=False))
    progress.add(entry("a", points=0.5))
    progress.add(entry("lab:wrong-door", points=3.0))
    assert len(progress.entries) == 4
    state = lesson_state(progress.entries, "one")
    assert (state.page, state.done, state.points, state.labs) == (3, 1, 0.5, ("wrong-door",))
