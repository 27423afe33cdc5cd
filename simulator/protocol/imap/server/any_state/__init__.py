"""Commands legal in every state: CAPABILITY, NOOP, LOGOUT, ID. RFC 9051, 6.1; RFC 2971."""
