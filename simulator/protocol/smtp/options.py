"""The parameters of MAIL and RCPT: what each means, what it must look like, and how a client writes it.

One table a command: keyword -> the extension that must be offered and the reader of its value; offer, check and refusal
read it. RFC 1870 (SIZE), 6152 (BODY), 6531 (SMTPUTF8), 3461 (RET, ENVID, NOTIFY, ORCPT), 4954 (AUTH).
"""

import re
from collections.abc import Callable, Mapping
from typing import Final, NamedTuple, TypeVar

from simulator.errors import LocalProtocolError
from simulator.protocol.smtp import replies
from simulator.protocol.smtp.replies import Reply, echo, reply
from simulator.protocol.smtp.xtext import decode_xtext, encode_xtext

BODIES: Final = frozenset({"7BIT", "8BITMIME"})
"""Values of BODY (RFC 6152, 3); BINARYMIME (RFC 3030) is not built."""
NOTIFY: Final = ("SUCCESS", "FAILURE", "DELAY")
"""Values of NOTIFY that may stand together; NEVER stands alone (RFC 3461, 4.1)."""
_RETURN: Final = ("FULL", "HDRS")
_PARAMETER: Final = re.compile(r"[A-Za-z0-9][A-Za-z0-9-]*(?:=[!-<>-~]+)?")  # RFC 5321, 4.1.2: esmtp-param
_SIZE: Final = re.compile(r"[0-9]{1,20}")  # RFC 1870, 3
_ADDRESS_TYPE: Final = re.compile(r"[A-Za-z0-9-]{1,64}")
_ENVID_LENGTH: Final = 100  # RFC 3461, 4.4
_ORCPT_LENGTH: Final = 500  # RFC 3461, 4.2

Parameters = tuple[tuple[str, str], ...]
"""Parameters in their order: keyword in upper case and value, "" where there is none."""


class MailOptions(NamedTuple):
    """What MAIL says beside the reverse-path.

    `size` is declared octets or None; `body` is 7BIT, 8BITMIME or ""; `utf8` declares addresses or header in UTF-8;
    `ret` is FULL, HDRS or "" and `envid` the envelope's identifier for bounces; `auth` is who submitted, "" for <>.
    """

    size: int | None = None
    body: str = ""
    utf8: bool = False
    ret: str = ""
    envid: str = ""
    auth: str | None = None


class RecipientOptions(NamedTuple):
    """What RCPT says beside the forward-path: when to notify (() if not said), and the original recipient as
    `type;address`, decoded.
    """

    notify: tuple[str, ...] = ()
    orcpt: str = ""


Options = TypeVar("Options", MailOptions, RecipientOptions)
Reader = Callable[[Options, str], Options | Reply | None]
"""Gives the options with the value in them, the reply that refuses it, or None for "no such option"."""


def read(
    text: str, start: Options, table: Mapping[str, tuple[str, Reader[Options]]], offered: frozenset[str]
) -> tuple[Options, Parameters] | Reply:
    """Read `KEY=value KEY ...`; each keyword once (RFC 3461, 4.1 to 4.4), and only what is offered."""
    parameters: list[tuple[str, str]] = []
    options = start
    for option in filter(None, text.split(" ")):
        keyword, _, value = option.partition("=")
        keyword = keyword.upper()
        extension, reader = table.get(keyword, ("", None))
        if reader is None or extension not in offered or _PARAMETER.fullmatch(option) is None:
            return unsupported(option)
        if any(keyword == known for known, _ in parameters):
            return reply(501, "5.5.4", f"Error: {keyword} parameter given twice")
        outcome = reader(options, value)
        if outcome is None or isinstance(outcome, Reply):
            return outcome or unsupported(option)
        options = outcome
        parameters.append((keyword, value))
    return options, tuple(parameters)


def unsupported(option: str) -> Reply:
    """Refuse a parameter that no offered extension brings (RFC 5321, 4.1.1.11)."""
    return reply(555, "5.5.4", f"Unsupported option: {echo(option)}")


def _bad(keyword: str) -> Reply:
    return reply(501, "5.5.4", f"Error: Bad {keyword} parameter syntax")


def _size(options: MailOptions, value: str) -> MailOptions | Reply | None:
    return replies.BAD_SIZE if _SIZE.fullmatch(value) is None else options._replace(size=int(value))


