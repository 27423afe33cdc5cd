"""The desk by keys: home, lesson, questions of every type, lab and letter, each key on both layouts."""

from __future__ import annotations

from pathlib import Path

import pytest

from simulator.text import language, set_language
from simulator.tui.compose import Compose
from simulator.tui.desk import Desk
from simulator.tui.desk_actions import SCREENS, on
from simulator.tui.drafts import _Dug
from simulator.tui.glossary import Glossary
from simulator.tui.home import Home
from simulator.tui.lab_place import LabPlace
from simulator.tui.lesson_place import LessonPlace
from simulator.tui.progress_place import ProgressPlace
from simulator.tui.quiz_place import QuizPlace
from simulator.tui.world_place import WorldPlace
from tests.tui.desk_files import RIGHT
from tests.tui.desks import home_desk, lesson_desk, press, screen


def quiz_at(where: Path, number: int) -> tuple[Desk, QuizPlace]:
    """The questions, with question `number` shown."""
    desk = press(lesson_desk(where), "t", *["pagedown"] * (number - 1))
    place = desk.top
    assert isinstance(place, QuizPlace)
    return desk, place


def answered(place: QuizPlace, item: str) -> bool:
    """Whether an item was answered rightly."""
    return place.quiz.states[item].right


# The table


def test_no_key_starts_two_actions_on_a_screen() -> None:
    for name in SCREENS:
        keys = [key for action in on(name) for key in action.all_keys()]
        assert sorted(keys) == sorted(set(keys)), name


def test_the_keys_are_those_of_the_design() -> None:
    wanted = {
        "lesson": {"space": "next", "b": "back", "p": "predict", "w": "world", "f4": "glossary", "f1": "help"},
        "quiz": {"h": "hint", "w": "world", "n": "next", "f2": "language"},
        "lab": {"e": "edit", "f5": "run", "d": "diff", "u": "undo", "h": "hint", "w": "world", "R": "reset", "К": "reset"},
        "home": {"r": "review", "к": "review", "f6": "find", "slash": "find", "q": "out", "й": "out", "escape": "out"},
        "world": {"c": "compose", "с": "compose", "p": "answer", "f4": "glossary"},
    }  # fmt: skip
    for name, keys in wanted.items():
        known = {key: action.id for action in on(name) for key in action.all_keys()}
        assert {key: known[key] for key in keys} == keys


def test_every_action_of_a_screen_does_something_there(by_hand: Path) -> None:
    desk = lesson_desk(by_hand)
    lesson = desk.top
    assert isinstance(lesson, LessonPlace)
    home = Home(desk)
    home.entered()
    places = [home, lesson, QuizPlace(desk, [(lesson.session.quiz(), "who-asks")], "x"), LabPlace(desk, lesson.session)]  # type: ignore[list-item]
    press(desk, "w")
    assert isinstance(desk.top, WorldPlace)
    places += [Compose(desk, desk.top.view.walk), ProgressPlace(desk, home.standing)]
    by_typing = {"choose", "less", "more", "up", "down"}
    for place in places:
        assert {action.id for action in on(place.screen)} - place.does.keys() <= by_typing, place.screen


# Home


def test_enter_at_home_goes_on_and_q_asks_before_it_leaves(by_hand: Path) -> None:
    desk = press(home_desk(by_hand), "enter")
    assert isinstance(desk.top, LessonPlace)
    press(desk, "q", "q")
    assert not desk.leaving and "Leave mailflow?" in screen(desk)
    press(desk, "n")
    assert not desk.leaving and desk.top.dialog is None
    press(desk, "escape", "down", "enter")
    assert desk.leaving


def test_y_and_its_russian_twin_leave(by_hand: Path) -> None:
    for key in ("y", "н", "д"):
        assert press(home_desk(by_hand), "q", key).leaving


