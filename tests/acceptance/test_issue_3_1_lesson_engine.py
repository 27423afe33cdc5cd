"""Issue 3, section 1: lessons, quizzes, labs and progress, seen through the command.

Judged elsewhere: each type of item and each kind of feedback in tests/learning; forty kills in tests/learning/test_progress.py.
"""

from __future__ import annotations

import json
import re
from pathlib import Path

import pytest

from tests.acceptance.outside import ROOT, mailflow

LESSON = """\
mailflow-lesson: 1
id: small-lesson
title: A small lesson
minutes: 5
lecture: [S1]
scenarios: [small]
labs: [broken]
skills:
  path.stages: name the stages
"""
LESSON_RU = "title: Маленький урок\nskills:\n  path.stages: назвать этапы\n"
PAGES = """\
# One letter

The servers said this:

```trace
smtp.reply verb=RCPT code=250 from=mail-beta
```

```step
small#deliver/1
```

```words
envelope
```

---

# What the lecture leaves out

* RFC 5321, 2.1
* `man 8 smtpd`
* A good book
"""
QUIZ = """\
mailflow-quiz: 1
lesson: small-lesson
scenario: small
items:
  - id: who-asks
    type: choice
    ask: Who asked for the MX?
    options:
      - is: mail-alpha
        text: The server
      - is: pc-anna
        text: The program
        myth: client-looks-up-mx
        why: It asks for an address only.
    answer-from: dns.query qname=beta.example qtype=MX | first from
    skill: path.stages
"""
QUIZ_RU = """\
items:
  who-asks:
    ask: Кто спросил MX?
    options:
      mail-alpha: {text: Сервер}
      pc-anna:
        text: Программа
        why: Она спрашивает только адрес.
"""
SCENARIO = """\
id: small
title: A small world
people:
  anna@alpha.example: {name: Anna}
  boris@beta.example: {name: Boris}
timeline:
  - {at: 0s, who: anna@alpha.example, do: send, to: [boris@beta.example], subject: Hello, text: Hi}
  - {at: 1m, who: boris@beta.example, do: fetch}
"""
SCENARIO_RU = "title: Маленький мир\n"
LAB = """\
id: broken
title: Nothing arrives
people:
  anna@alpha.example: {name: Anna}
  boris@beta.example: {name: Boris}
timeline:
  - {at: 0s, who: anna@alpha.example, do: send, to: [boris@beta.example], text: Hi}
hosts:
  mail-beta: {kind: mail-server, ip: 203.0.113.25, domains: [beta.example]}
zones:
  beta.example: |
    $TTL 300
    @     IN SOA  ns hostmaster 1 3600 600 86400 300
    @     IN NS   ns
    ns    IN A    192.0.2.53
    @     IN MX   10 mail
    mail  IN A    203.0.113.99
lab:
  task: The letter has to arrive.
  you-may-edit: [zones.beta.example, timeline]
  goals:
    - {id: arrives, say: The letter arrives, that: deliver mailbox=boris@beta.example, equals: 1, points: 2}
  traps:
    - id: twice
      when: action do=send
      at-least: 2
      myth: client-looks-up-mx
      say: Sending twice cures nothing.
      cure:
        - {do: send, at: 1m, who: anna@alpha.example, to: [boris@beta.example]}
  hints:
    - {id: look, text: Look at the address of mail.}
  solution:
    - remove-record: mail IN A 203.0.113.99
      zone: beta.example
    - add-record: mail IN A 203.0.113.25
      zone: beta.example
"""


def folder(where: Path, **changes: str) -> Path:
    """A lesson in two languages; a keyword such as `quiz_yaml` replaces the file of that name."""
    made = where / "lessons" / "01-small-lesson"
    made.mkdir(parents=True)
    files = {
        "lesson.yaml": LESSON, "lesson.ru.yaml": LESSON_RU, "lesson.en.md": PAGES,
        "lesson.ru.md": PAGES.replace("One letter", "Одно письмо"), "quiz.yaml": QUIZ, "quiz.ru.yaml": QUIZ_RU,
        "small.yaml": SCENARIO, "small.ru.yaml": SCENARIO_RU,
    }  # fmt: skip
    files["lesson.yaml"] = LESSON.replace("labs: [broken]\n", "")
    for name, text in (files | {key.replace("_", "."): text for key, text in changes.items()}).items():
        (made / name).write_text(text, encoding="utf-8")
    return made


def validated(made: Path) -> str:
    """What `validate` says about a wrong lesson."""
    run = mailflow("validate", str(made))
    assert run.code == 1, run.text
    assert "Traceback" not in run.text
    return run.text


def test_a_lesson_folder_is_valid_and_proves_itself(tmp_path: Path) -> None:
    made = folder(tmp_path)
    assert mailflow("validate", str(made)).code == 0
    run = mailflow("test", str(made), "--seeds", "3")
    assert run.code == 0, run.text


