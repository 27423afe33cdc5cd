"""What a question and its feedback look like, as lines: the answer, what the world did, why, and the query.

In this order, which is that of learning from a surprise; each event that shows it can be opened.
"""

from __future__ import annotations

from collections.abc import Sequence

from ..learning.feedback import Feedback
from ..learning.quizzing import SURE, QuizSession
from ..text import N_, _, language, ngettext
from .lines import Line, clip, line, wrap
from .walk import Walk

__all__ = ["KINDS", "feedback_lines", "how_text", "score_lines", "score_text", "sure_line", "told_lines", "world_lines"]

KINDS = {
    "choice": N_("Choose one"), "multi": N_("Choose all that are right"), "number": N_("A number"),
    "text": N_("A word"), "order": N_("Put in order"), "match": N_("Match"), "fill": N_("Fill the gap"),
    "predict": N_("Predict: first you answer, then the world moves"), "locate": N_("Find the event"),
    "dig": N_("Ask the DNS"), "type": N_("Speak to the server"), "serve": N_("Be the server"),
    "explain": N_("Explain in your own words"),
}  # fmt: skip

_HOW = {
    "choice": N_("a letter, or Up and Down; then Enter"),
    "multi": N_("letters choose and unchoose, or Up, Down and Space; then Enter"),
    "number": N_("type the number; then Enter"),
    "text": N_("type it; case does not count; then Enter"),
    "fill": N_("type what stands in the gap; then Enter"),
    "order": N_("Space picks a row up, Up and Down move it, Space puts it down; then Enter"),
    "match": N_("a letter gives the row its partner, Up and Down change rows; then Enter"),
    "locate": N_("w opens the world: put the cursor on the event, p answers; or type e and its number"),
    "dig": N_("type a dig command; Enter asks, Enter again hands it in"),
    "type": N_("type a line; Enter says it. When the connection is over, Enter hands the dialogue in"),
    "serve": N_("type a reply; Enter gives it. When the client has gone, Enter hands the dialogue in"),
    "explain": N_("type one or two sentences; Enter, and mark yourself"),
}
_HOW_TYPED = N_("type what will come; then Enter")


def how_text(kind: str, *, options: bool) -> str:
    """Return how a question is answered with keys."""
    if kind == "predict":
        return _(_HOW["choice"]) if options else _(_HOW_TYPED)
    sentence = _HOW[kind]
    return _(sentence)


def sure_line(sure: str, *, asked: bool) -> Line:
    """Return the row that asks how sure the learner is."""
    spans: list[tuple[str, str]] = [(_("How sure are you?") + "  ", "strong" if asked else "dim")]
    for number, (stored, shown) in enumerate(SURE.items(), 1):
        sign = "(o)" if stored == sure else "( )"
        spans.append((f" {sign} {number} {_(shown)}  ", "active" if stored == sure else "" if asked else "dim"))
    return line(*spans)


def feedback_lines(found: Feedback, width: int) -> tuple[list[Line], list[int | None]]:
    """Return the feedback, and for each line the event that it names."""
    made: list[tuple[str, str, int | None]] = []

    def put(text: str, style: str = "", n: int | None = None, indent: int = 2) -> None:
        made.extend((part, style, n) for part in wrap(text, width, indent))

    put(_("You said: {answer}").format(answer=found.answer), "strong")
    put(_verdict(found), "tls" if found.right else "refusal")
    if found.value and not found.right:
        put(_("The world: {value}").format(value=found.value), "strong")
    for event in found.observed:
        put(f"e{event.n}  {event.text}", "link", event.n, 6)
    if found.why.strip():
        put(" ".join(found.why.split()), indent=0)
    if found.myth is not None:
        spoken = language()
        put(_("Often believed: {claim}").format(claim=found.myth.claim(spoken)), "dim")
        put(_("True is: {truth} ({source})").format(truth=found.myth.answer(spoken), source=found.myth.source))
    if found.query and found.done:  # before that it would give the answer away
        put(_("Asked of the world: {query}").format(query=found.query), "dim", indent=4)
    if found.review:
        put(_comes_back(found.review), "dim")
    return [line((text, style)) for text, style, _n in made], [n for _text, _style, n in made]


def _comes_back(days: int) -> str:
    text = ngettext("This question comes back in {n} day.", "This question comes back in {n} days.", days)
    return text.format(n=days)


def _verdict(found: Feedback) -> str:
    if found.right:
        return _("Right.") + (f"  +{found.points:g}" if found.points else "")
    return _("! Not so.") if found.done else _("! Not so. One more try: half a point.")


def told_lines(found: Feedback) -> tuple[str, ...]:
    """Return the feedback in two lines, for the page of the lesson that asked."""
    said = _("  You said: {answer}").format(answer=found.answer)
    verdict = _("  Right.") if found.right else _("  The world: {value}").format(value=found.value)
    seen = f"  e{found.observed[0].n} {found.observed[0].text}" if found.observed else ""
    return (said, verdict + seen)


def world_lines(walk: Walk, width: int, count: int = 3) -> list[Line]:
    """Return the last events before the fog: where the world stands."""
    here = walk.position()
    shown = walk.rows[max(0, here - count + 1) : here + 1]
    made = [line((clip(f"  e{n:<4} {walk.text(n)}", width), "link"), target=n) for n in shown]
    if walk.barrier is not None:
        made.append(line((_("  ...  fog: what comes now waits for your answer"), "dim")))
    return made


def score_text(quiz: QuizSession) -> str:
    """Return points and what is needed, in one line."""
    score = quiz.score()
    text = _("Points: {points} of {of}. {needed} are needed.").format(
        points=f"{score.points:g}", of=score.of, needed=f"{score.needed:g}"
    )
    return f"{text} {_('Passed.') if score.passed else ''}".strip()


def score_lines(items: Sequence[tuple[QuizSession, str]]) -> list[Line]:
    """Return the score, and for each question what it earned."""
    made = [line((score_text(items[-1][0]), "strong")), line("")]
    for quiz, name in items:
        state = quiz.states[name]
        sign = "[x]" if state.right else "[!]" if state.done else "[ ]"
        made.append(line(f"{sign} {state.points:>3g}  {' '.join(quiz.item(name).ask.split())}"))
    return [*made, line(""), line(_("Wrong answers come back for review; there is no penalty."))]
