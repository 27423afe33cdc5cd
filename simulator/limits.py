"""Every limit of the simulator, in one module.

One place, so that a reader can see at a glance what a peer, a letter or a scenario may not exceed, and so
that a scenario can override them by name. Sources: RFC 5321 4.5.3, RFC 1939, RFC 9051, RFC 1035, and the
defaults of Postfix and Dovecot. Names that end in `_US` are microseconds of simulated time, in `_OCTETS` octets.
"""

from __future__ import annotations

from typing import Final

SECOND_US: Final = 1_000_000
MINUTE_US: Final = 60 * SECOND_US
HOUR_US: Final = 60 * MINUTE_US
DAY_US: Final = 24 * HOUR_US

# --- SMTP and LMTP ---------------------------------------------------------------------------------------------------
COMMAND_LINE_OCTETS: Final = 512
"""A command line with its CRLF (RFC 5321, 4.5.3.1.4), before the room that extensions add."""
MAIL_LINE_EXTRA_OCTETS: Final = 26 + 17 + 10 + 108
"""Room that SIZE (RFC 1870), 8BITMIME (RFC 6152), SMTPUTF8 (RFC 6531) and DSN (RFC 3461) add to MAIL."""
RCPT_LINE_EXTRA_OCTETS: Final = 500
"""Room that DSN adds to RCPT (RFC 3461, 4)."""
AUTH_LINE_OCTETS: Final = 12_288
"""A line of an authentication exchange with its CRLF (RFC 4954, 4)."""
REPLY_LINE_OCTETS: Final = 512
"""A reply line with its CRLF (RFC 5321, 4.5.3.1.5)."""
REPLY_LINE_ACCEPTED_OCTETS: Final = 4_096
"""What our clients accept in a reply line; some servers exceed the RFC."""
REPLY_LINES: Final = 100
"""Lines of one reply that our clients read before they give up."""
CHUNK_OCTETS: Final = 262_144
"""A chunk that our clients send by BDAT (RFC 3030, 2 sets no limit)."""
TEXT_LINE_OCTETS: Final = 1_000
"""A line of a letter with its CRLF (RFC 5321, 4.5.3.1.6)."""
LOCAL_PART_OCTETS: Final = 64
"""RFC 5321, 4.5.3.1.1."""
DOMAIN_OCTETS: Final = 255
"""RFC 5321, 4.5.3.1.2."""
PATH_OCTETS: Final = 256
"""A path with its angle brackets (RFC 5321, 4.5.3.1.3)."""
RECIPIENTS: Final = 1_000
"""Recipients of one mail transaction (Postfix: smtpd_recipient_limit; RFC 5321, 4.5.3.1.8 asks for 100 at least)."""
ERRORS_SLOW: Final = 10
"""Errors in one session after which replies come late (Postfix: smtpd_soft_error_limit)."""
ERRORS_CLOSE: Final = 20
"""Errors in one session after which it is closed with 421 (Postfix: smtpd_hard_error_limit)."""
ERROR_DELAY_US: Final = SECOND_US
"""How late replies come after ERRORS_SLOW errors (Postfix: smtpd_error_sleep_time)."""
HOPS: Final = 50
"""Received fields in a letter that is still relayed (Postfix: hopcount_limit; RFC 5321, 6.3 advises 100)."""

# --- letters ---------------------------------------------------------------------------------------------------------
HEADER_OCTETS: Final = 102_400
"""The header block of a letter (Postfix: header_size_limit)."""
MESSAGE_OCTETS: Final = 10_240_000
"""A whole letter (Postfix: message_size_limit)."""
MIME_NESTING: Final = 100
"""Depth to which parts in parts are parsed (Postfix: mime_nesting_limit)."""
MIME_PARTS: Final = 1_000
"""Parts of one letter that are shown."""

# --- POP3 and IMAP ---------------------------------------------------------------------------------------------------
POP3_LINE_OCTETS: Final = 255
"""A POP3 command line with its CRLF (RFC 2449, 4)."""
POP3_REPLY_LINE_OCTETS: Final = 512
"""The first line of a POP3 reply with its CRLF (RFC 1939, 3)."""
IMAP_LINE_BEFORE_LOGIN_OCTETS: Final = 8_192
"""An IMAP command line of a client that has not logged in (RFC 7162, 4 asks for 8192)."""
IMAP_LINE_AFTER_LOGIN_OCTETS: Final = 65_536
"""An IMAP command line of a client that has logged in (Dovecot: imap_max_line_length)."""
IMAP_LITERAL_BEFORE_LOGIN_OCTETS: Final = 4_096
"""A literal of a client that has not logged in (RFC 7888, 5 names 4096 for LITERAL-)."""
FAILED_LOGINS: Final = 3
"""Failed logins in one session after which it is closed."""

