"""Live mode: the same world on loopback, in real time, for clients that nobody here wrote.

It holds no protocol: a plug per socket carries octets between a real client and an ordinary connection of the simulated
network. The only sockets, asyncio and real clock of the package are here.
"""
