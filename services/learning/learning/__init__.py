"""Learning: what the city's staff learn, together and with each other.

A course is published in the catalogue, free to the staff of every partner. A cohort holds it: places are shared out by partner,
and what is not used is released on a date; whoever finds none waits, and is offered what comes free. The register says who came,
and its closing who completed. Participated is not completed.

Training in core skills runs out, and is accepted from elsewhere or not: by rules that are data, on grounds that are recorded.

Read in this order: contract.py (what is heard and said), domain/ (the rules), handlers/ (what becomes of a command), store/ (what
is kept), api/ (the routes).
"""
