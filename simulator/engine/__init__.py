"""A discrete-event engine for simulated networks: time, links, streams, datagrams and the trace.

It knows no mail: whatever the records say about letters is declared by `simulator.records`.
"""
