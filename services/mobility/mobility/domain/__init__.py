"""The rules of the trade, pure: no clock, no chance, no input or output. One file an aggregate.

Each has its status, its commands, its refusals, and six functions: `decide` (the facts that follow from a command), `evolve`
(the state after a fact), `allowed` (the commands that somebody may give), `deadlines` (what falls due by itself), `due` (the
command of a deadline) and `waiting` (whose move it is). Read framework first, then signature, need, requirement, passport,
everywhere (a stop at every host) and deployment; move is its state, answers what it waits for and how long, clearance what has to
be in order before it starts, lasting until when it goes on, stops what keeps somebody from work; booking, strike, working_time,
limits, ranking and readiness are rules that these ask, and silver is the whole city's picture.
"""
