"""Service extensions: which keywords are built, and how EHLO announces them.

What is not offered is refused (RFC 5321, 2.2 and 4.1.1.1). HELP needs no keyword, as RFC 5321, 4.5.1 does not list it
among the extensions; ETRN is never offered.
"""

from collections.abc import Iterable, Mapping
from functools import lru_cache
from typing import Final

from simulator.errors import LocalProtocolError
from simulator.protocol.smtp.replies import Reply

BUILT: Final = (
    "PIPELINING", "SIZE", "VRFY", "EXPN", "STARTTLS", "AUTH", "ENHANCEDSTATUSCODES", "8BITMIME", "DSN", "SMTPUTF8",
    "CHUNKING", "LIMITS",
)  # fmt: skip
"""Keywords that the core can offer, in Postfix's order: RFC 2920, 1870, 5321, 5321, 3207, 4954, 2034, 6152, 3461, 6531,
3030, 9422."""

USUAL: Final = tuple([word for word in BUILT if word != "EXPN"])
"""What a server offers that was not told otherwise: all but who is behind a list (RFC 5321, 7.3)."""

_USUAL: Final = frozenset(USUAL)


def checked(offers: Iterable[str]) -> frozenset[str]:
    """Give the keywords as a set. Raises `LocalProtocolError` for one that is not built."""
    if offers is USUAL:
        return _USUAL
    wanted = frozenset(offers)
    unknown = sorted(wanted.difference(BUILT))
    if unknown:
        raise LocalProtocolError(f"extension {unknown[0]} is not built; choose from {', '.join(BUILT)}")
    return wanted


def hello_reply(
    hostname: str, offers: frozenset[str], size_limit: int, recipient_limit: int, mechanisms: tuple[str, ...]
) -> Reply:
    """Build the reply to EHLO: the server's name, then what it offers; AUTH only where there are mechanisms."""
    lines = {
        "SIZE": f"SIZE {size_limit}",
        "AUTH": f"AUTH {' '.join(mechanisms)}",
        "LIMITS": f"LIMITS RCPTMAX={recipient_limit}",  # RFC 9422, 4.2
    }
    offered = [lines.get(word, word) for word in BUILT if word in offers and (word != "AUTH" or mechanisms)]
    return Reply(250, "", (hostname, *offered))


def parse_hello(reply: Reply) -> Mapping[str, str]:
    """Read the reply to EHLO: keyword in upper case -> its arguments as text, "" where there are none."""
    return _offered(reply.lines)


@lru_cache(maxsize=256)
def _offered(lines: tuple[str, ...]) -> Mapping[str, str]:
    found: dict[str, str] = {}
    for line in lines[1:]:
        keyword, _, argument = line.partition(" ")
        if keyword:
            found[keyword.upper()] = argument.strip()
    return found
