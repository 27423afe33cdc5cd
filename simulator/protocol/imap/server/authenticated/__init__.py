"""Commands legal after login, with or without a mailbox: LIST, SELECT, EXAMINE, STATUS. RFC 9051, 6.3."""