# --- TLS, filters, DNS -----------------------------------------------------------------------------------------------
TLS_RECORD_OCTETS: Final = 16_384
"""Plaintext of one TLS record (RFC 8446, 5.1)."""
TLS_HANDSHAKE_OCTETS: Final = 131_072
"""Ciphertext that a handshake may take before it is given up."""
SPAMD_HEADER_OCTETS: Final = 8_192
"""First line and header of a request or reply of the spamd protocol."""
SPAMD_HEADER_FIELDS: Final = 64
"""Header fields of a request or reply of the spamd protocol."""
SPAMD_MESSAGE_OCTETS: Final = MESSAGE_OCTETS + HEADER_OCTETS
"""The letter in a request of the spamd protocol, with the trace fields that grew on the way."""
DNS_LABEL_OCTETS: Final = 63
"""RFC 1035, 2.3.4."""
DNS_NAME_OCTETS: Final = 255
"""RFC 1035, 2.3.4."""
DNS_UDP_OCTETS: Final = 512
"""A datagram without EDNS (RFC 1035, 2.3.4)."""
DNS_EDNS_OCTETS: Final = 1_232
"""The size that EDNS offers (DNS flag day 2020)."""
DNS_TCP_OCTETS: Final = 65_535
"""A message over TCP (RFC 1035, 4.2.2)."""
DNS_REFERRALS: Final = 30
"""Referrals that a resolver follows for one question."""
DNS_ALIASES: Final = 12
"""CNAME records that a resolver follows for one question."""
DNS_TTL_SECONDS: Final = 604_800
"""The longest time for which a cache keeps a record (RFC 8767, 4)."""
DNS_NEGATIVE_TTL_SECONDS: Final = 10_800
"""The longest time for which a cache keeps that there is nothing (RFC 2308, 5)."""

# --- time ------------------------------------------------------------------------------------------------------------
IDLE_SMTP_US: Final = 5 * MINUTE_US
"""Silence after which an SMTP or LMTP server closes (RFC 5321, 4.5.3.2.7)."""
IDLE_POP3_US: Final = 10 * MINUTE_US
"""Silence after which a POP3 server closes (RFC 1939, 3)."""
IDLE_IMAP_US: Final = 30 * MINUTE_US
"""Silence after which an IMAP server closes (RFC 9051, 5.4)."""
CONNECT_TIMEOUT_US: Final = 30 * SECOND_US
"""How long a connection may take (Postfix: smtp_connect_timeout)."""
REPLY_TIMEOUT_US: Final = 5 * MINUTE_US
"""How long a client waits for a reply (RFC 5321, 4.5.3.2)."""
FILTER_TIMEOUT_US: Final = 30 * SECOND_US
"""How long a mail server waits for its spam filter."""
RETRY_FIRST_US: Final = 5 * MINUTE_US
"""Time to the second attempt (Postfix: minimal_backoff_time; RFC 5321, 4.5.4.1 asks for 30 min)."""
RETRY_MAX_US: Final = 4_000 * SECOND_US
"""The longest time between two attempts, which double from the first (Postfix: maximal_backoff_time)."""
QUEUE_LIFETIME_US: Final = 5 * DAY_US
"""Age at which a letter is given up (Postfix: maximal_queue_lifetime; RFC 5321, 4.5.4.1 asks for 4 to 5 days)."""
DELAY_NOTICE_US: Final = 4 * HOUR_US
"""Age at which the sender is told of a delay (ours; off in Postfix)."""

# --- connections -----------------------------------------------------------------------------------------------------
UNREAD_OUTPUT_OCTETS: Final = 262_144
"""Output that the peer has not read and over which a session takes no command."""
LIVE_CONNECTIONS_PER_ADDRESS: Final = 1_000
"""Connections from one address in live mode, where every client is 127.0.0.1."""
LIVE_UNREAD_US: Final = 5 * MINUTE_US
"""How long a client in live mode may leave unread what it asked for."""
LIVE_LINGER_US: Final = 30 * SECOND_US
"""How long a client in live mode may take to read the last words of a server that has ended."""

# --- files that people write -----------------------------------------------------------------------------------------
YAML_OCTETS: Final = 1_048_576
"""A scenario, lesson or quiz file."""
YAML_DEPTH: Final = 32
"""Mappings and lists inside each other in such a file."""
YAML_NODES: Final = 50_000
"""Keys and values in such a file."""
YAML_ALIASES: Final = 100
"""Aliases (`*name`) in such a file."""
YAML_INCLUDES: Final = 8
"""Files that include each other."""
QUERY_CHARACTERS: Final = 2_000
"""One query."""