def test_home_opens_questions_lab_scenario_progress_and_words(by_hand: Path) -> None:
    desk = home_desk(by_hand)
    for keys, kind in (
        (("t",), QuizPlace), (("l",), LabPlace), (("s", "enter"), WorldPlace), (("g",), ProgressPlace),
        (("f4",), Glossary),
    ):  # fmt: skip
        press(desk, *keys)
        assert isinstance(desk.top, kind), keys
        press(desk, "escape")
        assert isinstance(desk.top, Home)


def test_find_opens_a_lesson_a_scenario_and_a_word(by_hand: Path) -> None:
    for typed, kind in (("A small lesson", LessonPlace), ("A small world", WorldPlace), ("envelope", Glossary)):
        desk = press(home_desk(by_hand), "slash", f":{typed}", "enter")
        assert isinstance(desk.top, kind), typed


def test_a_missed_question_comes_back_and_review_asks_it(by_hand: Path) -> None:
    desk = press(home_desk(by_hand), "t", "n", "n", "1", "enter", "3", "enter", "3", "enter", "3")
    press(desk, "q")
    assert isinstance(desk.top, Home)
    press(desk, "r")
    assert "nothing comes back today" in screen(desk)
    assert desk.learner is not None
    desk.learner.now = lambda: 1_800_000_000 + 2 * 86_400
    desk.top.entered()
    assert "1 question comes back today" in screen(desk)
    press(desk, "r", "backspace", "2", "enter", "2")
    assert "Right." in screen(desk)


def test_a_lesson_that_cannot_be_read_says_where_its_mistake_is(by_hand: Path) -> None:
    path = by_hand / "lessons" / "01-small-lesson" / "quiz.yaml"
    path.write_text(path.read_text(encoding="utf-8").replace("qtype=MX |", "qtipe=MX |"), encoding="utf-8")
    desk = press(home_desk(by_hand), "enter")
    assert "quiz.yaml:12:" in "".join(screen(desk).split()) and "qtype" in screen(desk)
    press(desk, "escape")
    assert desk.top.dialog is None


def test_the_state_of_a_lesson_is_at_home(by_hand: Path) -> None:
    desk = press(home_desk(by_hand), "enter", "space", "t", "c", "enter", "2", "q", "q")
    text = screen(desk)
    assert "page 2   questions 1 of 10   lab open" in text and "begun" in text


# Lesson


def test_pages_turn_and_stay_in_their_bounds(by_hand: Path) -> None:
    desk = lesson_desk(by_hand)
    for keys, page in ((("space",), 2), (("n",), 3), (("b",), 2), (("и", "и"), 1), (("end",), 3), (("home",), 1)):
        press(desk, *keys)
        assert f"page {page} of 3" in screen(desk)


def test_after_the_last_page_come_the_questions(by_hand: Path) -> None:
    assert isinstance(press(lesson_desk(by_hand), "end", "space").top, QuizPlace)


def test_a_step_opens_the_world_there_and_esc_comes_back_to_the_page(by_hand: Path) -> None:
    desk = press(lesson_desk(by_hand), "enter")
    assert isinstance(desk.top, WorldPlace) and desk.top.view.walk.cursor == 78
    assert "450 4.2.0" in screen(desk)
    press(desk, "escape")
    assert "page 1 of 3" in screen(desk)


def test_a_line_of_the_trace_opens_at_its_event(by_hand: Path) -> None:
    desk = lesson_desk(by_hand)
    screen(desk)
    press(desk, "down", "down", "enter")
    assert isinstance(desk.top, WorldPlace) and desk.top.view.walk.cursor == 80


def test_a_click_opens_the_line_and_a_key(by_hand: Path) -> None:
    desk = lesson_desk(by_hand)
    row = screen(desk).splitlines().index(next(text for text in screen(desk).splitlines() if "> mx-beta says" in text))
    desk.top.click(10, row, (80, 24))
    assert isinstance(desk.top, WorldPlace)
    press(desk, "q")
    column = screen(desk).splitlines()[-1].index("F1")
    desk.top.click(column, 23, (80, 24))
    assert desk.top.dialog is not None


