"""Reporting: facts to figures, dashboard and Board report.

A fact's way: `contract` (what is read, and what becomes of it), `facts` (an event as rows), `projector` (rows into tables).
A figure's way: `metrics` (what is counted, one declaration each), `figures` and `flow` (read exactly), `disclosure` (the one
door), `shown` (what may leave), `api` and `pages`. Nothing is counted when a fact comes: a figure is a function of the set of
facts, so the order in which they came cannot change it.
"""
