"""What becomes of a command that touches more than one aggregate: load, decide, evolve, save, say, in the caller's transaction.

A command to one alone is `aggregates.act`. Rows are locked in the order of `store.aggregates`. What follows from another fact names
it as its cause. A file for each thought: agreement (the framework and who signed it), cover (what that does to moves), needs,
moves, stops, answers (what they wait for from elsewhere), passports, own (what a holder does alone), statements, corrections,
falling_due (what the clock asks for), identities (who is one person), restoring (what a restore had lacked); whose and within,
asked by all (nobody else books a person's time meanwhile; a move is looked at again whenever what our record says of it may have
changed).
"""