def test_a_lesson_is_found_here_then_on_the_path_then_among_the_shipped(tmp_path: Path) -> None:
    made = folder(tmp_path)
    assert "A small lesson" in mailflow("lesson", "--list", where=tmp_path).out
    elsewhere = {"MAILFLOW_PATH": str(made.parent)}
    assert "A small lesson" in mailflow("lesson", "--list", where=tmp_path.parent, variables=elsewhere).out
    assert "The path of one letter" in mailflow("lesson", "--list", where=tmp_path.parent).out


@pytest.mark.parametrize("name", ["1", "small-lesson", "lessons/01-small-lesson"])
def test_a_lesson_is_opened_by_number_id_or_path(tmp_path: Path, name: str) -> None:
    folder(tmp_path)
    assert "One letter" in mailflow("lesson", name, "--plain", where=tmp_path).out


def test_a_trace_fence_shows_lines_of_the_run_and_not_of_the_file(tmp_path: Path) -> None:
    made = folder(tmp_path)
    out = mailflow("lesson", str(made), "--plain").out
    assert "250 2.1.5" in out
    assert "smtp.reply verb=RCPT" not in out


@pytest.mark.parametrize(
    ("old", "new", "word"),
    [
        ("smtp.reply verb=RCPT", "smtp.reply verv=RCPT", "verb"),
        ("small#deliver/1", "small#delivr/1", "deliver"),
        ("small#deliver/1", "small#deliver/99", "99"),
        ("envelope", "envelop", "envelope"),
        ("```words\nenvelope", "```predict\nwho-ask", "who-asks"),
    ],
)
def test_a_fence_that_finds_nothing_is_pointed_out_at_its_line(tmp_path: Path, old: str, new: str, word: str) -> None:
    text = validated(folder(tmp_path, lesson_en_md=PAGES.replace(old, new)))
    assert re.search(r"lesson\.en\.md:\d+:\d+\s+MF\d{3}", text)
    assert word in text


@pytest.mark.parametrize(
    ("old", "new", "word"),
    [
        ("type: choice", "type: choise", "choice"),
        ("first from", "first frm", "from"),
        ("myth: client-looks-up-mx", "myth: client-looks-up", "client-looks-up-mx"),
        ("        why: It asks for an address only.\n", "", "does not say why"),
        ("- is: mail-alpha", "- is: mail-beta", "mail-alpha"),
        ("skill: path.stages", "skill: path.stage", "path.stages"),
    ],
)
def test_a_mistake_in_a_quiz_is_shown_with_place_rule_and_remedy(tmp_path: Path, old: str, new: str, word: str) -> None:
    made = folder(tmp_path, quiz_yaml=QUIZ.replace(old, new))
    runs = [mailflow("validate", str(made)), mailflow("test", str(made), "--seeds", "1")]
    assert 1 in [run.code for run in runs]
    text = "".join(run.text for run in runs)
    assert re.search(r"quiz\.yaml:\d+:\d+\s+MF\d{3}", text)
    assert word in text


def test_the_order_of_options_follows_the_seed(tmp_path: Path) -> None:
    made = folder(tmp_path)
    shown = {mailflow("lesson", str(made), "--plain", "--seed", str(seed), given="quiz\n").out for seed in range(1, 7)}
    assert len({text.index(") The server") < text.index(") The program") for text in shown}) == 2


def test_a_lab_that_nobody_solved_says_who_said_no_and_where(tmp_path: Path) -> None:
    made = folder(tmp_path, lesson_yaml=LESSON, broken_yaml=LAB, broken_ru_yaml="title: Ничего не приходит\n")
    out = mailflow("lesson", str(made), "--plain", given="lab\nrun\n").out
    assert "The letter arrives" in out
    assert "0 of 2" in out
    assert re.search(r"e\d+", out)


def test_a_progress_file_lies_under_mailflow_home(tmp_path: Path) -> None:
    made = folder(tmp_path)
    home = {"MAILFLOW_HOME": str(tmp_path / "home")}
    mailflow("lesson", str(made), "--plain", given="quiz\na\ncertain\n", variables=home)
    (line,) = (tmp_path / "home" / "progress.jsonl").read_text(encoding="utf-8").splitlines()
    assert {"t", "lesson", "item", "seed", "answer", "points", "sure"} <= set(json.loads(line))


@pytest.mark.parametrize("kind", ["quiz", "lesson"])
def test_the_committed_schema_is_the_one_the_program_has(kind: str) -> None:
    run = mailflow("schema", kind)
    assert run.code == 0
    assert json.loads(run.out) == json.loads((ROOT / "lessons" / f"{kind}.schema.json").read_text(encoding="utf-8"))
