"""Service extensions: which keywords are built, how EHLO announces them, which parameters of MAIL they bring.

What is not offered is refused, so offer and refusal read the same table (RFC 5321, 2.2 and 4.1.1.1).
"""

from collections.abc import Iterable
from functools import lru_cache
from typing import Final

from simulator.errors import LocalProtocolError
from simulator.protocol.smtp.replies import Reply

BUILT: Final = ("PIPELINING", "SIZE", "VRFY", "STARTTLS", "AUTH", "ENHANCEDSTATUSCODES", "8BITMIME")
"""Keywords that the core can offer, in Postfix's order (RFC 2920, 1870, 5321, 3207, 4954, 2034, 6152)."""

MAIL_PARAMETERS: Final = {"SIZE": "SIZE", "BODY": "8BITMIME", "AUTH": "AUTH"}
"""Parameter of MAIL -> the extension that must be offered for it. RCPT has none yet."""

BODIES: Final = frozenset({"7BIT", "8BITMIME"})
"""Values of BODY (RFC 6152, 3)."""


_ALL: Final = frozenset(BUILT)


def checked(offers: Iterable[str]) -> frozenset[str]:
    """Give the keywords as a set. Raises `LocalProtocolError` for one that is not built."""
    if offers is BUILT:
        return _ALL
    wanted = frozenset(offers)
    unknown = sorted(wanted.difference(BUILT))
    if unknown:
        raise LocalProtocolError(f"extension {unknown[0]} is not built; choose from {', '.join(BUILT)}")
    return wanted


@lru_cache(maxsize=256)
def hello_lines(offers: frozenset[str], size_limit: int, mechanisms: tuple[str, ...]) -> tuple[str, ...]:
    """Build the lines of the reply to EHLO without the server's name; AUTH only where there are mechanisms."""
    lines = {"SIZE": f"SIZE {size_limit}", "AUTH": f"AUTH {' '.join(mechanisms)}"}
    return tuple([lines.get(word, word) for word in BUILT if word in offers and (word != "AUTH" or mechanisms)])


@lru_cache(maxsize=256)
def hello_reply(hostname: str, keywords: tuple[str, ...]) -> Reply:
    """Build the reply to EHLO: the name of the server, then a line for each keyword with its arguments."""
    return Reply(250, "", (hostname, *keywords))


def parse_hello(reply: Reply) -> dict[str, str]:
    """Read the reply to EHLO: keyword in upper case -> its arguments as text, "" where there are none."""
    found: dict[str, str] = {}
    for line in reply.lines[1:]:
        keyword, _, argument = line.partition(" ")
        if keyword:
            found[keyword.upper()] = argument.strip()
    return found
