"""A small lesson in two languages, written into a folder, with any of its files replaced."""

from __future__ import annotations

from pathlib import Path

LESSON = """\
mailflow-lesson: 1
id: small-lesson
title: A small lesson
summary: How one letter travels.
minutes: 5
lecture: [S1]
scenarios: [small]
labs: [broken]
skills:
  path.stages: name the stages
"""
LESSON_RU = """\
title: Маленький урок
summary: Как идёт одно письмо.
skills:
  path.stages: назвать этапы
"""
PAGES = """\
# One letter

The **servers** said this to `mail-alpha`:

```trace limit=2
smtp.reply verb=RCPT from=mail-beta
```

```step
#deliver/1 The moment of delivery
```

```predict
who-asks
```

```words
envelope, bounce
```

---

# What the lecture says

It leaves out the queue.

* RFC 5321, 2.1
* `man 8 smtpd`
* A good book
"""
PAGES_RU = (
    PAGES.replace("One letter", "Одно письмо")
    .replace("What the lecture says", "Что говорит лекция")
    .replace("It leaves out the queue.", "Она не говорит об очереди.")
    .replace("The moment of delivery", "Миг доставки")
)
HEAD = "mailflow-quiz: 1\nlesson: small-lesson\nscenario: small\nitems:\n"
CHOICE = """\
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
    show: dns.query qtype=MX
    hints:
      - {id: look, text: Look at the ladder.}
    skill: path.stages
"""
QUIZ = HEAD + CHOICE
QUIZ_RU = """\
items:
  who-asks:
    ask: Кто спросил MX?
    options:
      mail-alpha: {text: Сервер}
      pc-anna: {text: Программа, why: Она спрашивает только адрес.}
    hints:
      look: {text: Посмотрите на диаграмму.}
"""
SCENARIO = """\
id: small
title: A small world
people:
  anna@alpha.example: {name: Anna}
  boris@beta.example: {name: Boris}
hosts:
  mail-beta: {kind: mail-server, ip: 203.0.113.25, domains: [beta.example], filters: [spam]}
timeline:
  - {at: 0s, who: anna@alpha.example, do: send, to: [boris@beta.example], subject: Hello, text: Hi}
  - {at: 1m, who: boris@beta.example, do: fetch}
  - {at: 2m, who: boris@beta.example, do: read}
"""
SCENARIO_RU = "title: Маленький мир\n"
WORLD = """\
id: broken
title: Nothing arrives
params:
  subject: {choose: [Lunch, Dinner]}
people:
  anna@alpha.example: {name: Anna}
  boris@beta.example: {name: Boris}
hosts:
  mail-beta: {kind: mail-server, ip: 203.0.113.25, domains: [beta.example]}
  ns: {kind: name-server, ip: 192.0.2.53}
zones:
  beta.example: |
    $TTL 300
    @     IN SOA  ns hostmaster 1 3600 600 86400 300
    @     IN NS   ns
    ns    IN A    192.0.2.53
    @     IN MX   10 mail
    mail  IN A    203.0.113.99   ; nobody is there
timeline:
  - at: 0s
    who: anna@alpha.example
    do: send
    to: [boris@beta.example]
    subject: ${subject}
    text: Hi
"""
LAB = """\
lab:
  task: The letter has to arrive once.
  you-may-edit: [zones.beta.example, timeline]
  goals:
    - {id: arrives, say: The letter arrives, that: deliver mailbox=boris@beta.example, at-least: 1, points: 2}
    - {id: asked, say: The servers still ask for MX, that: dns.query qtype=MX, at-least: 1}
  traps:
    - id: twice
      when: action do=send
      at-least: 2
      myth: any-server-takes-any-letter
      say: Sending twice cures nothing.
      cure:
        - {do: send, at: 1m, who: anna@alpha.example, to: [boris@beta.example], text: Again}
  hints:
    - {id: look, text: Look at the address of mail.}
    - {id: ask, text: Which host has the address 203.0.113.99?}
  solution:
    - {remove-record: mail IN A 203.0.113.99, zone: beta.example}
    - {add-record: mail IN A 203.0.113.25, zone: beta.example}
"""
LAB_RU = """\
title: Ничего не приходит
lab:
  task: Письмо должно прийти один раз.
"""
FILES = {
    "lesson.yaml": LESSON,
    "lesson.ru.yaml": LESSON_RU,
    "lesson.en.md": PAGES,
    "lesson.ru.md": PAGES_RU,
    "quiz.yaml": QUIZ,
    "quiz.ru.yaml": QUIZ_RU,
    "small.yaml": SCENARIO,
    "small.ru.yaml": SCENARIO_RU,
    "broken.yaml": WORLD + LAB,
    "broken.ru.yaml": LAB_RU,
}


def lesson_folder(where: Path, changes: dict[str, str | None] | None = None, *, number: int = 1) -> Path:
    """A folder with the lesson; `changes` replace files, None leaves one out."""
    made = where / "lessons" / f"{number:02}-small-lesson"
    made.mkdir(parents=True, exist_ok=True)
    for name, text in (FILES | (changes or {})).items():
        if text is not None:
            (made / name).write_text(text, encoding="utf-8")
    return made


def item(text: str) -> dict[str, str | None]:
    """The changes that make one item the whole quiz, in English only."""
    return {"quiz.yaml": HEAD + text, "quiz.ru.yaml": "items: {}\n", "lesson.en.md": None, "lesson.ru.md": None}