def test_a_prediction_on_the_page_is_answered_and_shown_there(by_hand: Path) -> None:
    desk = press(lesson_desk(by_hand), "p")
    before = screen(desk)
    assert "fog" in before and "450" not in before.split("( ) a")[0]
    press(desk, "down", "enter", "2", "q")
    assert "You said" in screen(desk) and "e78" in screen(desk)


def test_the_glossary_has_the_words_of_the_page_first(by_hand: Path) -> None:
    desk = press(lesson_desk(by_hand), "f4")
    assert screen(desk).splitlines()[2].startswith("║>envelope")
    press(desk, ":почтовый", "down", "escape")
    assert "page 1 of 3" in screen(desk)


def test_f2_speaks_russian_everywhere_and_keeps_the_place(by_hand: Path) -> None:
    desk = press(lesson_desk(by_hand), "space", "f2")
    assert language() == "ru" and "страница 2 из 3" in screen(desk) and "Письмо ждёт" in screen(desk)
    press(desk, "t", "f2", "f2")
    assert "Кто первым спросил MX" in screen(desk)
    press(desk, "q", "l", "f2")
    assert "Nothing arrives" in screen(desk)


# Questions


def test_an_answer_asks_how_sure_and_then_tells_in_order(by_hand: Path) -> None:
    desk, place = quiz_at(by_hand, 1)
    letters = {choice.id: choice.label for choice in place.draft.question.choices}  # type: ignore[union-attr]
    press(desk, letters["pc-anna"], "enter")
    assert "1, 2 or 3" in screen(desk)
    press(desk, "3")
    text = screen(desk)
    assert "One more try" in text and "dns.query" not in text, "the query would give it away"
    press(desk, "enter", letters["mail-alpha"], "enter", "1")
    text = screen(desk)
    places = [
        text.index(part) for part in ("You said: Anna's server", "Right.  +0.5", "e49", "Asked of the world: dns")
    ]
    assert places == sorted(places)
    press(desk, "enter")
    assert isinstance(desk.top, WorldPlace) and desk.top.view.walk.cursor == 49
    press(desk, "q", "n")
    assert "2 of 10" in screen(desk)


def test_letters_of_the_russian_layout_choose(by_hand: Path) -> None:
    desk, place = quiz_at(by_hand, 1)
    press(desk, "и", "enter", "3")
    assert place.feedback is not None and place.feedback.answer == place.draft.question.choices[1].text  # type: ignore[union-attr]


def test_several_are_chosen_and_unchosen(by_hand: Path) -> None:
    desk, place = quiz_at(by_hand, 2)
    letters = {choice.id: choice.label for choice in place.draft.question.choices}  # type: ignore[union-attr]
    press(desk, *letters.values(), letters["pc-anna"], "enter", "2")
    assert answered(place, "askers")


def test_a_number_takes_digits_and_leaves_letters_to_be_keys(by_hand: Path) -> None:
    desk, place = quiz_at(by_hand, 3)
    press(desk, "enter")
    assert "!" in place.message
    press(desk, "3", "backspace", *"2", "enter", "2")
    assert answered(place, "attempts")
    desk, place = quiz_at(by_hand, 3)
    press(desk, "w")
    assert isinstance(desk.top, WorldPlace)


def test_a_text_takes_every_letter_until_esc(by_hand: Path) -> None:
    desk, place = quiz_at(by_hand, 4)
    press(desk, ":anna AT alpha.", "enter", "2")
    assert answered(place, "sender")
    desk, place = quiz_at(by_hand, 4)
    press(desk, ":wn", "escape", "n")
    assert place.item.id == "stages"
    press(desk, "pageup", ":x", "escape", "tab", ":y")
    assert "> xy" in screen(desk)


