"""Equality monitoring: characteristics, given freely and read by nothing that decides.

The story: a person follows a link (`links`), answers what they like (`pages`, or `api` for programs), may change it, and may
take it back; what that means is `domain.monitoring`, what it leaves behind `handlers`, and what it erases `store` and `tables.sql`.
Read in that order. `contract` says where it is told: one restricted topic.
"""
