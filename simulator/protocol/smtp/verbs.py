"""The commands of the server, one function each: is it offered, is it well formed, does it need judgement?

Kept apart from the session so that each can be read beside its section of the RFC. A function gets the session and the
argument and gives a reply (the core answers), or an envelope or credentials (policy is asked). RFC 5321, 4.1.1.
"""

from collections.abc import Callable
from typing import Final

from simulator.errors import LocalProtocolError, RemoteProtocolError
from simulator.protocol import sasl
from simulator.protocol.smtp import extensions, replies, syntax
from simulator.protocol.smtp.options import MailOptions
from simulator.protocol.smtp.replies import Reply, reply
from simulator.protocol.smtp.session import Session
from simulator.protocol.smtp.states import TABLE, State
from simulator.protocol.smtp.syntax import Envelope

Outcome = Reply | Envelope | sasl.Credentials | sasl.SecretWanted

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
    if session.face.needs_auth and verb not in BEFORE_TLS and session.offers_starttls and not session.auth_in_clear:
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


def ehlo(session: Session, argument: str) -> Outcome:
    """RFC 5321, 4.1.1.1."""
    return _hello(session, "EHLO", argument)


def lhlo(session: Session, argument: str) -> Outcome:
    """RFC 2033, 4.1."""
    return _hello(session, "LHLO", argument)


def helo(session: Session, argument: str) -> Outcome:
    """RFC 5321, 4.1.1.1: one line, no extensions."""
    return _hello(session, "HELO", argument)


def mail(session: Session, argument: str) -> Outcome:
    """RFC 5321, 4.1.1.2; RFC 1870, 6.1 (declared size); RFC 6409, 4.3 (authentication)."""
    if session.face.needs_auth and session.authenticated is None:
        return replies.NEED_AUTH
    envelope = syntax.mail(argument, session.mail_extensions)
    if isinstance(envelope, Envelope) and isinstance(envelope.options, MailOptions):
        size = envelope.options.size
        return replies.SIZE_OVER_LIMIT if size is not None and size > session.size_limit else envelope
    return envelope


def rcpt(session: Session, argument: str) -> Outcome:
    """RFC 5321, 4.1.1.3 and 4.5.3.1.10."""
    if len(session.recipients) >= session.recipient_limit:
        return replies.TOO_MANY_RECIPIENTS
    return syntax.rcpt(argument, session.offers, session.mail_options)


def data(session: Session, argument: str) -> Outcome:
    """RFC 5321, 4.1.1.4. The session's own reverse-path stands for what policy is asked about."""
    if argument or session.reverse_path is None:
        return replies.syntax_of("DATA")
    return Envelope(session.reverse_path)


def rset(session: Session, argument: str) -> Outcome:
    """RFC 5321, 4.1.1.5."""
    return replies.syntax_of("RSET") if argument else replies.OK


def noop(session: Session, argument: str) -> Outcome:
    """RFC 5321, 4.1.1.9: an argument is ignored."""
    return replies.OK


def quit_(session: Session, argument: str) -> Outcome:
    """RFC 5321, 4.1.1.10; an argument is ignored, as Postfix does."""
    return replies.BYE


def vrfy(session: Session, argument: str) -> Outcome:
    """RFC 5321, 4.1.1.6 and 3.5."""
    return syntax.somebody("VRFY", argument, session.offers) if "VRFY" in session.offers else replies.VRFY_DISABLED


def expn(session: Session, argument: str) -> Outcome:
    """RFC 5321, 4.1.1.7 and 3.5.2; 7.3 on why a server may keep its lists to itself."""
    return syntax.somebody("EXPN", argument, session.offers) if "EXPN" in session.offers else replies.EXPN_DISABLED


def help_(session: Session, argument: str) -> Outcome:
    """RFC 5321, 4.1.1.8: an argument is ignored."""
    return replies.HELP


