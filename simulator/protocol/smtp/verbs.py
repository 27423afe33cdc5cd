"""The commands of the server, one function each: is it offered, is it well formed, does it need judgement?

Kept apart from the session so that each can be read beside its section of the RFC. A function gets the session and the
command as it was said and gives the event: with a reply (the core answers) or without (policy is asked). RFC 5321,
4.1.1.
"""

from collections.abc import Callable
from functools import cache
from typing import Final

from simulator.errors import LocalProtocolError, RemoteProtocolError
from simulator.protocol import sasl
from simulator.protocol.octets import CRLF
from simulator.protocol.smtp import replies, syntax
from simulator.protocol.smtp.events import Command, Credentials, SecretWanted, ServerEvent
from simulator.protocol.smtp.replies import Reply, reply
from simulator.protocol.smtp.session import Session
from simulator.protocol.smtp.states import TABLE, State

Check = Callable[[Session, Command], ServerEvent]

BEFORE_TLS: Final = frozenset({"EHLO", "HELO", "STARTTLS", "NOOP", "QUIT"})
"""What may be said in clear where TLS is demanded (RFC 3207, 4)."""

_OUT_OF_ORDER: Final = {
    (State.READY, "RCPT"): replies.NEED_MAIL,
    (State.READY, "DATA"): replies.NEED_RCPT,
    (State.MAIL, "MAIL"): replies.NESTED_MAIL,
    (State.RCPT, "MAIL"): replies.NESTED_MAIL,
    (State.MAIL, "DATA"): replies.NO_RECIPIENTS,
    (State.READY, "BDAT"): replies.NEED_RCPT,
    (State.MAIL, "BDAT"): replies.NO_RECIPIENTS,
    **{(State.CHUNKS, verb): replies.after_bdat(verb) for verb in ("MAIL", "RCPT", "DATA")},
}


def not_yet(session: Session, verb: str) -> Reply | None:
    """Say why a command must wait: TLS is demanded first (530), or it is out of order (503, 554); else None."""
    if session.needs_tls and verb not in BEFORE_TLS:
        return replies.NEED_TLS
    state = session.state
    if verb in TABLE[state]:
        return None
    if state is State.CONNECTED:
        return replies.NO_SERVICE
    if state is State.GREETED:
        return replies.NEED_LHLO if session.face.reply_each else replies.NEED_HELLO
    if session.face.reply_each and verb in ("DATA", "BDAT") and state is State.MAIL:
        return replies.NEED_RCPT  # RFC 2033, 4.2
    return _OUT_OF_ORDER.get((state, verb), replies.IN_PROGRESS)


def hello(session: Session, said: Command) -> Command:
    """EHLO and LHLO: RFC 5321, 4.1.1.1; RFC 2033, 4.1. HELO: one line, no extensions."""
    name = syntax.hello(said.verb, said.argument)
    if isinstance(name, Reply):
        return said.answered(name)
    session.client_hello, session.client_name = said.verb, name
    settings = session.settings
    return said.answered(replies.hello(settings.hostname) if said.verb == "HELO" else settings.hello[session.tls])


def mail(session: Session, said: Command) -> Command:
    """RFC 5321, 4.1.1.2; RFC 6409, 4.3 (authentication)."""
    if session.face.needs_auth and session.authenticated is None:
        return said.answered(replies.NEED_AUTH)
    settings = session.settings
    return syntax.mail(said, settings.mail_extensions, settings.size_limit)


def rcpt(session: Session, said: Command) -> Command:
    """RFC 5321, 4.1.1.3 and 4.5.3.1.10; RFC 6531, 3.4."""
    settings = session.settings
    if len(session.recipients) >= settings.recipient_limit:
        return said.answered(replies.TOO_MANY_RECIPIENTS)
    event = syntax.rcpt(said, settings.offers)
    if event.path is None or event.path.text.isascii() or session.mail_options.utf8:
        return event
    return said.answered(replies.NEED_SMTPUTF8)


def data(session: Session, said: Command) -> Command:
    """RFC 5321, 4.1.1.4. The session's own reverse-path stands for what policy is asked about."""
    if said.argument or session.reverse_path is None:
        return said.answered(replies.syntax_of("DATA"))
    return Command(said.verb, "", said.octets, None, session.reverse_path)


def rset(session: Session, said: Command) -> Command:
    """RFC 5321, 4.1.1.5."""
    return said.answered(replies.syntax_of("RSET") if said.argument else replies.OK)


def noop(session: Session, said: Command) -> Command:
    """RFC 5321, 4.1.1.9: an argument is ignored."""
    return said.answered(replies.OK)


def quit_(session: Session, said: Command) -> Command:
    """RFC 5321, 4.1.1.10; an argument is ignored, as Postfix does."""
    return said.answered(replies.BYE)


def vrfy(session: Session, said: Command) -> Command:
    """RFC 5321, 4.1.1.6 and 3.5."""
    if "VRFY" in session.settings.offers:
        return syntax.somebody(said, session.settings.offers)
    return said.answered(replies.VRFY_DISABLED)


def expn(session: Session, said: Command) -> Command:
    """RFC 5321, 4.1.1.7 and 3.5.2; 7.3 on why a server may keep its lists to itself."""
    if "EXPN" in session.settings.offers:
        return syntax.somebody(said, session.settings.offers)
    return said.answered(replies.EXPN_DISABLED)


