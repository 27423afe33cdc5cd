"""Each type of item: how it is asked, read, judged and answered back; keys come from the run."""

from __future__ import annotations

from pathlib import Path

import pytest

from simulator.learning.checks import prove
from simulator.learning.items import TYPES, AnswerError
from simulator.learning.lesson import load_lesson
from simulator.learning.quiz import load_quiz
from simulator.learning.quizzing import QuizSession
from simulator.learning.worlds import Worlds
from simulator.scenario.report import Report
from tests.learning.example import HEAD, SCENARIO, lesson_folder

ITEMS = {
    "choice": """\
  - id: online
    type: choice
    ask: Was the letter in the box before Boris's computer connected?
    options:
      - {is: "yes", text: It was}
      - {is: "no", text: It was not, why: See the ladder., myth: receiver-must-be-online}
    answer-from: {before: [deliver, tcp.connect from=pc-boris]}
    skill: path.stages
""",
    "multi": """\
  - id: askers
    type: multi
    ask: Which hosts connected to port 25 or asked the resolver?
    options:
      - {is: pc-anna, text: Anna's computer}
      - {is: mail-alpha, text: Anna's server}
      - {is: root-a, text: A root server, why: It only answers.}
      - {is: mail-beta, text: Boris's server}
      - {is: pc-boris, text: Boris's computer}
    answer-from: dns.query to=resolver | unique from
    skill: path.stages
""",
    "number": """\
  - id: letters
    type: number
    ask: How many letters arrive?
    answer-from: deliver | count
    wrong:
      - {equals: 0, why: It does arrive.}
      - {from: stage | count, why: Those are stages.}
    skill: path.stages
""",
    "text": """\
  - id: sender
    type: text
    ask: Whom does the envelope name as sender?
    answer-from: smtp.command from=mail-alpha verb=MAIL | first address
    accept: [anna at alpha]
    wrong:
      - {equals: boris@beta.example, why: He is the reader.}
    skill: path.stages
""",
    "order": """\
  - id: stages
    type: order
    ask: Put the stages in order.
    rows:
      - {is: compose, text: Anna writes}
      - submission
      - routing
      - transfer
      - filtering
      - delivery
      - retrieval
      - reading
    answer-from: stage | list id
    skill: path.stages
""",
    "match": """\
  - id: roles
    type: match
    ask: Who acts in which stage?
    rows: [submission, transfer, delivery]
    options:
      - {is: MUA, text: the mail program}
      - MTA
      - MDA
      - access
    answer-from: stage id={row} | first actor
    skill: path.stages
""",
    "pairs": """\
  - id: ports
    type: match
    ask: Match the port to its job.
    pairs:
      - [25, server to server]
      - [587, submission with STARTTLS]
      - [993, IMAP inside TLS]
    answer: pairs
    skill: path.stages
""",
    "fill": """\
  - id: code
    type: fill
    ask: Which code follows DATA?
    transcript: smtp.reply from=mail-beta verb=DATA
    answer-from: smtp.reply from=mail-beta verb=DATA | first code
    skill: path.stages
""",
    "predict": """\
  - id: rcpt-code
    type: predict
    ask: Which code will mail-beta answer to RCPT?
    stop-before: smtp.reply from=mail-beta verb=RCPT
    answer-from: smtp.reply from=mail-beta verb=RCPT | first code
    wrong:
      - {equals: 354, why: 354 answers DATA.}
      - {equals: 550, why: That would mean that nobody is called so., myth: remote-means-unknown}
    because: At RCPT a server knows its users.
    skill: path.stages
""",
    "locate": """\
  - id: bounce
    type: locate
    ask: Which line decides where a bounce would go?
    answer-from: smtp.command from=mail-alpha verb=MAIL | first n
    wrong:
      - {on: message.header name=From, why: From is for people., myth: bounce-goes-to-header-from}
    skill: path.stages
""",
    "dig": """\
  - id: ask-mx
    type: dig
    ask: Ask which server takes letters for beta.example.
    command: dig beta.example MX
    host: pc-anna
    answer-from: dns.answer to=pc-anna qtype=MX | last answer
    skill: path.stages
""",
    "explain": """\
  - id: why-queue
    type: explain
    ask: Why is there a queue?
    rubric:
      - {id: later, text: The next server may be away}
      - {id: duty, text: Who said 250 has to keep the letter}
    model: The next server may be away, and whoever said 250 has to keep the letter until then.
    skill: path.stages
""",
}
RIGHT = {
    "choice": "It was",
    "number": "1",
    "text": "<Anna@Alpha.Example>",
    "fill": "354",
    "predict": "250",
    "dig": "dig -t MX beta.example +short",
    "multi": "pc-anna mail-alpha mail-beta pc-boris",
}
WRONG = {
    "choice": ("It was not", "See the ladder.", "receiver-must-be-online"),
    "number": ("8", "Those are stages.", None),
    "text": ("boris@beta.example", "He is the reader.", None),
    "predict": ("550", "That would mean that nobody is called so.", "remote-means-unknown"),
    "multi": ("root-a pc-anna mail-alpha mail-beta pc-boris", "It only answers.", None),
}
UNREADABLE = {
    "choice": ["", "z", "It will be"],
    "multi": ["", "a z"],
    "number": ["", "many", "1 or 2"],
    "text": [" "],
    "order": ["", "a b", "a a b c d e f g", "abcdefgz"],
    "match": ["", "1a", "9a 1b 2c", "1z 2a 3b", "abc"],
    "pairs": ["1a 2b"],
    "fill": [""],
    "predict": ["", "soon"],
    "locate": ["", "here", "e0", "e99999", "small#deliver/7"],
    "dig": ["", "dig", "dig -p 53 beta.example", "dig @nobody beta.example"],
}


