"""What a filter sends back about a letter: the names of rules, a report, or the letter with X-Spam fields.

The texts are SpamAssassin's forms, because that is what students meet in their own mailboxes; they are wire text and
never translated. Source: spamd/PROTOCOL and the default templates of SpamAssassin.
"""

from __future__ import annotations

from typing import Final

from simulator.filtering.rules import Verdict, points
from simulator.message.header import split_message

CHECKER: Final = "mailflow-simulator"
_LEVEL_STARS: Final = 50


def answer(command: str, octets: bytes, verdict: Verdict) -> bytes:
    """The content that goes with a reply to that command of the spamd protocol; b"" for CHECK."""
    if command == "SYMBOLS":
        return verdict.names.encode() if verdict.rules else b""
    if command == "REPORT" or (command == "REPORT_IFSPAM" and verdict.spam):
        return report(verdict).encode()
    if command == "PROCESS":
        return marked(octets, verdict)
    if command == "HEADERS":
        return split_message(marked(octets, verdict))[0]
    return b""


def report(verdict: Verdict) -> str:
    """The table of rules that hit, CRLF line ends."""
    lines = [
        f"Content analysis details:   ({points(verdict.score)} points, {points(verdict.threshold)} required)",
        "",
        " pts rule name               description",
        "---- ----------------------- --------------------------------------------------",
    ]
    for rule in verdict.rules:
        shown = points(rule.score) if rule.score < 1_000 else str(rule.score // 10)  # the column has 4 places
        lines.append(f"{shown:>4} {rule.name:<23} {rule.description}")
    return "\r\n".join((*lines, ""))


def marked(octets: bytes, verdict: Verdict) -> bytes:
    """The letter with X-Spam fields on top; the octets below are untouched, a forged X-Spam field among them."""
    return fields(verdict).encode() + octets


def fields(verdict: Verdict) -> str:
    """The X-Spam fields, CRLF line ends, folded one rule name a line where they are long."""
    lines = [f"X-Spam-Checker-Version: {CHECKER}"]
    if verdict.spam:
        lines.append("X-Spam-Flag: YES")
    stars = min(verdict.score // 10, _LEVEL_STARS)
    if stars > 0:
        lines.append(f"X-Spam-Level: {'*' * stars}")
    answer = "Yes" if verdict.spam else "No"
    status = f"X-Spam-Status: {answer}, score={points(verdict.score)} required={points(verdict.threshold)}"
    tests = verdict.names.replace(",", ",\r\n\t")
    lines += [status, f"\ttests={tests}"]
    return "\r\n".join((*lines, ""))
