"""The published language: what partners claim, what services say, and the envelope both travel in.

Read `fact.py` (what a fact and a claim are), `envelope.py` (what is said about them on the way), `values.py`
(the formats that the trade shares), then one module a service. `registry.py` finds a class by its type on the wire.
"""
