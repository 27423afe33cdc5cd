"""Plain mode of the desk: home, a whole lesson, questions of every type, lab, letter, words; it ends with its input."""

from __future__ import annotations

import io
from pathlib import Path

import pytest

from simulator.text import language, set_language
from simulator.tui.plain_desk import PlainDesk
from simulator.tui.plain_home import HomeLevel
from tests.tui.desk_files import RIGHT
from tests.tui.desks import learner_in


def said(where: Path, *lines: str, ascii_only: bool = False) -> str:
    """What plain home answers to lines of input."""
    output = io.StringIO()
    desk = PlainDesk(learner_in(where), ascii_only=ascii_only)
    assert desk.run(HomeLevel(desk), io.StringIO("".join(f"{line}\n" for line in lines)), output) == 0
    text = output.getvalue()
    assert "\x1b" not in text and "\t" not in text
    return text


def letters(where: Path, number: int) -> dict[str, str]:
    """The letters of the options of a question."""
    from simulator.tui.home import open_session

    quiz = open_session(learner_in(where), where / "lessons" / "01-small-lesson").quiz()
    assert quiz is not None
    question = quiz.question(quiz.items[number - 1].id)
    return {choice.id: choice.label for choice in question.choices} | {row.id: row.label for row in question.rows}


def test_home_says_where_to_go_on_and_an_empty_line_goes(by_hand: Path) -> None:
    text = said(by_hand, "", "", "q", "q")
    assert "Go on: 01 A small lesson" in text
    assert "page 1 of 3" in text and "page 2 of 3" in text
    assert text.count("mailflow   E-mail from A to Z") == 2


@pytest.mark.parametrize("given", [("1",), ("small-lesson",), ("lesson",)])
def test_home_opens_a_lesson_by_number_or_id(by_hand: Path, given: tuple[str, ...]) -> None:
    text = said(by_hand, *given)
    assert "page 1 of 3" in text


def test_what_is_no_command_is_answered_and_help_lists_them(by_hand: Path) -> None:
    text = said(by_hand, "9", "no such thing", "help", "1", "page 7", "page 3", "next", "pages", "help")
    assert "there is no lesson '9'" in text and "! " in text
    assert "opens a lesson" in text
    assert "from 1 to 3" in text and "this was the last page" in text
    assert "  2  The letter waits" in text


def test_the_world_of_a_page_opens_at_its_step_and_q_comes_back(by_hand: Path) -> None:
    text = said(by_hand, "1", "world", "n", "q", "world e4", "q", "world e999")
    assert "e78/90" in text and "e80/90" in text and "e4/90" in text
    assert "there is no event" in text


def test_words_are_told_and_the_glossary_is_everywhere(by_hand: Path) -> None:
    text = said(by_hand, "words envelope", "words zzz", "1", "words", "words queue")
    assert "envelope (конверт)" in text and "no word is called so" in text
    assert "queue: Letters that a server has accepted" in text


def test_commands_work_on_the_russian_layout(by_hand: Path) -> None:
    assert "page 2 of 3" in said(by_hand, "1", "т")


def test_the_language_switches_at_every_level(by_hand: Path) -> None:
    text = said(by_hand, "1", "language", "", "quiz", "language en", "q", "lab", "language ru")
    assert "Письмо ждёт" in text and "Who asked first" in text and "Лабораторная" in text
    assert language() == "ru"


def test_a_wrong_answer_an_unreadable_one_and_the_hint(by_hand: Path) -> None:
    known = letters(by_hand, 1)
    text = said(
        by_hand, "quiz", "zzz", "hint", "hint", known["pc-anna"], "perhaps", "certain", known["mail-alpha"], "1"
    )
    assert "none of the answers" in text and "Look at the ladder." in text and "no further hint" in text
    assert "How sure are you? Type one of" in text
    assert "One more try" in text and "Right.  +0.5" in text and "e49" in text
    lines = (by_hand / "home" / "progress.jsonl").read_text(encoding="utf-8").splitlines()
    assert len([line for line in lines if "who-asks" in line]) == 2


