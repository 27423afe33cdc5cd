"""Rules of the house that a program can judge: fences, sizes, layout, determinism, SimPy's own suite."""
