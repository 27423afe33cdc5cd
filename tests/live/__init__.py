"""Live mode: sockets, clock, plugs, and programs that nobody here wrote."""
