"""What becomes of a command that touches more than one aggregate: load, decide, evolve, save, say, in the caller's transaction.

A command to one alone is `aggregates.act`. Rows are locked in the order of `store.aggregates`. What follows from another fact names
it as its cause. `journeys` is a person's way from interest to a start, `permissions` is what they permit, `pool` is who is kept for
the next vacancy, `corrections` is what is put right, `following` is what goes with a candidacy in the pool and in its vacancy,
`falling_due` is what the clock asks for, `restoring` is what a restore had lacked.
"""
