"""The roles that a token may carry, and who has them. Each route names those that may use it."""

from types import MappingProxyType

ROLES = MappingProxyType({
    "coordinator": "works at the Academy, for all organisations",
    "partner": "acts for one organisation in every service, as employer, provider, home or host, and sees what is its own",
    "board": "sits on a Board: exact figures",
    "programme-manager": "runs the programme: exact figures, and the events behind them",
    "auditor": "follows every figure to its events: reads all but names, and changes nothing",
    "operator": "keeps the services running",
    "integrator": "connects a partner's system",
    "mail-system": "the programme's mail system: returns what it could not deliver",
    "data-protection-officer": "decides on requests to be erased",
})  # fmt: skip