def session(folder: Path, *names: str, seed: int = 1) -> QuizSession:
    """A quiz of these items over the small world."""
    made = lesson_folder(folder, {"quiz.yaml": HEAD + "".join(ITEMS[name] for name in names)})
    report = Report()
    quiz = load_quiz(made / "quiz.yaml", "quiz.yaml", report)
    report.stop_if_any()
    assert quiz is not None
    return QuizSession(quiz, Worlds(made, seed=seed), seed)


@pytest.mark.parametrize("name", ITEMS)
def test_an_item_proves_itself_on_three_seeds(name: str, tmp_path: Path) -> None:
    pages = "# One\n\n---\n\n# The lecture\n\n* RFC 5321, 2.1\n* `man 8 smtpd`\n* A book\n"
    changes = {"quiz.yaml": HEAD + ITEMS[name], "lesson.en.md": pages, "lesson.ru.md": pages}
    proof = prove(lesson_folder(tmp_path, changes), seeds=3)
    assert proof.diagnostics == (), "\n".join(map(str, proof.diagnostics))
    assert proof.items == 1


@pytest.mark.parametrize("name", ITEMS)
def test_the_solution_is_right_and_wins_a_point_at_the_first_try(name: str, tmp_path: Path) -> None:
    quiz = session(tmp_path, name)
    (item,) = quiz.items
    kind = TYPES[item.type]
    feedback = quiz.answer(item.id, kind.solution(item, kind.found(item, quiz.worlds)))
    assert (feedback.right, feedback.points, feedback.done) == (True, 1.0, True)
    assert quiz.score().passed


@pytest.mark.parametrize("name", RIGHT)
def test_what_a_learner_types_is_understood(name: str, tmp_path: Path) -> None:
    quiz = session(tmp_path, name)
    assert quiz.answer(quiz.items[0].id, RIGHT[name]).right


@pytest.mark.parametrize("name", WRONG)
def test_a_known_wrong_answer_gets_its_own_words_and_myth(name: str, tmp_path: Path) -> None:
    quiz = session(tmp_path, name)
    typed, why, myth = WRONG[name]
    feedback = quiz.answer(quiz.items[0].id, typed)
    assert not feedback.right
    assert feedback.why == why
    assert (feedback.myth.id if feedback.myth else None) == myth


@pytest.mark.parametrize(("name", "typed"), [(name, typed) for name, all_ in UNREADABLE.items() for typed in all_])
def test_what_is_no_answer_is_a_sentence_and_costs_no_try(name: str, typed: str, tmp_path: Path) -> None:
    quiz = session(tmp_path, name)
    (item,) = quiz.items
    with pytest.raises(AnswerError) as caught:
        quiz.answer(item.id, typed)
    assert len(str(caught.value)) > 10
    assert quiz.states[item.id].tries == 0


def test_options_come_in_the_order_of_the_seed_and_stay_in_it(tmp_path: Path) -> None:
    orders = {
        tuple(one.id for one in session(tmp_path, "multi", seed=seed).question("askers").choices)
        for seed in range(1, 9)
    }
    assert len(orders) > 3
    assert session(tmp_path, "multi").question("askers") == session(tmp_path, "multi").question("askers")


def test_rows_to_order_never_come_in_the_right_order(tmp_path: Path) -> None:
    for seed in range(1, 30):
        quiz = session(tmp_path, "order", seed=seed)
        shown = tuple(one.id for one in quiz.question("stages").choices)
        assert shown != tuple(row.id for row in quiz.item("stages").rows)


