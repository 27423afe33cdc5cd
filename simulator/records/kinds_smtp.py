"""Records of SMTP and LMTP dialogues, of TLS and of logging in.

Commands and replies are stored, not derived on demand, because causes and quiz keys point at them. The server's side
writes them: the command when it has read it, the reply when it gives it.
"""

from __future__ import annotations

from simulator.engine.kinds import Field, Kind, kind

__all__ = [
    "AUTH_LOGIN", "CLEAR_LOGINS", "LMTP_COMMAND", "LMTP_DATA", "LMTP_REPLY", "SMTP_COMMAND", "SMTP_DATA", "SMTP_REPLY",
    "TLS_ESTABLISHED", "TLS_FAILED",
]  # fmt: skip


def _command(name: str) -> Kind:
    return kind(
        name,
        f"a command that the {name.split('.')[0].upper()} server read",
        Field("verb", str, "the command's verb in upper case, CONNECT excepted"),
        Field("address", str, "the mailbox of MAIL or RCPT, without angle brackets"),
        Field("argument", str, "what follows the verb; a secret is masked where it is shown"),
        Field("tls", bool, "whether it came under TLS"),
    )


def _reply(name: str) -> Kind:
    return kind(
        name,
        f"a reply of the {name.split('.')[0].upper()} server",
        Field("code", int, "the three-digit reply code (RFC 5321, 4.2)"),
        Field("enhanced", str, "the enhanced status code (RFC 3463), if there is one"),
        Field("verb", str, "the command it answers; CONNECT for the greeting, DATA-END for the end of data"),
        Field("text", str, "the text of the reply, lines joined by \\n"),
        Field("address", str, "the recipient it is about, where it is about one"),
    )


def _data(name: str) -> Kind:
    return kind(
        name,
        "the content of a letter was received whole",
        Field("size", int, "octets after dot-unstuffing"),
        Field("sender", str, "the reverse-path"),
        Field("recipients", tuple, "the accepted forward-paths"),
        Field("body", str, "16 hexadecimal digits of the body's SHA-256: no hop may change it"),
    )


SMTP_COMMAND = _command("smtp.command")
SMTP_REPLY = _reply("smtp.reply")
SMTP_DATA = _data("smtp.data")
LMTP_COMMAND = _command("lmtp.command")
LMTP_REPLY = _reply("lmtp.reply")
LMTP_DATA = _data("lmtp.data")

TLS_ESTABLISHED = kind(
    "tls.established",
    "a TLS handshake was completed",
    Field("version", str, "TLSv1.3 or TLSv1.2"),
    Field("name", str, "the name that the client asked for"),
    Field("subject", str, "the names in the server's certificate"),
    Field("issuer", str, "who signed the certificate"),
    Field("service", str, "the service under it: submission, imaps, pop3s..."),
    Field("secrets", bytes, "its key log, for captures; not part of the canonical trace", canonical=False),
)
TLS_FAILED = kind(
    "tls.failed",
    "a TLS handshake failed",
    Field("alert", int, "the alert's number (RFC 8446, 6)"),
    Field("name", str, "the alert's name"),
    Field("reason", str, "why, in words"),
    Field("service", str, "the service under it"),
)
AUTH_LOGIN = kind(
    "auth.login",
    "somebody tried to log in",
    Field("user", str, "the name given"),
    Field("mechanism", str, "PLAIN (SASL), LOGIN (IMAP) or USER (POP3)"),
    Field("result", str, "ok, wrong-password or unknown-user"),
    Field("service", str, "submission, imap or pop3"),
    Field("clear", bool, "whether the password itself came without TLS, for anybody on the way to read"),
    Field("observed-by", tuple, "the taps that could read it"),
)
CLEAR_LOGINS = "passwords may come in clear"
"""The detail of the `world` record of a server to which a scenario allows that."""
