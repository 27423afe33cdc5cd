"""State diagrams say what the tables say, for each protocol that has one."""

import pytest

from simulator.protocol import diagram
from simulator.protocol.imap import table as imap
from simulator.protocol.pop3 import table as pop3
from simulator.protocol.smtp import states as smtp

TABLES = {"SMTP": smtp.TABLE, "POP3": pop3.TABLE, "IMAP": imap.TABLE}


@pytest.mark.parametrize("name", TABLES)
def test_every_command_is_an_arrow_once(name: str) -> None:
    table = TABLES[name]
    moves = {(state, verb, target) for state, row in table.items() for verb, target in row.items()}
    assert {(a, verb, b) for a, b, verbs in diagram.edges(table) for verb in verbs} == moves
    assert len([verb for _, _, verbs in diagram.edges(table) for verb in verbs]) == len(moves)


@pytest.mark.parametrize("name", TABLES)
def test_both_drawings_name_every_state_and_command(name: str) -> None:
    table = TABLES[name]
    start = next(iter(table))
    for drawing in (diagram.as_text(table, title=name), diagram.as_mermaid(table, start=start)):
        for state, row in table.items():
            assert str(state.value) in drawing
            assert all(verb in drawing for verb in row)
    assert max(map(len, diagram.as_text(table, title=name).splitlines())) <= 100


def test_the_drawing_of_smtp_reads_so() -> None:
    lines = smtp.drawing().splitlines()
    assert lines[0] == "SMTP: commands in each state, and the state after a positive reply"
    start = lines.index("rcpt")
    assert lines[start : start + 7] == [
        "rcpt",
        "    --> ready                EHLO HELO BDAT-LAST RSET",
        "    stays                    RCPT NOOP VRFY EXPN HELP",
        "    --> data                 DATA",
        "    --> chunks               BDAT",
        "    --> closed               QUIT",
        "",
    ]
    assert lines[-2:] == ["closed", "    (the end)"]


def test_lmtp_says_hello_in_its_own_way() -> None:
    assert "LHLO" not in smtp.drawing()
    assert "EHLO" not in smtp.drawing(hello=("LHLO",), name="LMTP")
    assert "LHLO" in smtp.mermaid(hello=("LHLO",))


def test_the_mermaid_diagram_begins_and_ends() -> None:
    lines = smtp.mermaid().splitlines()
    assert lines[0] == "stateDiagram-v2"
    assert "    [*] --> s0" in lines
    assert "    s1 --> s2 : EHLO, HELO" in lines
    assert lines[-1] == "    s8 --> [*]"
