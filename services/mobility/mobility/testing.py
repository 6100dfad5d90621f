"""Builders for tests and drawings: one command of each kind, and each aggregate in each of its states.

`lives()` gives, for every aggregate, a state in each status, reached by commands alone, and one command of each kind.
"""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from functools import cache
from types import MappingProxyType
from typing import Any
from uuid import UUID

from kit.aggregates import Machine
from kit.step import Command
from kit.testing.lives import Life, life
from kit.testing.lives import run as lived
from mobility.domain import framework, signature
from schemas.values import Sector

FIRST_DAY = date(2023, 3, 1)
NOW = datetime(2024, 6, 3, 9, 0, tzinfo=UTC)
FRAMEWORK = UUID("00000000-0000-4000-8000-000000000001")
HOSPITALS, COUNCIL, HOSPICE = "leeds-teaching-hospitals", "leeds-city-council", "st-gemma-hospice"


def day(number: int) -> date:
    """The day so many days after the first."""
    return FIRST_DAY + timedelta(days=number)


def run(machine: Machine, *commands: Command, state: Any = None, now: datetime = NOW) -> Any:
    """The state after these commands."""
    return lived(machine, *commands, state=state, now=now)


# Frameworks ------------------------------------------------------------------------------------------------------------

PUBLISH = framework.Publish(
    occurred_on=day(0), name="Workforce Mobility Framework", effective_from=day(10), notice_days=90
)
PUBLISH_UNTIL = replace(PUBLISH, expires_on=day(300))
VARY = framework.Vary(
    occurred_on=day(100), effective_from=day(130), notice_days=60, sign_by=day(160), reason="primary-care-joins"
)
TERMINATE = framework.Terminate(occurred_on=day(200), last_day=day(290), reason="replaced")
EXPIRE = framework.Expire()


def a_framework(*more: Command) -> framework.Framework:
    """A published framework, after these commands as well."""
    made: framework.Framework = run(framework, PUBLISH, *more)
    return made


# Signatures ------------------------------------------------------------------------------------------------------------

INVITE = signature.Invite(
    occurred_on=day(1),
    framework_id=FRAMEWORK,
    framework=a_framework(),
    organisation=HOSPITALS,
    sector=Sector.NHS_TRUST,
    statutory=True,
)
DECLINE = signature.Decline(occurred_on=day(5), reason="not-this-year")
SIGN = signature.Sign(
    occurred_on=day(8), framework=a_framework(), version=1, signed_by="chief-executive", in_force_from=day(10)
)
SIGN_LATER = signature.Sign(
    occurred_on=day(365), framework=a_framework(VARY), version=2, signed_by="chief-executive", in_force_from=day(400)
)
"""A version that was published meanwhile, signed late enough to follow any state of the table below."""
SIGN_AGAIN = replace(SIGN_LATER, occurred_on=day(120), in_force_from=day(130))
ASK_AGAIN = signature.AskAgain(occurred_on=day(100), version=2, sign_by=day(160))
LAPSE = signature.Lapse()
SUSPEND = signature.Suspend(occurred_on=day(150), reason="insurance-ended")
RESUME = signature.Resume(occurred_on=day(158))
GIVE_NOTICE = signature.GiveNotice(occurred_on=day(190), last_day=day(300), reason="merged")
END = signature.End(occurred_on=day(200), last_day=day(290), reason="framework-terminated")
WITHDRAW = signature.Withdraw()

SIGNED: tuple[Command, ...] = (INVITE, SIGN)


def a_signature(*commands: Command) -> signature.Signature:
    """A signature after these commands."""
    made: signature.Signature = run(signature, *commands)
    return made


# Every life ------------------------------------------------------------------------------------------------------------


@cache
def lives() -> Mapping[str, Life]:
    """Every aggregate, in the order in which an organisation meets them."""
    return MappingProxyType({found.machine.AGGREGATE: found for found in (_framework(), _signature())})


def _life(machine: Machine, commands: Sequence[Command], *paths: Sequence[Command]) -> Life:
    return life(machine, NOW, commands, *paths)


def _framework() -> Life:
    return _life(
        framework,
        (
            PUBLISH,
            replace(VARY, effective_from=day(400), sign_by=day(400)),
            replace(TERMINATE, last_day=day(400)),
            EXPIRE,
        ),
        (PUBLISH_UNTIL,),
        (PUBLISH, TERMINATE),
        (PUBLISH_UNTIL, EXPIRE),
    )


def _signature() -> Life:
    return _life(
        signature,
        (INVITE, DECLINE, SIGN_LATER, ASK_AGAIN, LAPSE, SUSPEND, RESUME,
         replace(GIVE_NOTICE, occurred_on=day(310), last_day=day(400)), END, WITHDRAW),
        (INVITE,),
        (INVITE, DECLINE),
        (INVITE, END),
        (*SIGNED, ASK_AGAIN),
        (*SIGNED, ASK_AGAIN, SUSPEND),
        (*SIGNED, GIVE_NOTICE),
        (*SIGNED, ASK_AGAIN, LAPSE),
        (*SIGNED, GIVE_NOTICE, WITHDRAW),
    )  # fmt: skip


def cells(aggregate: str) -> Iterator[tuple[str | None, str]]:
    """Every status with every command."""
    return lives()[aggregate].cells()


def outcome(aggregate: str, status: str | None, name: str) -> str:
    """What comes of a command in a status: the new status, `noted`, or the name of the refusal."""
    return lives()[aggregate].outcome(status, name)
