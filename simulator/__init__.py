"""A discrete-event simulator of e-mail in which every octet on the simulated wire is real.

Importing this package loads nothing else: each part is imported where it is used, so that the command starts quickly.
"""

__version__ = "0.1.0"
