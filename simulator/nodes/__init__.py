"""The actors: mail programs, servers, delivery agents, filters, resolvers and name servers.

They know no sockets and no clock but the engine's, so the same ones serve the simulated world and the live one.
"""
