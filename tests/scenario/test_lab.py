"""The lab part of a scenario, its texts in another language, and a server that relays for strangers."""

from __future__ import annotations

import pytest

from simulator.scenario.fulltext import full_text
from simulator.scenario.labmodel import Edit
from simulator.scenario.labs import path_of
from simulator.scenario.world import run
from tests.scenario.conftest import SMALL, Loader, Refusal, caret_word

LAB = (
    SMALL
    + """\
lab:
  task: Make it arrive.
  you-may-edit: [timeline, people.boris@beta.example]
  goals:
    - {id: arrives, say: It arrives, that: deliver, equals: 1, points: 3}
    - {id: order, say: Queue first, that: {before: [queue.enter, deliver]}}
  traps:
    - id: twice
      when: action do=send
      at-least: 2
      myth: resend-helps
      say: Twice is not better.
      cure:
        - {do: send, at: 1m, who: anna@alpha.example, to: [boris@beta.example]}
  hints:
    - {id: look, text: Look.}
  solution:
    - {set: timeline.1.text, to: Hello}
    - {remove-record: mail IN A 192.0.2.1, zone: beta.example}
"""
)


def test_a_lab_is_read_whole(loaded: Loader) -> None:
    lab = loaded(LAB).lab
    assert lab is not None
    assert lab.points == 4
    assert lab.you_may_edit == ("timeline", "people.boris@beta.example")
    assert (lab.goals[1].that, lab.goals[1].op, lab.goals[1].value) == ("queue.enter", "before", "deliver")
    assert lab.traps[0].cure[0].as_data() == {
        "do": "send", "at": "1m", "who": "anna@alpha.example", "to": ["boris@beta.example"],
    }  # fmt: skip
    assert lab.solution == (
        Edit(do="set", path="timeline.1.text", to="Hello"),
        Edit(do="remove-record", path="zones.beta.example", text="mail IN A 192.0.2.1", zone="beta.example"),
    )


def test_a_lab_speaks_another_language(loaded: Loader) -> None:
    overlay = (
        "lab:\n  task: Доставьте.\n  goals:\n    arrives: {say: Дошло}\n  traps:\n    twice: {say: Дважды не лучше.}\n"
    )
    lab = loaded(LAB, lang="ru", small__ru__yaml=overlay).lab
    assert lab is not None
    assert (lab.task, lab.goals[0].say, lab.goals[1].say) == ("Доставьте.", "Дошло", "Queue first")
    assert lab.traps[0].say == "Дважды не лучше."


@pytest.mark.parametrize(
    ("old", "new", "rule", "word"),
    [
        ("[timeline, ", "[timelin, ", "MF060", "timelin"),
        ("people.boris@beta.example", "people.boris@beta.exampl", "MF060", "people.boris@beta.exampl"),
        ("points: 3", "points: lots", "MF025", "lots"),
        ("that: deliver,", "that: delivr,", "MF050", "delivr"),
        ("when: action do", "when: action verv", "MF050", "verv=send"),
        ("{set: timeline.1.text, to: Hello}", "{sett: timeline.1.text, to: Hello}", "MF061", "sett"),
        ("    - {id: look", "    - {id: look, text: x}\n    - {id: look", "MF037", "look"),
        ("  task: Make it arrive.\n", "", "MF021", "you-may-edit"),
        ("say: It arrives", "sai: It arrives, say: x", "MF020", "sai"),
    ],
)
def test_a_mistake_in_a_lab_is_pointed_at(refused: Refusal, old: str, new: str, rule: str, word: str) -> None:
    (found,) = refused(LAB.replace(old, new, 1))
    assert (found.rule, caret_word(found)) == (rule, word)


def test_a_path_takes_the_longest_key_and_entries_by_number_or_id(loaded: Loader) -> None:
    from simulator.scenario.report import Report
    from simulator.scenario.yamlload import load_tree, source_of

    text = "zones: {example: x, beta.example: y}\nlist:\n  - {id: one, a: 1}\n  - {a: 2}\n"
    tree = load_tree(*source_of(text.encode(), "x.yaml", "x.yaml", Report()), Report())
    assert path_of(tree, "zones.beta.example") == (("zones", "beta.example"), "")
    assert path_of(tree, "list.one.a") == (("list", 0, "a"), "")
    assert path_of(tree, "list.2.a") == (("list", 1, "a"), "")
    assert path_of(tree, "list.3.a") == (("list",), "3.a")


STRANGER = """\
id: stranger
title: A stranger
people:
  anna@alpha.example: {name: Anna}
  vera@gamma.example: {name: Vera}
hosts:
  mail-alpha: {kind: mail-server, ip: 192.0.2.25, domains: [alpha.example], services: [smtp, submission, imaps]POLICY}
timeline:
  - {at: 0s, who: anna@alpha.example, do: send, to: [vera@gamma.example], text: Hi}
"""


@pytest.mark.parametrize(
    ("policy", "code"), [("", 554), (", policy: {relay: own}", 554), (", policy: {relay: open}", 250)]
)
def test_only_an_open_relay_takes_letters_for_others_from_strangers(loaded: Loader, policy: str, code: int) -> None:
    scenario = loaded(STRANGER.replace("POLICY", policy))
    world = run(scenario)
    mta = world.world.servers["mail-alpha"].mta
    assert mta.open_relay is (code == 250)
    assert _asked_by_a_stranger(mta) == code


def _asked_by_a_stranger(mta: object) -> int:
    """What RCPT for another domain is answered on a session that nobody has logged in to."""
    from types import SimpleNamespace

    from simulator.protocol.smtp.paths import parse_mailbox

    path = parse_mailbox("vera@gamma.example")
    session = SimpleNamespace(core=SimpleNamespace(authenticated=None))
    return int(mta.rcpt(session, SimpleNamespace(path=path)).code)  # type: ignore[attr-defined]


def test_the_policy_is_part_of_the_whole_text(loaded: Loader) -> None:
    scenario = loaded(STRANGER.replace("POLICY", ", policy: {relay: open}"))
    text = full_text(scenario)
    assert "policy: {relay: open}" in text
    assert loaded(text) == scenario


def test_an_unknown_rule_for_relaying_is_refused(refused: Refusal) -> None:
    (found,) = refused(STRANGER.replace("POLICY", ", policy: {relay: opn}"))
    assert (found.rule, caret_word(found)) == ("MF024", "opn")