def test_rows_are_put_in_order_by_moving_them(by_hand: Path) -> None:
    desk, place = quiz_at(by_hand, 5)
    draft = place.draft
    press(desk, "enter")
    assert "Nothing was moved" in place.message
    for at, wanted in enumerate(RIGHT["stages"]):
        here = [row.id for row in draft.rows].index(wanted)  # type: ignore[union-attr]
        press(desk, *["up"] * 9, *["down"] * here, "space", *["up"] * (here - at), "space")
    press(desk, "enter", "3")
    assert answered(place, "stages")


def test_pairs_are_matched_by_letters_and_arrows(by_hand: Path) -> None:
    desk, place = quiz_at(by_hand, 6)
    question = place.draft.question  # type: ignore[union-attr]
    press(desk, "enter")
    assert "no letter" in place.message
    letters = {choice.id: choice.label for choice in question.choices}
    pairs = {"25": "server to server", "587": "submission with STARTTLS", "993": "IMAP inside TLS"}
    press(desk, *(letters[pairs[row.id]] for row in question.rows))
    press(desk, "right", "left", "enter", "2")
    assert answered(place, "ports")


def test_a_gap_is_filled(by_hand: Path) -> None:
    desk, place = quiz_at(by_hand, 7)
    assert "____" in screen(desk) and "354" not in screen(desk)
    press(desk, ":354", "enter", "2")
    assert answered(place, "code")


def test_a_prediction_stands_before_its_event_and_the_world_moves_after(by_hand: Path) -> None:
    desk, place = quiz_at(by_hand, 8)
    assert place.walk is not None and place.walk.cursor < 78
    press(desk, "w", *["n"] * 5, "pagedown", "end")
    world = desk.top
    assert isinstance(world, WorldPlace) and world.view.walk.reached < 78
    assert "fog" in screen(desk) and "Greylisted" not in screen(desk, 120, 40)
    press(desk, "p")
    assert desk.top is place, "p answers, and the question is where one answers"
    letters = {choice.id: choice.label for choice in place.draft.question.choices}  # type: ignore[union-attr]
    press(desk, letters["450"], "enter", "3")
    assert answered(place, "next-attempt") and place.walk.cursor == 78
    assert "e78" in screen(desk).split("Observed")[0], "the world has moved on"


def test_an_event_is_located_in_the_world_or_on_the_wire(by_hand: Path) -> None:
    desk, place = quiz_at(by_hand, 9)
    press(desk, "w")
    world = desk.top
    assert isinstance(world, WorldPlace)
    world.view.go(43)
    press(desk, "p")
    assert desk.top is place and "e43" in screen(desk)
    press(desk, "enter", "3")
    assert answered(place, "moment")
    desk, place = quiz_at(by_hand, 9)
    press(desk, "w")
    assert isinstance(desk.top, WorldPlace)
    desk.top.view.go(44)
    screen(desk)
    press(desk, "3", "up", "p")
    assert "> e" in screen(desk)


def test_an_explanation_is_marked_by_its_writer(by_hand: Path) -> None:
    desk, place = quiz_at(by_hand, 10)
    press(desk, "enter")
    assert "!" in place.message
    press(desk, ":the queue", "enter", "a", "down", "space", "enter", "2")
    assert answered(place, "why-queue")


def test_hints_cost_nothing_and_the_solution_asks(by_hand: Path) -> None:
    desk, place = quiz_at(by_hand, 1)
    press(desk, "h", "h")
    assert "Look at the ladder" in screen(desk) and "no further hint" in place.message
    press(desk, "S", "escape")
    assert not place.quiz.states["who-asks"].done
    press(desk, "S", "y")
    assert place.quiz.states["who-asks"].done and not place.quiz.states["who-asks"].points


def test_the_score_comes_at_the_end_and_opens_the_lab(by_hand: Path) -> None:
    desk, _place = quiz_at(by_hand, 11)
    assert "Points: 0 of 10" in screen(desk)
    press(desk, "enter")
    assert isinstance(desk.top, LabPlace)