def help_(session: Session, said: Command) -> Command:
    """RFC 5321, 4.1.1.8: an argument is ignored."""
    return said.answered(replies.HELP)


def etrn(said: Command) -> Command:
    """RFC 1985, 5: never offered, and refused in the words of a server that serves nobody so."""
    domain = said.argument.partition(" ")[0]
    return said.answered(replies.not_served(domain) if domain else reply(501, "5.5.4", "Syntax: ETRN domain"))


def starttls(session: Session, said: Command) -> Command:
    """RFC 3207, 4."""
    if said.argument:
        return said.answered(replies.syntax_of("STARTTLS"))
    if session.tls:
        return said.answered(replies.TLS_ACTIVE)
    if not session.offers_starttls:
        return said.answered(replies.NOT_IMPLEMENTED)
    settings = session.settings
    ready = settings.tls_available and not settings.tls_trouble
    return said.answered(replies.READY_FOR_TLS if ready else replies.TLS_TROUBLE)


def auth(session: Session, said: Command) -> ServerEvent:
    """RFC 4954, 4."""
    refusal = _auth_refusal(session, said.argument)
    if refusal is not None:
        return said.answered(refusal)
    mechanism, _, initial = said.argument.partition(" ")
    mechanism = mechanism.upper()
    if mechanism not in session.settings.auth_mechanisms:
        return said.answered(replies.auth_failed("Invalid authentication mechanism"))
    session.exchange = session.new_exchange(mechanism)
    try:
        return _auth_event(session, session.exchange.start(_initial(initial)), said)
    except RemoteProtocolError as error:
        session.exchange = None
        return said.answered(replies.auth_failed(f"{error} in initial response"))


def auth_response(session: Session, line: bytes) -> ServerEvent:
    """Take a line after a 334 reply: a response in base64, or `*` to give up (RFC 4954, 4)."""
    said = Command("AUTH", "", line + CRLF)
    exchange, session.exchange = session.exchange, None
    if line == b"*":
        return said.answered(replies.AUTH_ABORTED)
    if exchange is None:
        raise LocalProtocolError("no authentication is in progress")
    try:
        event = _auth_event(session, exchange.step(sasl.decode_base64(line)), said)
    except RemoteProtocolError as error:
        return said.answered(replies.auth_failed(f"{error} in continued response"))
    session.exchange = None if isinstance(event, Credentials) else exchange
    return event


def secret(session: Session, stored: sasl.Secret) -> ServerEvent:
    """Go on with what is stored about the user who wants in."""
    exchange = session.exchange
    if not isinstance(exchange, sasl.SecretExchange):
        raise LocalProtocolError("no mechanism asks for a secret now; provide it after SecretWanted")
    line = session.auth_line
    said = Command("AUTH", line[:-2].decode("latin-1").partition(" ")[2], line)
    return _auth_event(session, exchange.provide(stored), said)


_CHECKS: Final[dict[str, Check]] = {
    "EHLO": hello,
    "HELO": hello,
    "LHLO": hello,
    "MAIL": mail,
    "RCPT": rcpt,
    "DATA": data,
    "RSET": rset,
    "NOOP": noop,
    "QUIT": quit_,
    "VRFY": vrfy,
    "EXPN": expn,
    "HELP": help_,
    "STARTTLS": starttls,
    "AUTH": auth,
}


@cache
def checks_of(openers: tuple[str, ...], *, needs_tls: bool) -> dict[State, dict[str, Check]]:
    """Give what is in order in each state for a face that opens with `openers`, perhaps not before TLS.

    BDAT, whose octets come with it, is the core's affair.
    """
    known = {verb for verb, check in _CHECKS.items() if check is not hello or verb in openers}
    if needs_tls:
        known &= BEFORE_TLS
    return {state: {verb: _CHECKS[verb] for verb in moves if verb in known} for state, moves in TABLE.items()}


def _auth_refusal(session: Session, argument: str) -> Reply | None:
    settings = session.settings
    if not settings.auth_mechanisms or "AUTH" not in settings.offers:
        return replies.AUTH_DISABLED
    if session.authenticated is not None:
        return replies.AUTH_TWICE
    if not session.tls and not settings.auth_in_clear:
        return replies.AUTH_IN_CLEAR
    return None if argument else replies.syntax_of("AUTH mechanism")


def _initial(text: str) -> bytes | None:
    if not text:
        return None
    return b"" if text == "=" else sasl.decode_base64(text.encode("latin-1"))  # RFC 4954, 4: "=" is an empty response


def _auth_event(session: Session, step: bytes | sasl.Credentials | sasl.SecretWanted, said: Command) -> ServerEvent:
    """Say what came of a step: a challenge goes out, a question or what is to be checked goes to policy."""
    if isinstance(step, sasl.Credentials):
        session.exchange = None
        mechanism, authcid, authzid, password, verified = step
        return Credentials(mechanism, authcid, authzid, password, said.octets, verified)
    if isinstance(step, sasl.SecretWanted):
        session.auth_line = said.octets
        return SecretWanted(mechanism=step.mechanism, authcid=step.authcid)
    return said.answered(reply(334, "", sasl.encode_base64(step).decode("ascii")))
