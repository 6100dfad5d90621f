"""The plumbing of every service, without one word of the trade.

Writing: `database` (a transaction), `outbox` (journal and outbox in it), `relay` (outbox -> Kafka), `deadlines`, `http` (routes).
Reading: `bus` (Kafka -> one transaction a batch), `inbox` (positions, duplicates, order), `dead_letters`, `claims`;
`projections` (read models in versions), `projecting` (the processes' work on them).
Around them: `errors`, `settings`, `log`, `metrics`, `tracing`, `auth`, `health`, `migrate`, `topics`, `service`, `process`.
"""