def test_a_dig_is_asked_and_handed_in_by_a_second_enter(place: Path) -> None:
    path = place / "lessons" / "01-small-lesson" / "quiz.yaml"
    text = path.read_text(encoding="utf-8")
    item = (
        "  - id: ask-mx\n    type: dig\n    ask: Ask for the exchangers.\n    command: dig beta.example MX\n"
        "    answer-from: dns.query qtype=MX | first qname\n    skill: dns.mx\n"
    )
    path.write_text(text[: text.index("  - id: who-asks")] + item, encoding="utf-8")
    (path.parent / "quiz.ru.yaml").write_text("items: {}\n", encoding="utf-8")
    (path.parent / "lesson.en.md").write_text("# A page\n", encoding="utf-8")
    desk = press(lesson_desk(place), "t", ":mx beta.example")
    quiz = desk.top
    assert isinstance(quiz, QuizPlace) and isinstance(quiz.draft, _Dug)
    press(desk, "enter")
    assert "mail.beta.example" in screen(desk) or "ANSWER" in screen(desk) or "MX" in screen(desk)
    assert not quiz.asking_sure
    press(desk, "enter", "2")
    assert answered(quiz, "ask-mx")


# Lab


def lab(where: Path) -> tuple[Desk, LabPlace]:
    desk = press(lesson_desk(where), "l")
    assert isinstance(desk.top, LabPlace)
    return desk, desk.top


def test_a_lab_runs_says_who_said_no_and_opens_the_world_there(by_hand: Path) -> None:
    desk, it = lab(by_hand)
    press(desk, "f5")
    text = screen(desk)
    assert "[ ] The letter arrives" in text and "said no: e" in text and "1 of 3 points" in text
    n = it.lab.result.goals[0].no.n  # type: ignore[union-attr]
    press(desk, "enter")
    assert isinstance(desk.top, WorldPlace) and desk.top.view.walk.cursor == n
    press(desk, "q")
    assert desk.top is it


def test_a_lab_is_solved_in_the_editor_of_the_screen(by_hand: Path) -> None:
    desk, it = lab(by_hand)
    press(desk, "e", *["down"] * 5, *["right"] * 26, "backspace", "backspace", ":25", "f5")
    assert it.lab.result is not None and it.lab.result.solved
    assert "Solved" in screen(desk)
    press(desk, "d")
    assert "+    mail  IN A    203.0.113.25" in screen(desk)
    press(desk, "escape", "u", "f5")
    assert not it.lab.result.solved


def test_a_text_that_is_no_zone_is_refused_with_the_reason_and_can_be_thrown_away(by_hand: Path) -> None:
    desk, it = lab(by_hand)
    press(desk, "e", ":nonsense here ", "escape")
    assert it.box is not None and it.problem and "Esc again" in screen(desk)
    press(desk, "escape")
    assert it.box is None and not it.lab.actions


def test_a_trap_is_told_and_reset_asks(by_hand: Path) -> None:
    desk, it = lab(by_hand)
    it.lab.edit(it.lab.lab.traps[0].cure[0])
    press(desk, "f5")
    assert "! Trap: Sending twice cures nothing." in screen(desk)
    press(desk, "R", "n")
    assert it.lab.actions
    press(desk, "К", "y")
    assert not it.lab.actions


def test_hints_and_the_solution_of_a_lab_are_shown_over_it(by_hand: Path) -> None:
    desk, _it = lab(by_hand)
    press(desk, "h")
    assert "Look at the address of mail." in screen(desk)
    press(desk, "q", "h", "q", "h")
    assert "no further hint" in screen(desk)
    press(desk, "S", "y")
    assert "203.0.113.25" in screen(desk)


def test_the_lab_asks_the_dns_of_the_world_as_it_is(by_hand: Path) -> None:
    desk, _it = lab(by_hand)
    press(desk, "colon", ":mail.beta.example", "enter")
    assert "203.0.113.99" in screen(desk, 120, 40)
    press(desk, "q", "colon", ":", "enter")
    assert isinstance(desk.top, LabPlace)


