"""Builders for tests and drawings: a declaration in each of its states, reached by commands alone, and one command of each kind."""

from collections.abc import Mapping
from datetime import UTC, date, datetime
from functools import reduce
from types import MappingProxyType
from uuid import UUID

from equality_monitoring.domain.monitoring import Change, Declare, Monitoring, Status, Withdraw, decide, evolve
from kit.step import Command
from schemas.equality_monitoring import Declaration, EthnicCategory, Sex

PERSON = UUID("6f1a2c9e-3b7d-4e52-9a40-1c8e5d7b2f03")
NOW = datetime(2022, 6, 1, 9, 30, tzinfo=UTC)
FIRST, SECOND = date(2022, 3, 14), date(2022, 3, 31)
AFRICAN = Declaration(ethnic_category=EthnicCategory.BLACK_AFRICAN, sex=Sex.FEMALE)
CARIBBEAN = Declaration(ethnic_category=EthnicCategory.BLACK_CARIBBEAN)

DECLARE = Declare(person_id=PERSON, declaration=AFRICAN, occurred_on=FIRST)
CHANGE = Change(declaration=CARIBBEAN, occurred_on=SECOND)
WITHDRAW = Withdraw(occurred_on=SECOND)
COMMANDS = (DECLARE, CHANGE, WITHDRAW)


def lived(*commands: Command) -> Monitoring | None:
    """The state after these commands."""
    monitoring: Monitoring | None = None
    for command in commands:
        monitoring = reduce(evolve, decide(command, monitoring, NOW), monitoring)
    return monitoring


STATES: Mapping[Status | None, Monitoring | None] = MappingProxyType(
    {None: None, Status.DECLARED: lived(DECLARE), Status.WITHDRAWN: lived(DECLARE, WITHDRAW)}
)
