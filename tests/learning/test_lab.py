"""Labs: edits of text, goals with who said no, traps that block, hints, solution, undo, reset; only what is free changes."""

from __future__ import annotations

import json
import time
from pathlib import Path

import pytest

from simulator.errors import MailflowError, ScenarioError, UsageError
from simulator.learning import edits
from simulator.learning.checks import prove
from simulator.learning.edits import EditError
from simulator.learning.lab import LabSession
from simulator.learning.progress import Progress
from simulator.scenario.labmodel import Edit
from tests.learning.example import LAB, WORLD, lesson_folder


def opened(
    folder: Path, *, seed: int | None = None, lang: str | None = None, progress: Progress | None = None
) -> LabSession:
    made = lesson_folder(folder)
    return LabSession.open("broken", folder=made, lesson="small-lesson", seed=seed, lang=lang, progress=progress)


def cured(folder: Path) -> LabSession:
    session = opened(folder)
    session.remove_record("beta.example", "mail IN A 203.0.113.99")
    session.add_record("beta.example", "mail  IN A  203.0.113.25")
    return session


def test_a_lab_starts_unsolved_and_says_who_said_no_at_which_event(tmp_path: Path) -> None:
    result = opened(tmp_path).run()
    arrives, asked = result.goals
    assert (result.points, result.of, result.solved) == (1, 3, False)
    assert (arrives.reached, arrives.points, arrives.got) == (False, 0, "0")
    assert arrives.no is not None
    assert arrives.no.text == "connection to port 25: unreachable"
    assert arrives.no.link.endswith("broken.yaml#tcp.connect/2")
    assert result.run.records[arrives.no.n - 1][2].name == arrives.no.kind
    assert asked.reached
    assert asked.no is None


def test_the_first_server_that_refused_is_named_before_what_followed(tmp_path: Path) -> None:
    made = lesson_folder(tmp_path)
    text = (WORLD + LAB).replace("[boris@beta.example]\n    subject", "[nobody@beta.example]\n    subject")
    text = text.replace("203.0.113.99   ; nobody is there", "203.0.113.25").replace("mailbox=boris@", "mailbox=nobody@")
    (made / "broken.yaml").write_text(text, encoding="utf-8")
    no = LabSession.open("broken", folder=made).run().goals[0].no
    assert no is not None
    assert no.kind == "smtp.reply"
    assert no.text.startswith("550 5.1.1")


def test_a_cure_reaches_all_goals(tmp_path: Path) -> None:
    session = cured(tmp_path)
    assert session.run().solved
    assert [edit.do for edit in session.actions] == ["remove-record", "add-record"]


def test_a_run_takes_less_than_300_ms(tmp_path: Path) -> None:
    session = cured(tmp_path)
    session.run()
    times = []
    for _again in range(3):
        start = time.perf_counter()
        session.run()
        times.append(time.perf_counter() - start)
    assert min(times) < 0.3


def test_a_trap_blocks_even_when_all_goals_are_reached(tmp_path: Path) -> None:
    session = cured(tmp_path)
    again = {"do": "send", "at": "1m", "who": "anna@alpha.example", "to": ["boris@beta.example"]}
    session.edit(Edit(do="do", path="timeline", to=again))
    result = session.run()
    assert result.points == result.of
    assert [trap.id for trap in result.traps] == ["twice"]
    assert not result.solved


def test_parts_are_shown_and_edited_as_text(tmp_path: Path) -> None:
    session = opened(tmp_path)
    zone, timeline = session.parts
    assert zone.text.startswith("$TTL 300\n@     IN SOA")
    assert timeline.text.startswith("- at: 0s\n  who: anna@alpha.example")
    session.edit_part("zones.beta.example", zone.text.replace("203.0.113.99   ; nobody is there", "203.0.113.25"))
    assert [part.changed for part in session.parts] == [True, False]
    assert session.run().solved
    session.edit_part("timeline", timeline.text.replace("text: Hi", "text: Hello there"))
    assert "text: Hello there" in session.text
    assert session.run().solved
    assert session.actions[-1].do == "set"


def test_the_difference_is_a_unified_diff_and_undo_and_reset_are_exact(tmp_path: Path) -> None:
    session = cured(tmp_path)
    assert session.diff().count("\n+ ") == 1
    assert session.diff().count("\n- ") == 1
    assert session.undo()
    assert "203.0.113.25" not in session.diff()
    session.set("timeline.1.text", "Hello")
    session.reset()
    assert (session.text, session.diff(), session.actions) == (session.start, "", ())
    assert not session.undo()


def test_a_learner_sees_neither_the_solution_nor_names_of_parameters(tmp_path: Path) -> None:
    session = opened(tmp_path, seed=3)
    assert "lab:" not in session.text
    assert "203.0.113.25, zone" not in session.text
    assert "${subject}" not in session.text
    assert session.scenario.params["subject"] in session.text