def test_the_editor_that_editor_names_gets_the_part(by_hand: Path) -> None:
    desk, it = lab(by_hand)
    press(desk, "E")
    assert "EDITOR" in it.message
    assert desk.learner is not None
    desk.learner.edit = lambda text, name: text.replace("203.0.113.99", "203.0.113.25")
    press(desk, "E")
    assert desk.pending is not None
    desk.pending()
    press(desk, "f5")
    assert it.lab.result is not None and it.lab.result.solved


def test_a_lab_is_found_as_it_was_left(by_hand: Path) -> None:
    desk, it = lab(by_hand)
    it.lab.set("zones.beta.example", it.lab.parts[0].text.replace("99", "25"))
    press(desk, "f5", "q", "l")
    assert "your changes of last time" in screen(desk)
    assert isinstance(desk.top, LabPlace) and desk.top.lab.actions


# Letters


def test_a_letter_of_ones_own_becomes_an_action_and_the_world_runs_again(place: Path) -> None:
    desk = press(
        home_desk(place), "s", "enter", "c", ":boris@beta.example", "tab", "tab", "tab", ":Mine", "down", "down"
    )
    press(desk, ":First line", "enter", ":second")
    assert isinstance(desk.top, Compose)
    press(desk, "f5")
    world = desk.top
    assert isinstance(world, WorldPlace) and "send to boris@beta.example: Mine" in screen(desk)
    records = world.view.walk.records
    assert any(record[2].name == "deliver" and record[1] > 180_000_000 for record in records)
    press(desk, "q")
    assert isinstance(desk.top, WorldPlace) and len(desk.top.view.walk.records) < len(records)


@pytest.mark.parametrize(
    ("typed", "said"), [("", "nobody would get"), ("boris", "not a mail address"), ("b@gmail.com", "real world")]
)
def test_a_letter_that_cannot_go_is_refused_in_words(place: Path, typed: str, said: str) -> None:
    desk = press(home_desk(place), "s", "enter", "c", f":{typed}", "f5")
    assert isinstance(desk.top, Compose) and said in screen(desk, 120, 40)


def test_leaving_a_written_letter_asks_and_an_empty_one_does_not(place: Path) -> None:
    desk = press(home_desk(place), "s", "enter", "c", "escape")
    assert isinstance(desk.top, WorldPlace)
    press(desk, "с", ":x", "escape")
    assert "Leave the letter unsent?" in screen(desk)
    press(desk, "y")
    assert isinstance(desk.top, WorldPlace)


def test_no_password_and_no_control_octet_is_on_any_screen(by_hand: Path) -> None:
    set_language("en")
    desk = press(home_desk(by_hand), "enter", "w", "c", "escape", "q", "l", "e")
    desk.top.paste("\x1b]0;x\x07 evil")
    for _ in range(4):
        for size in ((80, 24), (120, 40)):
            text = screen(desk, *size)
            assert "\x1b" not in text and "\x07" not in text and "correct-horse" not in text
        press(desk, "escape")


def test_that_nothing_can_be_kept_is_said_once_and_the_questions_go_on(by_hand: Path) -> None:
    desk = home_desk(by_hand)
    (by_hand / "home").write_text("a file where a folder should be", encoding="utf-8")
    press(desk, "t", "a", "enter", "2")
    assert "MAILFLOW_HOME" in desk.top.message or "cannot be" in desk.top.message
    press(desk, "n", "a", "enter", "2")
    assert isinstance(desk.top, QuizPlace) and desk.top.feedback is not None
    assert "cannot be" not in desk.top.message


def test_a_damaged_progress_is_told_at_home(by_hand: Path) -> None:
    (by_hand / "home").mkdir()
    (by_hand / "home" / "progress.jsonl").write_text("{torn", encoding="utf-8")
    assert "is damaged" in home_desk(by_hand).top.message


def test_p_in_a_world_that_asks_nothing_says_so(by_hand: Path) -> None:
    desk = press(lesson_desk(by_hand), "w", "p")
    assert "no question is open here" in screen(desk)
