"""The wire protocols as sans-IO cores: octets in, events out, replies in, octets out.

No core opens a socket, reads a clock or calls back, so that the simulated world, a live listener and a test all run the
same code (see `simulator/ARCHITECTURE.md`). Each core answers "what is legal now?" from one transition table.
"""
