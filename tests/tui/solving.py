"""A diligent student for any lesson: the right answers out of the run, as keys of the screen and as lines of plain mode."""

from __future__ import annotations

from collections.abc import Iterator
from difflib import SequenceMatcher

from simulator.learning import edits
from simulator.learning.items import TYPES, Answer, Item
from simulator.learning.lab import LabSession
from simulator.learning.quizzing import QuizSession
from simulator.tui.drafts import Draft, _Chosen, _Explained, _Matched, _Ordered

SPOKEN = ("type", "serve")
"""Types in which every line goes to the other side of a dialogue."""

_RUSSIAN = dict(zip("abcdefghijklmnopqrstuvwxyz", "фисвуапршолдьтщзйкыегмцчня", strict=True))


def solution(quiz: QuizSession, item: Item) -> Answer:
    """The right answer to an item in this world."""
    kind = TYPES[item.type]
    return kind.solution(item, kind.found(item, quiz.worlds))


def answer_keys(draft: Draft, answer: Answer) -> Iterator[str]:
    """The keys that make an answer on the screen, on the Russian layout where letters choose."""
    if isinstance(draft, _Chosen):
        yield from (_RUSSIAN[choice.label] for choice in draft.question.choices if choice.id in answer)
    elif isinstance(draft, _Ordered):
        rows = [row.id for row in draft.rows]
        for at, name in enumerate(answer):
            here = rows.index(name)
            yield from (*["up"] * len(rows), *["down"] * here, "space", *["up"] * (here - at), "space")
            rows.insert(at, rows.pop(here))
        if rows == [row.id for row in draft.rows]:
            yield from ("space", "down", "up", "space")
    elif isinstance(draft, _Matched):
        partner = dict(pair.split("=", 1) for pair in answer)
        labels = {choice.id: choice.label for choice in draft.question.choices}
        yield from (_RUSSIAN[labels[partner[row.id]]] for row in draft.question.rows)
    elif isinstance(draft, _Explained):
        yield from (*"words", "enter", *(_RUSSIAN["abcdefghij"[at]] for at in range(len(draft.item.rubric))))
    elif draft.item.type in SPOKEN:
        for said in answer:
            for text in said.split("\n"):
                yield from (*text, "enter")
    else:
        yield from (f"e{answer[0]}" if draft.item.type == "locate" else answer[0])


def answer_lines(quiz: QuizSession, item: Item) -> list[str]:
    """The lines that make the right answer in plain mode."""
    answer, question = solution(quiz, item), quiz.question(item.id)
    labels = {choice.id: choice.label for choice in question.choices}
    if item.type in ("choice", "multi", "order") or (item.type == "predict" and item.options):
        return [" ".join(labels[one] for one in answer)]
    if item.type == "match":
        rows = {row.id: row.label for row in question.rows}
        return [" ".join(rows[left] + labels[right] for left, right in (pair.split("=", 1) for pair in answer))]
    if item.type in SPOKEN:
        return [text for said in answer for text in said.split("\n")]
    if item.type == "explain":
        return [answer[0], "abcdefghij"[: len(item.rubric)]]
    return [f"e{answer[0]}" if item.type == "locate" else answer[0]]


def repair_keys(lab: LabSession) -> Iterator[str]:
    """The keys that make the lab's solution in the editor of the screen, part by part."""
    solved = lab.solved_text(lab.lab.solution)
    for number, part in enumerate(lab.parts):
        wanted = edits.part(solved, part.path)
        if wanted.rstrip("\n") == part.text.rstrip("\n"):
            continue
        yield from (*["up"] * len(lab.parts), *["down"] * number, "e")
        yield from _typed(part.text.rstrip("\n").split("\n"), wanted.rstrip("\n").split("\n"))
        yield "escape"


def _typed(old: list[str], new: list[str]) -> Iterator[str]:
    """Lines are changed from the last one up, each new one typed in a row of its own."""
    for tag, i1, i2, j1, j2 in reversed(SequenceMatcher(None, old, new, autojunk=False).get_opcodes()):
        if tag == "equal":
            continue
        yield from (*["up"] * len(old), *["up"] * len(new), *["down"] * i1, "home")
        for text in reversed(new[j1:j2]):
            yield from ("home", "enter", "up", *text, "home")
        yield from (*["down"] * (j2 - j1), *["ctrl+k"] * (i2 - i1))


def repair_lines(lab: LabSession) -> Iterator[str]:
    """The lines that make the lab's solution in plain mode."""
    for edit in lab.lab.solution:
        if edit.do == "set":
            yield f"set {edit.path} {edit.to}".rstrip("\n").replace("\n", "\\n")
        else:
            yield f"{'add' if edit.do == 'add-record' else 'remove'} {edit.zone} {edit.text}"
