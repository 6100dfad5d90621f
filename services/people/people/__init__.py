"""People: the one vault for who somebody is. Everybody else knows a random id.

A coordinator or a partner's HR registers somebody; a partner exchanges its own reference for the id; whoever looks at a name says
why, and the person can see it. Two ids that turn out to be one person are linked, and unlinked if they are not.

Read in this order: contract.py (what is said and heard), domain/ (the rules; they know no name), keyring.py (how a name is kept),
handlers.py (what becomes of a command), store.py and tables.sql (what is kept), elsewhere.py and resting.py (for how long), api/
(the routes), reactions.py, messages/ and sender.py (what a person is told), own.py and pages/ (what a person sees of themselves),
rotation.py (new keys while it runs).
"""
