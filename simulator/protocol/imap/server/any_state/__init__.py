"""Commands legal in every state: CAPABILITY, NOOP, LOGOUT. RFC 9051, 6.1."""
