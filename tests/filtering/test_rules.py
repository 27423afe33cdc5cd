"""The rules: each catches its own letter, none the good one, and no octets make them fail."""

from __future__ import annotations

import base64

import pytest
from hypothesis import given
from hypothesis import strategies as st

from simulator.filtering.letter import Letter
from simulator.filtering.report import answer, fields, marked, report
from simulator.filtering.rules import GTUBE_TEXT, RULES, THRESHOLD, points, score

GOOD = {
    "From": "Anna Akhmetova <anna@alpha.example>",
    "To": "boris@beta.example",
    "Date": "Sat, 23 Mar 2024 18:30:00 +0500",
    "Message-ID": "<1@alpha.example>",
    "Subject": "=?utf-8?B?0J7QsdC10LQ/?=",
}


def letter(
    text: str = "Привет! Обед сегодня в 12:30?\n", *, without: str = "", kind: str = "plain", **changed: str
) -> bytes:
    """A letter in base64, with fields left out or changed (`Reply_To` is Reply-To)."""
    header = GOOD | {name.replace("_", "-"): value for name, value in changed.items()}
    header.pop(without, None)
    lines = [f"{name}: {value}" for name, value in header.items()]
    lines += [f"Content-Type: text/{kind}; charset=utf-8", "Content-Transfer-Encoding: base64", ""]
    return "\r\n".join([*lines, base64.encodebytes(text.encode()).decode().replace("\n", "\r\n")]).encode()


CAUGHT = {
    "GTUBE": letter(f"Hello\n{GTUBE_TEXT}\n"),
    "MISSING_SUBJECT": letter(Subject=" "),
    "MISSING_DATE": letter(without="Date"),
    "MISSING_FROM": letter(without="From"),
    "MISSING_HEADERS": letter(without="To"),
    "MISSING_MID": letter(without="Message-ID"),
    "SUBJ_ALL_CAPS": letter(Subject="Re: СРОЧНО ПРОЧТИ МЕНЯ"),
    "PLING_PLING": letter(Subject="Free!!!"),
    "FREEMAIL_FROM": letter(From="x@GMAIL.com"),
    "FREEMAIL_FORGED_REPLYTO": letter(Reply_To="Prize desk <claims@mail.ru>"),
    "MIME_HTML_ONLY": letter("<p>Lunch?</p>", kind="html"),
    "NORMAL_HTTP_TO_IP": letter("See http://192.0.2.66/login now"),
    "DRUGS_ERECTILE": letter("Cheap v1agra"),
    "LOCAL_LOTTERY": letter("Поздравляем! Вы\nвыиграли автомобиль."),
    "LOCAL_EASY_MONEY_RU": letter("Лёгкий заработок для всех"),
    "LOCAL_THREAT": letter("Ваш аккаунт будет заблокирован"),
}


@pytest.mark.parametrize("rule", RULES, ids=lambda rule: rule.name)
def test_a_rule_catches_its_letter_and_no_other_rule_does(rule) -> None:
    verdict = score(CAUGHT[rule.name])
    assert [hit.name for hit in verdict.rules] == [rule.name]
    assert verdict.score == rule.score and verdict.spam == (rule.score >= THRESHOLD)


def test_a_good_letter_scores_nothing() -> None:
    verdict = score(letter())
    assert (verdict.score, verdict.threshold, verdict.spam, verdict.names) == (0, 50, False, "none")


@pytest.mark.parametrize(
    ("name", "octets"),
    [
        ("SUBJ_ALL_CAPS", letter(Subject="SALE")),
        ("SUBJ_ALL_CAPS", letter(Subject="RE: Lunch today")),
        ("SUBJ_ALL_CAPS", letter(Subject="12:30 24.03.2024")),
        ("PLING_PLING", letter(Subject="Hooray!!")),
        ("FREEMAIL_FORGED_REPLYTO", letter(From="a@mail.ru", Reply_To="b@mail.ru")),
        ("NORMAL_HTTP_TO_IP", letter("http://192.0.2.1.example/ and 192.0.2.1")),
        ("DRUGS_ERECTILE", letter("a specialist in viagraphy")),
        ("LOCAL_LOTTERY", letter("Мы выиграли матч, а вы проиграли")),
        ("GTUBE", letter(GTUBE_TEXT[:-1])),
        ("MIME_HTML_ONLY", letter("plain")),
    ],
)
def test_what_only_looks_alike_is_left_alone(name: str, octets: bytes) -> None:
    assert name not in score(octets).names.split(",")


@pytest.mark.parametrize(
    "text",
    ["Вы вы\u200bиграли!", "ВЫ  ВЫИГРАЛИ", "Вы\tвыиграли", "(You\r\n have\tWON)", "--claim  your\nprize"],
)
def test_hidden_characters_case_and_space_do_not_hide_words(text: str) -> None:
    assert "LOCAL_LOTTERY" in score(letter(text)).names


def test_words_are_found_behind_markup_and_in_the_subject() -> None:
    hidden = "<p>You have <b>w</b>on</p>"
    assert "LOCAL_LOTTERY" not in score(letter(hidden, kind="html")).names
    assert "LOCAL_LOTTERY" in score(letter("<p>You <i>have</i> won</p>", kind="html")).names
    assert "LOCAL_LOTTERY" in score(letter("v&#105;agra claim your prize", kind="html")).names
    assert "DRUGS_ERECTILE" in score(letter("v&#105;agra", kind="html")).names
    assert "LOCAL_LOTTERY" in score(letter(Subject="You have won")).names


