"""A lesson in two languages over the hand-made world, with an item of every type and a lab of the example world."""

from __future__ import annotations

from pathlib import Path

from tests.learning.example import LAB, LAB_RU, SCENARIO, SCENARIO_RU, WORLD

LESSON = """\
mailflow-lesson: 1
id: small-lesson
title: A small lesson
summary: How one letter travels, and who says not now.
minutes: 5
lecture: [S1]
scenarios: [small]
labs: [broken]
skills:
  path.stages: name the stages
"""
LESSON_RU = """\
title: Маленький урок
summary: Как идёт одно письмо и кто говорит «не сейчас».
skills:
  path.stages: назвать этапы
"""
PAGES = """\
# Not now, or never?

The first digit decides. This is what **mx-beta** said:

```trace
smtp.reply code=450
queue.defer
```

```step
#smtp.reply/12  mx-beta says not now
```

```predict
next-attempt
```

```words
envelope, queue
```

---

# The letter waits

It is in the queue, and it is tried again.

```trace
queue.attempt | count
```

---

# What the lecture says

It leaves out the queue.

* RFC 5321, 4.5.4.1
* `man 8 qmgr`
* A good book
"""
PAGES_RU = """\
# Не сейчас или никогда?

Решает первая цифра. Вот что сказал **mx-beta**:

```trace
smtp.reply code=450
queue.defer
```

```step
#smtp.reply/12  mx-beta говорит: не сейчас
```

```predict
next-attempt
```

```words
конверт, очередь
```

---

# Письмо ждёт

Оно в очереди, и его отправят ещё раз.

```trace
queue.attempt | count
```

---

# Что говорит лекция

Об очереди она не говорит.

* RFC 5321, 4.5.4.1
* `man 8 qmgr`
* Хорошая книга
"""
QUIZ = """\
mailflow-quiz: 1
lesson: small-lesson
scenario: small
items:
  - id: who-asks
    type: choice
    ask: Who asked first for the MX of beta.example?
    options:
      - {is: mail-alpha, text: Anna's server}
      - {is: pc-anna, text: Anna's program, myth: client-looks-up-mx, why: It asks for an address only.}
      - {is: mx-beta, text: Boris's server, why: It is the one that is looked for.}
    answer-from: dns.query qtype=MX | first from
    hints:
      - {id: look, text: Look at the ladder.}
    skill: dns.mx
  - id: askers
    type: multi
    ask: Which hosts asked the DNS?
    options:
      - {is: mail-alpha, text: Anna's server}
      - {is: resolver, text: The resolver}
      - {is: pc-anna, text: Anna's program, why: It knows its server already.}
    answer-from: dns.query | unique from
    skill: dns.mx
  - id: attempts
    type: number
    ask: How many attempts did the queue make?
    answer-from: queue.attempt | count
    wrong:
      - {equals: 1, why: The first one was put off.}
    skill: smtp.queue
  - id: sender
    type: text
    ask: Whom does the envelope name as sender?
    answer-from: smtp.command from=mail-alpha verb=MAIL | first address
    accept: [anna at alpha]
    skill: envelope
  - id: stages
    type: order
    ask: Put the stages in order.
    rows: [compose, submission, routing, transfer, delivery]
    answer-from: stage | list id
    skill: path.stages
  - id: ports
    type: match
    ask: Match the port to its job.
    pairs:
      - [25, server to server]
      - [587, submission with STARTTLS]
      - [993, IMAP inside TLS]
    answer: pairs
    skill: smtp.ports
  - id: code
    type: fill
    ask: Which code follows DATA?
    lines: smtp.reply verb=DATA
    answer-from: smtp.reply verb=DATA | first code
    skill: smtp.codes
  - id: next-attempt
    type: predict
    stop-before: smtp.reply code=450
    ask: Which code will mx-beta answer to RCPT?
    options:
      - {is: "250", text: "250: taken", why: It has never seen this sender.}
      - {is: "450", text: "450: not now"}
      - {is: "550", text: "550: never", myth: remote-means-unknown, why: 550 would be final.}
    answer-from: smtp.reply from=mx-beta verb=RCPT | first code
    because: The queue keeps the letter.
    skill: smtp.codes
  - id: moment
    type: locate
    ask: At which event does mail-alpha promise to deliver the letter?
    answer-from: smtp.reply from=mail-alpha enhanced=2.0.0 code=250 | first n
    wrong:
      - {on: queue.enter, why: Nobody has been told yet.}
    skill: path.responsibility
  - id: why-queue
    type: explain
    ask: Why is the letter not lost when mx-beta says 450?
    rubric:
      - {id: keeps, text: The server keeps the letter}
      - {id: again, text: It tries again later}
    model: 4xx means not now; the queue keeps the letter and tries again.
    skill: smtp.queue
"""
QUIZ_RU = """\
items:
  who-asks:
    ask: Кто первым спросил MX домена beta.example?
    options:
      mail-alpha: {text: Сервер Анны}
      pc-anna: {text: Программа Анны, why: Она спрашивает только адрес.}
      mx-beta: {text: Сервер Бориса, why: Его-то и ищут.}
    hints:
      look: {text: Посмотрите на диаграмму.}
  askers:
    ask: Какие узлы спрашивали DNS?
    options:
      mail-alpha: {text: Сервер Анны}
      resolver: {text: Резолвер}
      pc-anna: {text: Программа Анны, why: Она уже знает свой сервер.}
  attempts: {ask: Сколько попыток сделала очередь?}
  sender: {ask: Кого конверт называет отправителем?}
  stages: {ask: Поставьте стадии по порядку.}
  code: {ask: Какой код отвечают на DATA?}
  next-attempt:
    ask: Какой код ответит mx-beta на RCPT?
    because: Письмо остаётся в очереди.
    options:
      "250": {text: "250: принято", why: Этого отправителя он ещё не видел.}
      "450": {text: "450: не сейчас"}
      "550": {text: "550: никогда", why: 550 был бы окончательным.}
  moment: {ask: На каком событии mail-alpha обещает доставить письмо?}
  why-queue:
    ask: Почему письмо не пропадает, когда mx-beta отвечает 450?
    model: 4xx значит «не сейчас»; письмо остаётся в очереди, и его отправят снова.
    rubric:
      keeps: {text: Сервер хранит письмо}
      again: {text: Позже он пробует снова}
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
RIGHT = {
    "who-asks": ("mail-alpha",), "askers": ("mail-alpha", "resolver"), "attempts": ("2",),
    "stages": ("compose", "submission", "routing", "transfer", "delivery"), "next-attempt": ("450",), "moment": ("43",),
}  # fmt: skip
"""The right answers, in the hand-made world."""


def write_lesson(where: Path) -> Path:
    """Write the lesson and a scenario to play with below a folder; give the lesson's folder."""
    made = where / "lessons" / "01-small-lesson"
    made.mkdir(parents=True)
    for name, text in FILES.items():
        (made / name).write_text(text, encoding="utf-8")
    (where / "scenarios").mkdir()
    (where / "scenarios" / "small.yaml").write_text(SCENARIO, encoding="utf-8")
    (where / "scenarios" / "small.ru.yaml").write_text(SCENARIO_RU, encoding="utf-8")
    return made
