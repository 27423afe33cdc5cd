"""Rules about a lesson's folder, its head and its pages; found by `lint`, `lesson` and `excerpts`."""

from __future__ import annotations

from typing import Final

from simulator.learning.rule import ContentRule

_REFERENCES: Final = (
    "# What the lecture says\n\nIt leaves this out.\n\n* RFC 5321, 2.1\n* `man 8 smtpd`\n* A good book\n"
)
_TWO: Final = "```trace\ndeliver\n```\n\n---\n\n" + _REFERENCES

RULES: Final = (
    ContentRule(
        code="MF101",
        title="A lesson folder has a head, pages and questions",
        text="lesson.yaml says what the lesson is, lesson.en.md holds its pages, quiz.yaml its questions.",
        bad="(a folder without lesson.en.md)\n",
        good=_TWO,
        file="lesson.en.md",
    ),
    ContentRule(
        code="MF102",
        title="A fence finds what it asks for",
        text="trace holds queries, step a link, predict the id of an item, words terms of the glossary. Each is asked "
        "of the run of the lesson's scenario, so a page never shows what does not happen.",
        bad="```trace\nsmtp.reply verv=RCPT\n```\n\n---\n\n" + _REFERENCES,
        good="```trace\nsmtp.reply verb=RCPT\n```\n\n---\n\n" + _REFERENCES,
        file="lesson.en.md",
    ),
    ContentRule(
        code="MF103",
        title="A page fits the screen",
        text="A page has at most 20 lines of 76 columns, its excerpts included: that is what a terminal of 80 by 24 "
        "shows. End a page with a line ---.",
        bad="# Too much\n\n" + "one\n\n" * 12 + "---\n\n" + _REFERENCES,
        good="# Enough\n\n" + "one\n\n" * 5 + "---\n\n" + _REFERENCES,
        file="lesson.en.md",
    ),
    ContentRule(
        code="MF107",
        title="Languages are complete",
        text="English and Russian are equals; a lesson that lacks a page, a text or a file in one of them is "
        "unfinished.",
        bad="title: Маленький урок\n",
        good="title: Маленький урок\nsummary: Как идёт одно письмо.\nskills:\n  path.stages: назвать этапы\n",
        file="lesson.ru.yaml",
    ),
    ContentRule(
        code="MF109",
        title="A lesson says what the lecture says, and what it leaves out",
        text="Students have heard the lecture; a page compares the two, politely and by what was shown.",
        bad="# One letter\n\n* RFC 5321, 2.1\n* `man 8 smtpd`\n* A good book\n",
        good=_TWO,
        file="lesson.en.md",
    ),
    ContentRule(
        code="MF121",
        title="What a lesson names exists",
        text="Scenarios and labs are looked up in the lesson's own folder first, then like all scenarios; a lab is a "
        "scenario with a lab part; needs: names other lessons.",
        bad="labs: [brokn]\n",
        good="labs: [broken]\n",
        file="lesson.yaml",
    ),
    ContentRule(
        code="MF124",
        title="Both languages have the same pages",
        text="Each page has the same number and the same fences in every language, so that a learner may switch in the "
        "middle of a lesson.",
        bad="# Одна страница\n\nЛекция.\n\n* RFC 5321, 2.1\n* `man 8 smtpd`\n* Книга\n",
        good="",
        file="lesson.ru.md",
    ),
    ContentRule(
        code="MF125",
        title="A lesson ends with three references",
        text="The last page has a list of three: the RFC with its section, a manual page, a book. So a learner knows "
        "where to read on.",
        bad="# What the lecture says\n\n* RFC 5321, 2.1\n",
        good=_TWO,
        file="lesson.en.md",
    ),
)