def test_points_add_up_and_the_threshold_can_move() -> None:
    octets = letter("http://192.0.2.66/ Вы выиграли", Subject="СРОЧНО ПРОЧТИ!!!")
    verdict = score(octets)
    assert verdict.names == "SUBJ_ALL_CAPS,PLING_PLING,NORMAL_HTTP_TO_IP,LOCAL_LOTTERY"
    assert (verdict.score, verdict.spam) == (75, True)
    assert score(octets, threshold=75).spam and not score(octets, threshold=76).spam


def test_rule_names_are_unique_and_all_have_a_letter() -> None:
    names = [rule.name for rule in RULES]
    assert len(set(names)) == len(names) and set(names) == set(CAUGHT)


NEEDED = [b"Subject", b"Date", b"From", b"To", b"Message-ID", b"Reply-To", b"X"]
LINES = st.tuples(
    st.sampled_from(NEEDED), st.sampled_from([b"", b" ", b" \t\r\n \x0b", b" x", b" a@gmail.com", b" !!!"])
)
WORDS = st.lists(
    st.sampled_from([b"you", b"won", b"levitra", b"act", b"now", b"\n", b".", b"http://192.0.2.1", b"lunch"])
)


@given(st.lists(LINES, max_size=9), st.permutations(NEEDED), st.integers(0, 7), WORDS)
def test_most_rules_are_not_asked_in_vain(
    lines: list[tuple[bytes, bytes]], filled: list[bytes], count: int, words: list[bytes]
) -> None:
    header = [name + b":" + value for name, value in (*lines, *((name, b" x") for name in filled[:count]))]
    octets = b"\r\n".join([*header, b"", b" ".join(words)])
    seen = Letter(octets)
    assert score(octets).rules == tuple(rule for rule in RULES if rule.matches(seen))


@given(st.binary(max_size=300))
def test_no_octets_make_the_rules_fail(octets: bytes) -> None:
    assert score(octets).score >= 0
    assert score(b"Subject: " + octets).threshold == THRESHOLD


@pytest.mark.parametrize(
    "octets",
    [
        b"",
        b"\r\n",
        b"X" * 1_000_000,
        b"Subject: " + b"a" * 500_000 + b"\r\n\r\nx",
        b"Content-Type: text/html\r\n\r\n" + b"<" * 200_000,
        b"Content-Type: text/html\r\n\r\n" + b"&#" * 200_000,
        b"Content-Type: multipart/mixed; boundary=a\r\n\r\n" + b"--a\r\n\r\nx\r\n" * 5_000,
        b"From: " + b"<(" * 20_000 + b"\r\n\r\n",
    ],
    ids=range(8),
)
def test_a_hostile_letter_is_judged_all_the_same(octets: bytes) -> None:
    assert score(octets).rules


@pytest.mark.parametrize(
    ("tenths", "shown"), [(0, "0.0"), (50, "5.0"), (-1, "-0.1"), (-12, "-1.2"), (10_000, "1000.0")]
)
def test_points_are_shown_with_one_decimal(tenths: int, shown: str) -> None:
    assert points(tenths) == shown


# --- what goes back over the wire ------------------------------------------------------------------------------------

SPAM = letter("Вы выиграли http://192.0.2.66/", Subject="СРОЧНО ПРОЧТИ")


def test_the_report_is_a_table() -> None:
    assert report(score(SPAM)).split("\r\n") == [
        "Content analysis details:   (6.0 points, 5.0 required)",
        "",
        " pts rule name               description",
        "---- ----------------------- --------------------------------------------------",
        " 1.5 SUBJ_ALL_CAPS           the subject is all capitals",
        " 2.0 NORMAL_HTTP_TO_IP       a link to a bare IP address",
        " 2.5 LOCAL_LOTTERY           promises a prize",
        "",
    ]
    assert "\r\n1000 GTUBE  " in report(score(CAUGHT["GTUBE"]))


def test_the_marked_letter_keeps_its_octets() -> None:
    octets = marked(SPAM, score(SPAM))
    assert octets.endswith(SPAM)
    assert octets[: -len(SPAM)].decode().split("\r\n") == [
        "X-Spam-Checker-Version: mailflow-simulator",
        "X-Spam-Flag: YES",
        "X-Spam-Level: ******",
        "X-Spam-Status: Yes, score=6.0 required=5.0",
        "\ttests=SUBJ_ALL_CAPS,",
        "\tNORMAL_HTTP_TO_IP,",
        "\tLOCAL_LOTTERY",
        "",
    ]


def test_a_good_letter_is_marked_without_a_flag() -> None:
    assert fields(score(letter())) == (
        "X-Spam-Checker-Version: mailflow-simulator\r\nX-Spam-Status: No, score=0.0 required=5.0\r\n\ttests=none\r\n"
    )


def test_each_command_has_its_own_answer() -> None:
    bad, good = score(SPAM), score(letter())
    assert answer("CHECK", SPAM, bad) == b""
    assert answer("SYMBOLS", SPAM, bad) == b"SUBJ_ALL_CAPS,NORMAL_HTTP_TO_IP,LOCAL_LOTTERY"
    assert answer("SYMBOLS", letter(), good) == b""
    assert answer("REPORT", letter(), good) == report(good).encode()
    assert answer("REPORT_IFSPAM", letter(), good) == b""
    assert answer("REPORT_IFSPAM", SPAM, bad) == report(bad).encode()
    assert answer("PROCESS", SPAM, bad) == marked(SPAM, bad)
    head = answer("HEADERS", SPAM, bad)
    assert head.endswith(b"\r\n\r\n") and marked(SPAM, bad).startswith(head)
