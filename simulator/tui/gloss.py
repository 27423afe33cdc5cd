"""Short words beside what the wire says: what a field is, what a reply code means.

Wire text is never translated; the gloss beside it is, and it says "not now" and "never" where a code says 4 and 5.
RFC 5321, 4.2.1; RFC 3463, 2 and 3.
"""

from __future__ import annotations

from ..text import N_, _

__all__ = ["code_gloss", "enhanced_gloss", "field_gloss"]

_FIRST = {
    "2": N_("2 = done"),
    "3": N_("3 = go on, I am listening"),
    "4": N_("4 = not now, keep the letter"),
    "5": N_("5 = never, give up"),
}
_SECOND = {
    "0": N_("0 = syntax"),
    "1": N_("1 = information"),
    "2": N_("2 = the connection"),
    "3": N_("3 = logging in"),
    "5": N_("5 = the mail system"),
}
_SUBJECT = {
    "0": N_("nothing more is known"),
    "1": N_("the address"),
    "2": N_("the mailbox"),
    "3": N_("the mail system"),
    "4": N_("the network or the way"),
    "5": N_("the protocol"),
    "6": N_("the content"),
    "7": N_("security or policy"),
}
_FIELDS = {
    "address": N_("the address it is about"),
    "answer": N_("what the answer says"),
    "argument": N_("what follows the command"),
    "attempt": N_("the first is 1"),
    "code": N_("the reply code"),
    "database": N_("which database"),
    "detail": N_("in words"),
    "direction": N_("> from the side that opened, < towards it"),
    "do": N_("what the person does"),
    "domain": N_("the recipients' domain"),
    "enhanced": N_("the enhanced status code"),
    "exchangers": N_("the hosts to try, in order"),
    "expires": N_("until when"),
    "flags": N_("the letter's flags"),
    "issuer": N_("who signed the certificate"),
    "local": N_("on one host, by its own loopback"),
    "mailbox": N_("the account's address"),
    "mechanism": N_("how one logs in"),
    "negative": N_("there is no such record"),
    "next_try": N_("when it will be tried again"),
    "path": N_("the file on the host's disk"),
    "port": N_("the door on the host"),
    "protocol": N_("the protocol"),
    "qname": N_("the name asked for"),
    "qtype": N_("the type asked for"),
    "queue_id": N_("the letter's name in this queue"),
    "rcode": N_("how the question was answered"),
    "recipient": N_("the forward-path (envelope)"),
    "recipients": N_("the forward-paths (envelope)"),
    "relay": N_("the host that accepted it"),
    "result": N_("what came of it"),
    "rules": N_("the rules that hit"),
    "score": N_("points"),
    "sender": N_("the reverse-path (envelope)"),
    "size": N_("octets"),
    "sql": N_("the question, as SQL"),
    "status": N_("yes or no"),
    "subject": N_("the names in the certificate"),
    "tag": N_("joins command and response"),
    "threshold": N_("spam from this score on"),
    "tls": N_("under TLS"),
    "ttl": N_("how long it may be kept, seconds"),
    "uid": N_("the letter's number in the mailbox"),
    "untagged": N_("how many untagged responses came first"),
    "verb": N_("the command"),
    "verdict": N_("spam or ham"),
    "version": N_("the version of TLS"),
    "via": N_("how the way was found"),
}


def code_gloss(code: int) -> str:
    """Return what the first two digits of a reply code mean."""
    digits = str(code)
    first, second = _FIRST.get(digits[:1], ""), _SECOND.get(digits[1:2], "")
    return "   ".join(part for part in (_(first), _(second)) if part)


def enhanced_gloss(enhanced: str) -> str:
    """Return what an enhanced status code is about (its second number)."""
    parts = enhanced.split(".")
    subject = _SUBJECT.get(parts[1], "") if len(parts) == 3 else ""
    return _("about: {subject}").format(subject=_(subject)) if subject else ""


def field_gloss(name: str) -> str:
    """Return what a field is, in a few words; "" where its name says it."""
    gloss = _FIELDS.get(name, "")
    return _(gloss)