def test_hints_come_one_by_one_and_the_solution_is_a_diff_that_changes_nothing(tmp_path: Path) -> None:
    session = opened(tmp_path)
    assert [hint.id if hint else None for hint in (session.hint(), session.hint(), session.hint())] == [
        "look",
        "ask",
        None,
    ]
    assert "+    mail IN A 203.0.113.25" in session.solution()
    assert session.diff() == ""


@pytest.mark.parametrize(
    "edit",
    [
        Edit(do="set", path="hosts.mail-beta.ip", to="203.0.113.99"),
        Edit(do="set", path="people.anna@alpha.example.name", to="X"),
        Edit(do="add-record", path="zones.alpha.example", text="x IN A 192.0.2.1", zone="alpha.example"),
        Edit(do="set", path="title", to="Solved"),
    ],
)
def test_only_what_is_free_may_change(tmp_path: Path, edit: Edit) -> None:
    session = opened(tmp_path)
    with pytest.raises(EditError, match=r"zones\.beta\.example, timeline"):
        session.edit(edit)
    assert session.diff() == ""


def test_a_text_that_reaches_out_of_its_part_is_refused(tmp_path: Path) -> None:
    session = opened(tmp_path)
    out = "- {at: 0s, who: anna@alpha.example, do: fetch}\nhosts: {}\n"
    with pytest.raises(MailflowError):
        session.edit_part("timeline", out)
    assert session.diff() == ""


@pytest.mark.parametrize(
    ("zone", "rule"),
    [
        ("$TTL 300\n@ IN SOA ns hostmaster 1 3600 600 86400 300\n@ IN NS ns\nns IN A ten\n", "MF041"),
        ("@ IN A 8.8.8.8\n", "MF041"),
    ],
)
def test_a_mistake_in_an_edit_is_shown_like_one_in_a_file_and_not_kept(tmp_path: Path, zone: str, rule: str) -> None:
    session = opened(tmp_path)
    with pytest.raises(ScenarioError) as caught:
        session.edit_part("zones.beta.example", zone)
    assert rule in {one.rule for one in caught.value.diagnostics}
    assert caught.value.diagnostics[0].file == "broken.yaml"
    assert session.diff() == ""


def test_a_record_that_is_not_there_is_refused_with_the_nearest(tmp_path: Path) -> None:
    with pytest.raises(EditError, match=r"did you mean mail IN A 203\.0\.113\.99"):
        opened(tmp_path).remove_record("beta.example", "mail IN A 203.0.113.98")


def test_a_run_is_kept_with_its_edits_so_that_it_can_be_replayed(tmp_path: Path) -> None:
    progress = Progress(tmp_path / "home")
    session = opened(tmp_path, progress=progress)
    session.add_record("beta.example", "mail IN A 203.0.113.25")
    session.run()
    (entry,) = progress.entries
    assert (entry.lesson, entry.item) == ("small-lesson", "lab:broken")
    made = [json.loads(one) for one in entry.answer]
    assert made == [{"add-record": "mail IN A 203.0.113.25", "zone": "beta.example"}]


def test_a_learner_finds_the_world_as_it_was_left(tmp_path: Path) -> None:
    progress = Progress(tmp_path / "home")
    session = opened(tmp_path, progress=progress)
    session.remove_record("beta.example", "mail IN A 203.0.113.99")
    session.edit_part("timeline", session.parts[1].text.replace("text: Hi", "text: Hello"))
    session.edit_part("zones.beta.example", session.parts[0].text + "mail IN A 203.0.113.25\n")
    session.edit(Edit(do="do", path="timeline", to={"do": "fetch", "at": "1m", "who": "boris@beta.example"}))
    assert session.run().solved
    again = opened(tmp_path, progress=Progress(tmp_path / "home"))
    assert again.restore()
    assert again.run().solved
    assert edits.tree_of(again.text).values.keys() == edits.tree_of(session.text).values.keys()
    assert "Hello" in again.text
    fresh = opened(tmp_path / "elsewhere", progress=Progress(tmp_path / "nobody"))
    assert not fresh.restore()


def test_a_scenario_without_a_lab_is_refused(tmp_path: Path) -> None:
    with pytest.raises(UsageError, match="small"):
        LabSession.open("small", folder=lesson_folder(tmp_path))


def test_a_lab_speaks_russian(tmp_path: Path) -> None:
    assert opened(tmp_path, lang="ru").lab.task.strip() == "Письмо должно прийти один раз."


WRONG_DOOR = """\
id: wrong-door
title: Wrong door
people:
  anna@alpha.example: {name: Anna}
  boris@beta.example: {name: Boris}
  vera@gamma.example: {name: Vera}
hosts:
  pc-anna: {kind: client, user: anna@alpha.example, sends-via: "smtp://mx.beta.example:25"}
  mail-alpha: {kind: mail-server, name: mail.alpha.example, domains: [alpha.example]}
  mx-beta: {kind: mail-server, name: mx.beta.example, domains: [beta.example], policy: {relay: own}}
timeline:
  - {at: 0s, who: anna@alpha.example, do: send, to: [boris@beta.example, vera@gamma.example], text: Hi}
lab:
  task: Both get the letter once.
  you-may-edit: [hosts.pc-anna.sends-via, hosts.mx-beta.policy]
  goals:
    - {id: boris, say: Boris has it once, that: deliver mailbox=boris@beta.example, equals: 1}
    - {id: vera, say: Vera has it once, that: deliver mailbox=vera@gamma.example, equals: 1}
  traps:
    - id: open-relay
      when: tcp.connect from=mx-beta to=mail-gamma
      myth: open-relay-is-a-fix
      say: Now anybody may send through mx-beta.
      cure:
        - {set: hosts.mx-beta.policy.relay, to: open}
  solution:
    - {set: hosts.pc-anna.sends-via, to: "submission+starttls://mail.alpha.example:587"}
"""


