"""SASL mechanisms, each side of each, for every protocol that authenticates (RFC 4422).

SMTP, POP3 and IMAP differ only in how they carry a challenge and a response, so a mechanism is an exchange object that
knows neither. `exchange` holds the register: a new mechanism is one module and two lines.
"""

from simulator.protocol.sasl.credentials import Credentials
from simulator.protocol.sasl.encoding import decode_base64, encode_base64
from simulator.protocol.sasl.exchange import (
    ClientExchange,
    ServerExchange,
    client_exchange,
    server_exchange,
    server_mechanisms,
)
from simulator.protocol.sasl.plain import PlainClient, PlainServer, decode_plain, encode_plain

__all__ = [
    "ClientExchange",
    "Credentials",
    "PlainClient",
    "PlainServer",
    "ServerExchange",
    "client_exchange",
    "decode_base64",
    "decode_plain",
    "encode_base64",
    "encode_plain",
    "server_exchange",
    "server_mechanisms",
]
