"""SASL mechanisms, each side of each, for every protocol that authenticates (RFC 4422).

SMTP, POP3 and IMAP differ only in how they carry a challenge and a response, so a mechanism is an exchange object that
knows neither. `exchange` holds the register: a new mechanism is one module and two lines.
"""

from simulator.protocol.sasl.cram_md5 import CramMd5Client, CramMd5Server, cram_md5
from simulator.protocol.sasl.credentials import Credentials, ScramSecret, Secret, SecretWanted
from simulator.protocol.sasl.encoding import decode_base64, encode_base64
from simulator.protocol.sasl.exchange import (
    MECHANISMS,
    PASSWORD_MECHANISMS,
    SECRET_MECHANISMS,
    STRONGEST_FIRST,
    ClientExchange,
    SecretExchange,
    ServerExchange,
    client_exchange,
    secret_exchange,
    server_exchange,
    server_mechanisms,
    strongest,
)
from simulator.protocol.sasl.login import LoginClient, LoginServer
from simulator.protocol.sasl.plain import PlainClient, PlainServer, decode_plain, encode_plain
from simulator.protocol.sasl.scram import ScramClient, derive
from simulator.protocol.sasl.scram_server import ScramServer

__all__ = [
    "MECHANISMS",
    "PASSWORD_MECHANISMS",
    "SECRET_MECHANISMS",
    "STRONGEST_FIRST",
    "ClientExchange",
    "CramMd5Client",
    "CramMd5Server",
    "Credentials",
    "LoginClient",
    "LoginServer",
    "PlainClient",
    "PlainServer",
    "ScramClient",
    "ScramSecret",
    "ScramServer",
    "Secret",
    "SecretExchange",
    "SecretWanted",
    "ServerExchange",
    "client_exchange",
    "cram_md5",
    "decode_base64",
    "decode_plain",
    "derive",
    "encode_base64",
    "encode_plain",
    "secret_exchange",
    "server_exchange",
    "server_mechanisms",
    "strongest",
]