def test_an_order_is_typed_as_letters_with_or_without_spaces(tmp_path: Path) -> None:
    quiz = session(tmp_path, "order")
    labels = {one.id: one.label for one in quiz.question("stages").choices}
    letters = [labels[row.id] for row in quiz.item("stages").rows]
    assert quiz.read("stages", "".join(letters)) == quiz.read("stages", " ".join(letters))
    swapped = [letters[1], letters[0], *letters[2:]]
    feedback = quiz.answer("stages", " ".join(swapped))
    assert "place 1" in feedback.why
    assert quiz.answer("stages", "".join(letters)).points == 0.5


def test_letters_work_on_the_russian_layout(tmp_path: Path) -> None:
    quiz = session(tmp_path, "choice")
    assert quiz.read("online", "ф") == quiz.read("online", "A")


def test_a_match_is_typed_as_numbers_and_letters(tmp_path: Path) -> None:
    quiz = session(tmp_path, "match")
    question = quiz.question("roles")
    key = {"submission": "MUA", "transfer": "MTA", "delivery": "MDA"}
    labels = {one.id: one.label for one in question.choices}
    typed = " ".join(f"{row.label}{labels[key[row.id]]}" for row in question.rows)
    feedback = quiz.answer("roles", typed)
    assert feedback.right
    assert len(feedback.observed) == 3, "each pair has an event that shows it"
    assert "the mail program" in feedback.answer


def test_a_gap_hides_the_key_in_what_was_really_said(tmp_path: Path) -> None:
    lines = session(tmp_path, "fill").question("code").lines
    assert any("____" in line for line in lines)
    assert "354" not in "".join(lines)
    assert any("DATA" in line for line in lines)


def test_a_prediction_stops_before_its_event_and_has_one_try(tmp_path: Path) -> None:
    quiz = session(tmp_path, "predict")
    stop = quiz.question("rcpt-code").stop
    assert stop is not None
    feedback = quiz.answer("rcpt-code", "354")
    assert feedback.done
    assert feedback.value == "250"
    assert feedback.observed[0].n == stop[0]
    assert quiz.answer("rcpt-code", "250").points == 0.0


def test_an_event_is_found_by_number_or_by_link(tmp_path: Path) -> None:
    quiz = session(tmp_path, "locate")
    item = quiz.items[0]
    key = TYPES["locate"].found(item, quiz.worlds).values[0]
    assert quiz.read("bounce", f"e{key}") == quiz.read("bounce", key) == (key,)
    (n,) = quiz.read("bounce", "small#message.header/1")
    assert quiz.worlds.run("small").records[int(n) - 1][2].name == "message.header"
    header = next(r for r in quiz.worlds.run("small").records if r[2].name == "message.header" and r[12] == "From")
    feedback = quiz.answer("bounce", str(header[0]))
    assert feedback.why == "From is for people."


def test_any_asking_that_finds_it_is_right(tmp_path: Path) -> None:
    for typed in ("dig mx beta.example", "beta.example MX", "dig @resolver -t mx beta.example"):
        assert session(tmp_path, "dig").answer("ask-mx", typed).right, typed
    assert not session(tmp_path, "dig").answer("ask-mx", "dig mx alpha.example").right
    assert not session(tmp_path, "dig").answer("ask-mx", "dig beta.example").right


def test_an_explanation_is_marked_by_the_one_who_wrote_it(tmp_path: Path) -> None:
    quiz = session(tmp_path, "explain")
    assert not quiz.answer("why-queue", ("Because.", "later")).right
    quiz = session(tmp_path, "explain")
    feedback = quiz.answer("why-queue", ("Because.", "later", "duty"))
    assert feedback.right
    assert feedback.answer == "Because."


@pytest.mark.parametrize(
    ("name", "old", "new", "value"),
    [
        (
            "number",
            SCENARIO,
            SCENARIO + "  - {at: 3m, who: anna@alpha.example, do: send, to: [boris@beta.example]}\n",
            "2",
        ),
        ("text", "anna@alpha.example", "zoe@alpha.example", "zoe@alpha.example"),
    ],
)
def test_changing_the_world_changes_the_key(name: str, old: str, new: str, value: str, tmp_path: Path) -> None:
    made = lesson_folder(tmp_path, {"quiz.yaml": HEAD + ITEMS[name], "small.yaml": SCENARIO.replace(old, new)})
    lesson = load_lesson(made)
    assert lesson.quiz is not None
    item = lesson.quiz.items[0]
    assert TYPES[item.type].found(item, Worlds(made)).one == value


def test_another_host_in_the_world_makes_a_choice_be_refused(tmp_path: Path) -> None:
    hosts = "hosts:\n  post-alpha: {kind: mail-server, domains: [alpha.example]}\n"
    made = lesson_folder(tmp_path, {"small.yaml": SCENARIO.replace("hosts:\n", hosts)})
    (found,) = prove(made, seeds=1).diagnostics
    assert found.rule == "MF113"
    assert "post-alpha" in found.message
    assert found.file.endswith("quiz.yaml")
