"""Views of a trace that leave the program: transcripts, hex dumps, files. Pure functions of a trace.

Everything that is shown or saved elsewhere is derived from the trace here, so that no two views can disagree.
"""