def etrn(session: Session, argument: str) -> Reply:
    """RFC 1985, 5: never offered, and refused in the words of a server that serves nobody so."""
    domain = argument.partition(" ")[0]
    return replies.not_served(domain) if domain else reply(501, "5.5.4", "Syntax: ETRN domain")


def starttls(session: Session, argument: str) -> Outcome:
    """RFC 3207, 4."""
    if argument:
        return replies.syntax_of("STARTTLS")
    if session.tls:
        return replies.TLS_ACTIVE
    if not session.offers_starttls:
        return replies.NOT_IMPLEMENTED
    return replies.READY_FOR_TLS if session.tls_available and not session.tls_trouble else replies.TLS_TROUBLE


def auth(session: Session, argument: str) -> Outcome:
    """RFC 4954, 4."""
    refusal = _auth_refusal(session, argument)
    if refusal is not None:
        return refusal
    mechanism, _, initial = argument.partition(" ")
    mechanism = mechanism.upper()
    if mechanism not in session.auth_mechanisms:
        return replies.auth_failed("Invalid authentication mechanism")
    session.exchange = session.new_exchange(mechanism)
    try:
        return _auth_outcome(session, session.exchange.start(_initial(initial)))
    except RemoteProtocolError as error:
        session.exchange = None
        return replies.auth_failed(f"{error} in initial response")


def auth_response(session: Session, line: bytes) -> Reply | sasl.Credentials | sasl.SecretWanted:
    """Take a line after a 334 reply: a response in base64, or `*` to give up (RFC 4954, 4)."""
    exchange, session.exchange = session.exchange, None
    if line == b"*":
        return replies.AUTH_ABORTED
    if exchange is None:
        raise LocalProtocolError("no authentication is in progress")
    try:
        outcome = _auth_outcome(session, exchange.step(sasl.decode_base64(line)))
    except RemoteProtocolError as error:
        return replies.auth_failed(f"{error} in continued response")
    session.exchange = None if isinstance(outcome, sasl.Credentials) else exchange
    return outcome


def secret(session: Session, stored: sasl.Secret) -> Reply | sasl.Credentials | sasl.SecretWanted:
    """Go on with what is stored about the user who wants in."""
    exchange = session.exchange
    if not isinstance(exchange, sasl.SecretExchange):
        raise LocalProtocolError("no mechanism asks for a secret now; provide it after SecretWanted")
    return _auth_outcome(session, exchange.provide(stored))


CHECKS: Final[dict[str, Callable[[Session, str], Outcome]]] = {
    "EHLO": ehlo,
    "HELO": helo,
    "LHLO": lhlo,
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


def _hello(session: Session, verb: str, argument: str) -> Outcome:
    name = syntax.hello(verb, argument)
    if isinstance(name, Reply):
        return name
    session.client_hello, session.client_name = verb, name
    if verb == "HELO":
        return extensions.hello_reply(session.hostname, ())
    return extensions.hello_reply(session.hostname, session.keywords())


def _auth_refusal(session: Session, argument: str) -> Reply | None:
    if not session.auth_mechanisms or "AUTH" not in session.offers:
        return replies.AUTH_DISABLED
    if session.authenticated is not None:
        return replies.AUTH_TWICE
    if not session.tls and not session.auth_in_clear:
        return replies.AUTH_IN_CLEAR
    return None if argument else replies.syntax_of("AUTH mechanism")


def _initial(text: str) -> bytes | None:
    if not text:
        return None
    return b"" if text == "=" else sasl.decode_base64(text.encode("latin-1"))  # RFC 4954, 4: "=" is an empty response


def _auth_outcome(
    session: Session, step: bytes | sasl.Credentials | sasl.SecretWanted
) -> Reply | sasl.Credentials | sasl.SecretWanted:
    if isinstance(step, sasl.Credentials):
        session.exchange = None
    if isinstance(step, sasl.Credentials | sasl.SecretWanted):
        return step
    return reply(334, "", sasl.encode_base64(step).decode("ascii"))
