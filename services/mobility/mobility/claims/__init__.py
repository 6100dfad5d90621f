"""What partners claim: their references resolved to ours, then the same commands that their own people give.

Each handler leaves facts, keeps which, and answers with our ids. The partner of the topic is the organisation: nobody claims for
another. A file for each thought: needs and passports (known by the partner's own references), moves and hours (a move is known to
both its organisations, so by our id, which the answer to its claim, its page and its list give); steps is what they share.
"""

from collections.abc import Mapping
from types import MappingProxyType

from kit.claimed import Putting
from kit.claims import Judge
from mobility.claims import hours, moves, needs, passports
from mobility.store import aggregates
from schemas.fact import Claim, Fact
from schemas.mobility import (
    AuthorisationClaimed,
    ClaimCorrected,
    ClaimWithdrawn,
    EmploymentCheckClaimed,
    HoursClaimed,
    MoveClaimed,
    MoveStepClaimed,
    NeedClaimed,
    NeedStepClaimed,
    PassportClaimed,
    PassportStepClaimed,
)

ABOUT: Mapping[type[Claim], str] = MappingProxyType({
    NeedClaimed: "need",
    NeedStepClaimed: "need",
    PassportClaimed: "passport",
    PassportStepClaimed: "passport",
    EmploymentCheckClaimed: "check",
    MoveClaimed: "move",
    MoveStepClaimed: "deployment_id",
    AuthorisationClaimed: "deployment_id",
    HoursClaimed: "hours_id",
})  # fmt: skip
"""Which field names the record."""


def _refuse(better: Claim, stands: Fact) -> None:
    for part in (passports, moves):
        part.refuse(better, stands)


PUTTING = Putting(
    aggregates=aggregates,
    correct=moves.correct,
    about=lambda better: ABOUT[type(better)],
    fields=lambda better: {**moves.fields(better), **passports.fields(better)},
    not_the_claims=("home", "host", "person_id", "need_id", "month", "everywhere"),
    same={MoveClaimed: ("host",)},
    may_be_left_out=("person_id", "host"),
    becomes={
        NeedStepClaimed: needs.STEP_FACTS,
        PassportStepClaimed: passports.STEP_FACTS,
        MoveStepClaimed: moves.STEP_FACTS,
    },
    refuse=_refuse,
)

ACCEPTS: Mapping[type[Claim], Judge] = MappingProxyType({
    NeedClaimed: needs.need_claimed,
    NeedStepClaimed: needs.need_step_claimed,
    PassportClaimed: passports.passport_claimed,
    EmploymentCheckClaimed: passports.check_claimed,
    PassportStepClaimed: passports.passport_step_claimed,
    MoveClaimed: moves.move_claimed,
    MoveStepClaimed: moves.move_step_claimed,
    AuthorisationClaimed: moves.authorisation_claimed,
    HoursClaimed: hours.hours_claimed,
    ClaimWithdrawn: PUTTING.take_back,
    ClaimCorrected: PUTTING.put_right,
})  # fmt: skip
