"""`oneworkforce`: what an operator does to services that run, and to what they run on.

Reading order: `main` (every command), `configuration` (where services are) and `declared` (what their contracts say), `answering`
(how a command speaks and fails), `access` (who may do what on the bus). Then one module a noun. What a command decides about a
running reader it writes as a row; the reader carries it out (kit.dead_letters, kit.positions, kit.republish).
"""