def test_the_wrong_door_is_refused_cured_and_guarded_against_an_open_relay(tmp_path: Path) -> None:
    (tmp_path / "wrong-door.yaml").write_text(WRONG_DOOR, encoding="utf-8")
    assert prove(tmp_path / "wrong-door.yaml", seeds=1).good
    session = LabSession.open("wrong-door", folder=tmp_path)
    no = session.run().goals[1].no
    assert no is not None
    assert no.text == "554 5.7.1 <vera@gamma.example>: Relay access denied"
    session.set("hosts.mx-beta.policy.relay", "open")
    caught = session.run()
    assert (caught.points, caught.solved, [trap.id for trap in caught.traps]) == (2, False, ["open-relay"])
    session.undo()
    session.set("hosts.pc-anna.sends-via", "submission+starttls://mail.alpha.example:587")
    assert session.run().solved


# changing text

TEXT = """\
# a remark
id: x   # another
hosts:
  one: {kind: client, ip: 192.0.2.1}
  two:
    kind: mail-server
    domains: [a.example]
    # about two

timeline:
  - {at: 0s, do: fetch}   # first
  - at: 1m
    id: second
    do: fetch
zones:
  a.example: |
    one
      two

    three ; c
empty: []
"""


@pytest.mark.parametrize(
    ("path", "value", "line"),
    [
        ("hosts.one.ip", "192.0.2.9", "  one: {kind: client, ip: 192.0.2.9}"),
        ("hosts.one.name", "a.example", "  one: {name: a.example, kind: client, ip: 192.0.2.1}"),
        ("hosts.two.name", "a b", "    name: a b"),
        ("hosts.two.domains", ["a.example", "b.example"], "    domains: [a.example, b.example]"),
        ("timeline.1.at", "5m", "  - {at: 5m, do: fetch}   # first"),
        ("timeline.second.at", "5m", "  - at: 5m"),
        ("id", 'a: "b" #c', 'id: "a: \\"b\\" #c"   # another'),
    ],
)
def test_a_value_is_set_where_it_stands(path: str, value: object, line: str) -> None:
    made = edits.apply(TEXT, Edit(do="set", path=path, to=value))  # type: ignore[arg-type]
    changed = [one for one in made.splitlines() if one not in TEXT.splitlines()]
    assert changed == [line]
    assert edits.tree_of(made)


def test_every_part_comes_back_as_it_was() -> None:
    for path in ("hosts", "hosts.one", "hosts.two", "timeline", "timeline.2", "zones.a.example", "id", "hosts.one.ip"):
        assert edits.with_part(TEXT, path, edits.part(TEXT, path)) == TEXT, path


def test_a_zone_keeps_its_shape_when_a_line_is_added_or_removed() -> None:
    added = edits.apply(TEXT, Edit(do="add-record", path="zones.a.example", text="four", zone="a.example"))
    assert "    three ; c\n    four\nempty: []" in added
    removed = edits.apply(added, Edit(do="remove-record", path="zones.a.example", text="three", zone="a.example"))
    assert "    one\n      two\n\n    four\nempty: []" in removed


def test_an_action_is_added_to_any_form_of_the_timeline() -> None:
    action = {"do": "fetch", "at": "2m"}
    made = edits.apply(TEXT, Edit(do="do", path="timeline", to=action))
    assert "    do: fetch\n  - {do: fetch, at: 2m}\nzones:" in made
    flow = edits.apply("timeline: [{at: 0s}]\nx: y\n", Edit(do="do", path="timeline", to=action))
    assert flow == "timeline: [{at: 0s}, {do: fetch, at: 2m}]\nx: y\n"
    assert (
        edits.apply("timeline: []\n", Edit(do="do", path="timeline", to=action)) == "timeline: [{do: fetch, at: 2m}]\n"
    )


def test_a_top_key_is_left_out_with_all_below_it() -> None:
    assert edits.without_key(TEXT, "zones").endswith("    do: fetch\nempty: []\n")
    assert edits.without_key(TEXT, "empty").endswith("    three ; c\n")
    assert edits.without_key(TEXT, "nothing") == TEXT


@pytest.mark.parametrize("path", ["hosts.three.ip", "zones.b.example", "timeline.7.at", "id.x"])
def test_a_path_that_leads_nowhere_is_refused(path: str) -> None:
    with pytest.raises(EditError, match="leads to nothing"):
        edits.apply(TEXT, Edit(do="set", path=path, to="x"))
