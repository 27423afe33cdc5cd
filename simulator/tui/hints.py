"""One sentence about what an event means, for the message line.

The wire says what happened; a newcomer also needs to hear why anybody would say such a thing.
"""

from __future__ import annotations

from ..engine.kinds import Record
from ..engine.trace import KIND
from ..text import N_, _

__all__ = ["hint"]

_VERBS = {
    "EHLO": N_("The client says who it is; the server answers with what it can do."),
    "HELO": N_("The client says who it is, in the old way without extensions."),
    "LHLO": N_("LMTP's greeting: the delivery agent answers for each recipient by itself."),
    "STARTTLS": N_("From here on the same connection is encrypted; both start again with EHLO."),
    "AUTH": N_("The user proves who he is, before the server takes a letter from him."),
    "MAIL": N_("The envelope's sender: reports of failure go there. It need not be the From of the letter."),
    "RCPT": N_("The envelope's recipient: this address decides where the letter goes, not the To field."),
    "DATA": N_("Now comes the letter itself, header and text, ended by a line with a single dot."),
    "DATA-END": N_("After this reply the receiving server answers for the letter."),
    "RSET": N_("The transaction is dropped; the session goes on."),
    "QUIT": N_("The client says goodbye; nothing more will be sent."),
    "CONNECT": N_("The server speaks first: its greeting shows its name."),
    "LOGIN": N_("The reader logs in; under TLS, so nobody on the way sees the password."),
    "SELECT": N_("A mailbox is opened; the server says how many letters are in it."),
    "FETCH": N_("The mail program asks for letters or parts of them; IMAP leaves them on the server."),
    "UID FETCH": N_("The mail program asks for letters or parts of them; IMAP leaves them on the server."),
    "RETR": N_("The letter is downloaded; POP3 brings it to this one device."),
    "DELE": N_("Marked for deletion; it happens at QUIT."),
}
_KINDS = {
    "world": N_("The world before anything happens: hosts, links and zones of the scenario."),
    "action": N_("A person does something: everything that follows has this as its cause."),
    "fault": N_("Something breaks, as the scenario says."),
    "stage": N_("A new stage of the letter's way begins. PgDn goes on to the next one."),
    "message.header": N_("The mail program writes the header; Bcc is never sent."),
    "tcp.connect": N_("A connection between two hosts: who calls, and to which port."),
    "tls.established": N_("TLS is up: certificate checked, everything after this is sealed."),
    "tls.failed": N_("TLS did not come up; an honest program sends nothing then."),
    "auth.login": N_("The server looks up the account and compares the password."),
    "smtp.data": N_("The letter has arrived whole; the server has not yet taken it over."),
    "queue.enter": N_("The letter is written to disk: from now on this server answers for it."),
    "queue.attempt": N_("The queue tries to pass the letter on."),
    "queue.defer": N_("Not now is not never: the letter stays in the queue and is tried again."),
    "queue.fail": N_("This is final: trying again would not help."),
    "queue.sent": N_("The next server has accepted the letter; this one may forget it."),
    "queue.remove": N_("All recipients are settled; the letter leaves this queue."),
    "route": N_("Where does the recipient's domain take mail? The MX records say it."),
    "dns.query": N_("DNS is asked: a name and a type, in one small datagram."),
    "dns.answer": N_("DNS answers; the answer may be kept as long as its TTL says."),
    "filter.spam": N_("The spam filter gives points; the server decides what to do with them."),
    "alias.expand": N_("This address is another name for an account."),
    "deliver": N_("The delivery agent puts the letter into the mailbox: a file on the server's disk."),
    "mailbox.append": N_("The mailbox has a new letter, with a number of its own (UID)."),
    "mailbox.flags": N_("Flags say what was done with a letter: seen, answered, deleted."),
    "imap.response": N_("The tagged line ends the command; what came before it was the data."),
    "pop3.reply": N_("+OK or -ERR: POP3 knows no codes."),
    "tap.saw": N_("What somebody who listens on this link has of it: words, or only a size."),
    "tcp.changed": N_("Somebody on the way has changed what was said; neither side can tell."),
    "tcp.lost": N_("These octets never arrived; nobody tells the sender at once."),
    "udp.lost": N_("A datagram was lost; whoever asked has to wait and ask again."),
}
_REFUSALS = {
    "4": N_("Not now: the sender keeps the letter and tries again later."),
    "5": N_("Never: trying again would not help; the sender must be told."),
}
_GO_ON = N_("Go on: the server waits for the letter.")


def hint(record: Record) -> str:
    """Return a sentence about what the record means, or "" if it speaks for itself."""
    kind = record[KIND]
    code = kind.index("code")
    if code is not None and record[code]:
        refusal = _REFUSALS.get(str(record[code])[0])
        if refusal is not None:
            return _(refusal)
        if record[code] == 354:
            return _(_GO_ON)
    verb = kind.index("verb")
    if verb is not None and (kind.name.endswith(".command") or record[verb] in ("CONNECT", "DATA-END")):
        sentence = _VERBS.get(record[verb], "")
    else:
        sentence = _KINDS.get(kind.name, "")
    return _(sentence)
