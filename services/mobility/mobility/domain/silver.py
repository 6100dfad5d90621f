"""Who is short, and who can lend, on a day: what City Silver looks at while an industrial action is on. Counts, and nobody's id."""

from collections import Counter
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from uuid import UUID

from mobility.domain import strike
from mobility.domain.move import LIVE, Deployment, Status
from mobility.domain.need import OPEN, Need
from mobility.domain.passport import Passport
from mobility.domain.readiness import ready
from mobility.domain.requirement import Requirement
from schemas.mobility import Basis, NeedReason


@dataclass(frozen=True, slots=True)
class Short:
    """An open need, and what stands against it."""

    need_id: UUID
    organisation: str
    title: str
    soc2020: str
    reason: NeedReason
    covers_strike: bool
    starts_on: date
    ends_on: date
    free: int
    """Places that nobody has filled."""
    on_the_way: int
    """Moves for it that have not begun: put forward, taken up, agreed, and so on."""
    hours_a_week: float
    """What the free places come to."""
    can_lend: Mapping[str, int] | None
    """By home organisation that is in force: whose passport meets what the host asks for, and who is neither out nor stopped at
    every host. None: the host never said what. Nobody, where the host is not in force.
    """
    blocked: tuple[Basis, ...]
    """The bases that the law forbids for it on that day."""


@dataclass(frozen=True, slots=True)
class Balance:
    """One organisation's staff that are out on that day, and those of others that it has."""

    organisation: str
    lent: int
    borrowed: int
    free_places: int


@dataclass(frozen=True, slots=True)
class Picture:
    """The city on a day: whether an industrial action is on, the largest gaps first, and each balance."""

    on: date
    industrial_action: bool
    short: tuple[Short, ...]
    organisations: tuple[Balance, ...]


def picture(
    day: date,
    needs: Iterable[tuple[UUID, Need]],
    moves: Collection[Deployment],
    passports: Collection[tuple[UUID, Passport]],
    requirements: Iterable[Requirement],
    away: Collection[UUID],
    in_force: Collection[str],
) -> Picture:
    """What stands on a day. `needs`: those that are not over, filled or not; `passports`: the open ones; `moves`: the live ones;
    `requirements`: those that stand; `away`: who is out on that day, or works for no host for the time being, under any of their
    ids; `in_force`: who may lend and borrow on that day.
    """
    asked = {(each.organisation, each.soc2020): each for each in requirements}
    at_home = [
        (id_, passport) for id_, passport in passports if passport.person_id not in away and passport.home in in_force
    ]
    current = [(id_, need) for id_, need in needs if day <= need.ends_on]
    short = [
        _short(
            day,
            id_,
            need,
            moves,
            at_home,
            asked.get((need.organisation, need.soc2020)),
            borrows=need.organisation in in_force,
        )
        for id_, need in current
        if need.status in OPEN
    ]
    return Picture(
        on=day,
        industrial_action=any(
            each.reason is NeedReason.INDUSTRIAL_ACTION and each.starts_on <= day for _, each in current
        ),
        short=tuple(sorted(short, key=lambda each: (-each.hours_a_week, each.starts_on, each.need_id))),
        organisations=_balances(day, short, moves),
    )


def _short(
    day: date,
    id_: UUID,
    need: Need,
    moves: Iterable[Deployment],
    at_home: Iterable[tuple[UUID, Passport]],
    requirement: Requirement | None,
    *,
    borrows: bool,
) -> Short:
    free = need.people - need.filled
    able = at_home if borrows else ()
    lends = None if requirement is None else _can_lend(requirement, able, day)
    return Short(
        need_id=id_, organisation=need.organisation, title=need.title, soc2020=need.soc2020, reason=need.reason,
        covers_strike=need.covers_strike, starts_on=need.starts_on, ends_on=need.ends_on, free=free,
        on_the_way=sum(move.need_id == id_ and move.status is not Status.ACTIVE for move in moves),
        hours_a_week=free * need.weekly_hours, can_lend=lends,
        blocked=tuple(basis for basis in Basis if need.covers_strike and strike.blocked(basis, day)),
    )  # fmt: skip


def _can_lend(requirement: Requirement, at_home: Iterable[tuple[UUID, Passport]], day: date) -> Mapping[str, int]:
    """How many each organisation but the host could lend. Not shared yet is no hindrance: the holder may share it."""
    homes = Counter(
        passport.home
        for id_, passport in at_home
        if passport.home != requirement.organisation
        and all(missing.what == "sharing" for missing in ready(id_, passport, requirement, day).missing)
    )
    return dict(sorted(homes.items()))


def out(move: Deployment, day: date) -> bool:
    """Whether somebody's time is booked on a day, or they are at work for a host."""
    return move.status in LIVE and move.booked and move.starts_on <= day <= move.last_day


def _balances(day: date, short: Sequence[Short], moves: Iterable[Deployment]) -> tuple[Balance, ...]:
    there = [move for move in moves if move.status is Status.ACTIVE and out(move, day)]
    lent, borrowed = Counter(move.home for move in there), Counter(move.host for move in there)
    free: Counter[str] = Counter()
    for each in short:
        free[each.organisation] += each.free
    names = sorted({*lent, *borrowed, *free})
    return tuple(Balance(name, lent[name], borrowed[name], free[name]) for name in names)
