"""Mobility: staff of one organisation at work for another, under one agreement.

The organisations of the city sign a framework, each for itself, and are in force from a day on until they leave, are suspended, or
do not sign a version that has to be signed again. An organisation raises a need: its own staff are asked first, then partners put
people forward, and one after the other agrees, is checked, authorised by both sides, inducted, and starts (a deployment).

Read in this order: contract.py (what is heard and said), domain/ (the rules), handlers/ (what becomes of a command), store.py
(what is kept), api/ (the routes), pages/ (a holder's own page), reactions.py (what follows from other services), claims.py (what
partners' systems say).
"""
