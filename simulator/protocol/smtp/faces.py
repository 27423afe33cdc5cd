"""The four faces of the one SMTP core, as data.

Relay, submission and local delivery speak the same protocol and differ in a handful of rules; they stand side by side
here instead of in four classes. RFC 5321 (relay), 6409 (submission), 8314 (submissions), 2033 (LMTP).
"""

from dataclasses import dataclass
from typing import Final


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Face:
    """What sets one face apart; it equals only itself.

    `greets_as` stands in the greeting; `hello` are the verbs that open a session; with `implicit_tls` the connection
    is encrypted from its first octet (RFC 8314, 3.3); with `needs_auth` no mail is taken from strangers (RFC 6409,
    4.3); with `reply_each` the end of data is answered once for each accepted recipient (RFC 2033, 4.2).
    """

    name: str
    port: int
    greets_as: str = "ESMTP"
    hello: tuple[str, ...] = ("EHLO", "HELO")
    implicit_tls: bool = False
    needs_auth: bool = False
    reply_each: bool = False


RELAY: Final = Face(name="relay", port=25)
SUBMISSION: Final = Face(name="submission", port=587, needs_auth=True)
SUBMISSIONS: Final = Face(name="submissions", port=465, needs_auth=True, implicit_tls=True)
LMTP: Final = Face(name="lmtp", port=24, greets_as="LMTP", hello=("LHLO",), reply_each=True)

FACES: Final = {face.name: face for face in (RELAY, SUBMISSION, SUBMISSIONS, LMTP)}