def test_a_prediction_keeps_the_fog_until_it_is_answered(by_hand: Path) -> None:
    text = said(by_hand, "1", "predict", "world", "n", "n", "/ smtp.reply code=450", "q", "world e90")
    assert "The world stands before event 78" in text and "Greylisted" not in text.split("Commands: type")[1]
    assert "waits for your answer" in text
    text = said(by_hand, "1", "predict", letters(by_hand, 8)["450"], "2", "world", "q", "")
    assert "Right." in text and "e78/90" in text and "page 1 of 3" in text.split("Right.")[1]


def test_the_solution_ends_a_question(by_hand: Path) -> None:
    text = said(by_hand, "quiz", "solution", "next", "back", "repeat", "score")
    assert "answered already" in text and "Points: 0 of 10" in text


def test_a_whole_lesson_in_plain_mode_in_russian(by_hand: Path) -> None:
    set_language("ru")
    choose = [letters(by_hand, number) for number in range(1, 11)]
    pairs = {"25": "server to server", "587": "submission with STARTTLS", "993": "IMAP inside TLS"}
    match = " ".join(f"{choose[5][row]}{choose[5][partner]}" for row, partner in pairs.items())
    answers = [
        choose[0]["mail-alpha"], " ".join(choose[1][name] for name in RIGHT["askers"]), "2", "anna@alpha.example",
        " ".join(choose[4][name] for name in RIGHT["stages"]), match, "354", choose[7]["450"], "e43",
    ]  # fmt: skip
    lines = ["1", "", "", "quiz"]
    for answer in answers:
        lines += [answer, "2", ""]
    lines += ["Письмо ждёт в очереди", "фи", "3", "", "lab", "run", "add beta.example mail IN A 203.0.113.25"]
    lines += ["remove zones.beta.example mail IN A 203.0.113.99", "run", "q", "q", "q"]
    text = said(by_hand, *lines)
    assert text.count("Верно.") == 10
    assert "Баллы: 10 из 10. Нужно 7. Зачтено." in text
    assert "Решено: все цели достигнуты" in text
    assert "[пройден]  10/10" in text


def test_a_lab_is_worked_by_words(by_hand: Path) -> None:
    text = said(
        by_hand, "lab", "show beta.example", "set zones.beta.example", "set people x", "show nothing", "run", "hint", "dig mail.beta.example",
        "world", "q", "set timeline.1.subject Changed", "parts", "diff", "undo", "undo", "solution", "reset", "reset yes", "edit",
        "task", "help",
    )  # fmt: skip
    for wanted in (
        "  mail  IN A    203.0.113.99", "write: set PATH VALUE", "not yours to change", "name one of", "said no: e",
        "Look at the address of mail.", "203.0.113.99", "(changed)", "+    subject: Changed", "taken back",
        "nothing to take back", "reset yes", "as at the start", "EDITOR",
    ):  # fmt: skip
        assert wanted in text, wanted


def test_a_letter_is_written_by_words(by_hand: Path) -> None:
    text = said(
        by_hand, "play small", "compose", "from nobody@alpha.example", "send", "to boris@beta.example", "subject Mine",
        "text Hello", "attach x", "show", "send", "n", "q", "q",
    )  # fmt: skip
    assert "here these can send" in text and "nobody would get this letter" in text
    assert "send to boris@beta.example: Mine" in text and "the files of this world" in text


def test_review_and_progress_are_there(by_hand: Path) -> None:
    said(by_hand, "quiz", "next", "next", "1", "1", "1", "1")
    text = said(by_hand, "review", "progress")
    assert "nothing comes back today" in text and "smtp.queue" in text


def test_a_damaged_progress_is_told_once(by_hand: Path) -> None:
    (by_hand / "home").mkdir()
    (by_hand / "home" / "progress.jsonl").write_text("no json\n", encoding="utf-8")
    assert said(by_hand, "1", "next").count("is damaged") == 1


def test_ascii_and_the_end_of_input(by_hand: Path) -> None:
    assert said(by_hand, "1", "quiz", "lab", ascii_only=True).replace("«", "").isascii()
    assert said(by_hand)
