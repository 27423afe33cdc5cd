"""Benches: the rows of the performance budget, each with what it must be, what is aimed at, and what was measured.

`python -m tests.bench` runs them all and prints a table; nothing here ever fails a test for being slow.
"""
