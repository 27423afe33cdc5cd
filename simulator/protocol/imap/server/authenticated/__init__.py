"""Commands legal after login, with or without a mailbox: LIST, SELECT, CREATE, APPEND, IDLE and kin. RFC 9051, 6.3."""
