"""What becomes of a command that is more than the aggregate's own affair: load, decide, evolve, save, in the caller's transaction.

A command to one alone is `aggregates.act`. `cohorts` is places and registers, `skills` is core skills and who accepts them,
`enrolments` is the catalogue and its learners, `starters` is who starts work and who leaves, `own` is what
learners do alone, `corrections` is what is put right, with what had followed from it, `identities` is who is one person, and who
was erased, `restoring` is what a restore had lacked.
"""
