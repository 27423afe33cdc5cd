"""What the screen of questions and plain mode share: the world of a question, and the questions in another language."""

from __future__ import annotations

from ..learning.items import Item
from ..learning.quizzing import QuizSession
from .desk import Learner
from .home import open_session
from .walk import Walk

__all__ = ["Asked", "fresh_walk", "in_this_language", "world_name"]

Asked = list[tuple[QuizSession, str]]
"""Questions in a row: the quiz that each is from, and its id."""


def in_this_language(learner: Learner, items: Asked) -> Asked:
    """Return the same questions in the language that is spoken now; what was reached stays."""
    made: dict[int, QuizSession] = {}
    for quiz, _name in items:
        if id(quiz) not in made:
            fresh = open_session(learner, quiz.quiz.path.parent).quiz()
            made[id(quiz)] = fresh if fresh is not None else quiz
            made[id(quiz)].states = quiz.states
    return [(made[id(quiz)], name) for quiz, name in items]


def world_name(quiz: QuizSession, item: Item) -> str:
    """Return the world of a question as links name it."""
    return quiz.worlds.link(item.scenario, quiz.worlds.run(item.scenario).records[0]).partition("#")[0]


def fresh_walk(quiz: QuizSession, item: Item, stop: int | None = None) -> Walk:
    """Return a walk through the world of a question, standing before event `stop` if there is one."""
    walk = Walk(quiz.worlds.run(item.scenario), name=world_name(quiz, item))
    if stop is not None:
        walk.barrier = stop
        walk.go(stop)
    return walk
