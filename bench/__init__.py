"""What the design is worth, measured: side by side with what one would write by hand, and against its own limits.

Reading order: `log` (what is read, and the truth about it), `ground` (broker, database, processes), `parts` (one measurement each),
`results` (one file), `report` (the page and its charts, made from that file).
"""
