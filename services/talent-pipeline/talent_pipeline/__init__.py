"""Talent pipeline: from an application to a job that is kept.

A person comes to the programme (an engagement: by a campaign, a fair, a supply partner, a partner's system, or by themselves), is
triaged to a spoke, supported, and applies for a vacancy (a candidacy): shortlisted, interviewed on the six values, offered,
checked, cleared, started. Whoever passed and found no post is redirected with their permission, or kept in the pool.

Read in this order: contract.py (what is heard and said), domain/ (the rules), handlers/ (what becomes of a command), store.py
(what is kept), api/ (the routes), claims.py (what partners' systems say), pages/ (a candidate's own page).
"""