def _body(options: MailOptions, value: str) -> MailOptions | Reply | None:
    return options._replace(body=value.upper()) if value.upper() in BODIES else None


def _utf8(options: MailOptions, value: str) -> MailOptions | Reply | None:
    return None if value else options._replace(utf8=True)  # RFC 6531, 3.4: no value


def _ret(options: MailOptions, value: str) -> MailOptions | Reply | None:
    return options._replace(ret=value.upper()) if value.upper() in _RETURN else _bad("RET")


def _envid(options: MailOptions, value: str) -> MailOptions | Reply | None:
    envid = decode_xtext(value) if len(value) <= _ENVID_LENGTH else None
    return _bad("ENVID") if not envid else options._replace(envid=envid)


def _auth(options: MailOptions, value: str) -> MailOptions | Reply | None:
    name = decode_xtext(value)
    return _bad("AUTH") if not name else options._replace(auth="" if name == "<>" else name)


def _notify(options: RecipientOptions, value: str) -> RecipientOptions | Reply | None:
    words = tuple(value.upper().split(","))
    known = words == ("NEVER",) or (len(set(words)) == len(words) and all(word in NOTIFY for word in words))
    return options._replace(notify=words) if known else _bad("NOTIFY")


def _orcpt(options: RecipientOptions, value: str) -> RecipientOptions | Reply | None:
    kind, mark, text = value.partition(";")
    address = decode_xtext(text) if len(value) <= _ORCPT_LENGTH else None
    if not mark or not address or _ADDRESS_TYPE.fullmatch(kind) is None:
        return _bad("ORCPT")
    return options._replace(orcpt=f"{kind};{address}")


MAIL: Final[Mapping[str, tuple[str, Reader[MailOptions]]]] = {
    "SIZE": ("SIZE", _size),
    "BODY": ("8BITMIME", _body),
    "SMTPUTF8": ("SMTPUTF8", _utf8),
    "RET": ("DSN", _ret),
    "ENVID": ("DSN", _envid),
    "AUTH": ("AUTH", _auth),
}
RCPT: Final[Mapping[str, tuple[str, Reader[RecipientOptions]]]] = {"NOTIFY": ("DSN", _notify), "ORCPT": ("DSN", _orcpt)}


def write_mail(options: MailOptions) -> tuple[str, tuple[str, ...]]:
    """Write the parameters of MAIL, each with a space before it, and name what must be offered for them.

    Raises `LocalProtocolError` for a value that the reader of a server would refuse.
    """
    if options.size is not None and options.size < 0:
        raise LocalProtocolError(f"a letter cannot have {options.size} octets; give its length")
    written = {
        "SIZE": "" if options.size is None else f"SIZE={options.size:d}",
        "BODY": options.body and f"BODY={options.body}",
        "SMTPUTF8": "SMTPUTF8" if options.utf8 else "",
        "RET": options.ret and f"RET={options.ret}",
        "ENVID": options.envid and f"ENVID={encode_xtext(options.envid)}",
        "AUTH": "" if options.auth is None else f"AUTH={encode_xtext(options.auth) if options.auth else '<>'}",
    }
    return _written(written, MailOptions(), MAIL)


def write_rcpt(options: RecipientOptions) -> tuple[str, tuple[str, ...]]:
    """Write the parameters of RCPT in the same way."""
    kind, _, address = options.orcpt.partition(";")
    written = {
        "NOTIFY": "NOTIFY=" + ",".join(options.notify) if options.notify else "",
        "ORCPT": f"ORCPT={kind};{encode_xtext(address)}" if options.orcpt else "",
    }
    return _written(written, RecipientOptions(), RCPT)


def _written(
    words: Mapping[str, str], start: Options, table: Mapping[str, tuple[str, Reader[Options]]]
) -> tuple[str, tuple[str, ...]]:
    used = {keyword: word for keyword, word in words.items() if word}
    needs = tuple(dict.fromkeys([table[keyword][0] for keyword in used]))
    text = " ".join(used.values())
    judged = read(text, start, table, frozenset(needs))
    if isinstance(judged, Reply):
        raise LocalProtocolError(f"a parameter of the envelope cannot be sent ({judged.text}); correct it")
    return "".join(f" {word}" for word in used.values()), needs
