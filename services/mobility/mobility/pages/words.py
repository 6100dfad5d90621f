"""What things are called to whoever holds a passport: plain words for each check, each status, each ground, whose turn it is."""

from collections.abc import Mapping
from datetime import date
from types import MappingProxyType
from typing import Final

from kit.personal import in_full, in_words, organisation
from kit.step import Waiting
from mobility.domain import deployment
from mobility.domain.checks import Check, Request
from mobility.domain.deployment import Deployment, Status
from mobility.domain.move import DECLINED, LAPSED, Extension
from mobility.domain.passport import Waiver
from mobility.domain.sharing import Sharing
from schemas.mobility import Basis, CheckAwaiting, CheckOutcome, CheckSeen, LimitGround, Party, Shift, WorkLimit

CHECKS: Final[Mapping[str, str]] = MappingProxyType({
    "identity": "Identity",
    "right-to-work": "Right to work",
    "professional-registration": "Professional registration",
    "qualifications": "Qualifications",
    "employment-history": "Employment history",
    "reference": "Reference",
    "work-health": "Work health assessment",
    "criminal-record": "DBS check",
})  # fmt: skip
OUTCOME: Final[Mapping[CheckOutcome, str]] = MappingProxyType({
    CheckOutcome.SATISFACTORY: "Satisfactory",
    CheckOutcome.UNSATISFACTORY: "Not satisfactory",
    CheckOutcome.INDETERMINATE: "It showed neither way",
    CheckOutcome.REFUSED: "It was refused",
})  # fmt: skip
STATUS: Final[Mapping[Status, tuple[str, str]]] = MappingProxyType({
    Status.PROPOSED: ("Put forward", "blue"),
    Status.MATCHED: ("Waits for you", "yellow"),
    Status.AGREED: ("You agreed", "aqua-green"),
    Status.VERIFIED: ("Checks done", "aqua-green"),
    Status.AUTHORISED: ("Authorised", "aqua-green"),
    Status.INDUCTED: ("Inducted", "green"),
    Status.ACTIVE: ("You are there", "green"),
    Status.COMPLETED: ("Completed", "grey"),
    Status.RECALLED: ("Called back by your employer", "grey"),
    Status.ENDED_EARLY: ("Ended early", "grey"),
    Status.CANCELLED: ("Cancelled", "grey"),
})  # fmt: skip
"""Each with the colour of its tag."""
BASIS: Final[Mapping[Basis, str]] = MappingProxyType({
    Basis.FRAMEWORK_LICENCE: "The city's mobility framework",
    Basis.SECONDMENT_AGREEMENT: "A secondment agreement",
    Basis.HONORARY_CONTRACT: "An honorary contract",
    Basis.BANK: "Bank work",
    Basis.AGENCY: "Agency work",
})  # fmt: skip
GROUND: Final[Mapping[LimitGround, str]] = MappingProxyType({
    LimitGround.STUDENT: "You are a student",
    LimitGround.PERMISSION_TO_WORK: "Your permission to work",
})  # fmt: skip
NEXT: Final[Mapping[str, str]] = MappingProxyType({
    "take-up-or-cancel": "The other organisation says whether it takes this up.",
    "agree": "You say whether you agree.",
    "verify-checks": "Your employer looks at your checks.",
    "authorise-home": "Your employer authorises it.",
    "authorise-host": "The other organisation authorises it.",
    "induct": "The other organisation gives you its local induction.",
    "say-whether-started": "Your first day.",
    "confirm-extension-home": "Your employer says whether you may stay longer.",
    "confirm-extension-host": "The other organisation says whether you stay longer.",
    "agree-to-extension": "You say whether you stay longer.",
    "complete-training": "You complete training that the other organisation asks for: your employer arranges it.",
    "give-first-day-pack": "The other organisation tells you about your first day.",
})  # fmt: skip
WHOSE: Final[Mapping[str, str]] = MappingProxyType({
    "home": "Your employer has something to do.",
    "host": "The other organisation has something to do.",
    "coordinator": "The Academy has something to do.",
})  # fmt: skip
FELL: Final = (DECLINED, LAPSED)
"""What waits of a later end that came to nothing: nobody has anything to do for it."""
DAYS: Final = ("Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday", "Sunday")


def check(kind: str) -> str:
    """What a check is called; a kind that we have no words for by its code."""
    return CHECKS.get(kind, in_words(kind))


def outcome(check: Check, day: date) -> str:
    """What a check says on a day."""
    said = [OUTCOME[check.outcome]]
    if check.level is not None:
        said.append(f"level {in_words(check.level).lower()}")
    if check.workforce is not None:
        said.append(f"workforce {in_words(check.workforce).lower()}")
    if check.valid_until is not None:
        said.append(f"{'valid until' if day <= check.valid_until else 'it ran out on'} {in_full(check.valid_until)}")
    elif check.satisfactory:
        said.append("it does not run out")
    return ", ".join(said)


def request(request: Request, home: str) -> str:
    """Since when a check has been asked for, and whose move it is since when."""
    whom = {CheckAwaiting.HOLDER: "you", CheckAwaiting.EMPLOYER: organisation(home)}.get(request.awaiting, "an answer")
    said = f"Asked for on {in_full(request.requested_on)}. It has waited for {whom} since {in_full(request.since)}"
    if request.overdue:
        said += f", and was to come by {in_full(request.answer_by)}"
    return f"{said}: ask {organisation(home)} what it needs" if request.awaiting is CheckAwaiting.HOLDER else said


def sharing(share: Sharing, day: date) -> str:
    """Who may look or might, since when, and until when."""
    began = f"{organisation(share.organisation)}, since {in_full(share.since)}"
    if share.ended_on is not None:
        return f"{began}: ended on {in_full(share.ended_on)}"
    return f"{began}{', until' if share.open_on(day) else ': it was over on'} {in_full(share.until)}"


def limit(limit: WorkLimit) -> str:
    """How far somebody may work, and why."""
    far = []
    if limit.weekly_hours is not None:
        term = ", in term time" if limit.terms else ""
        far.append(f"at most {hours(limit.weekly_hours)} over all organisations{term}")
    if limit.soc2020:
        far.append("certain kinds of work alone")
    if limit.hosts:
        far.append(f"for {', '.join(map(organisation, limit.hosts))} alone")
    if limit.until is not None:
        far.append(f"until {in_full(limit.until)}")
    return f"{GROUND[limit.ground]}: {'; '.join(far) or 'your employer knows how far'}"


WAIVED: Final[Mapping[str, str]] = MappingProxyType({
    "memorandum": "by agreement between bodies of the NHS",
    "alignment": "because who trained you is aligned to the national framework",
    "leeds-framework": "by the city's framework",
    "certificate-seen": "because it saw your certificate",
})  # fmt: skip
"""On what a host accepts training; by learning's codes."""


def waiver(waiver: Waiver, day: date) -> str:
    """What a host accepts, on what ground, and until when."""
    skill = f"{in_words(waiver.skill.subject)}, level {waiver.skill.level}"
    ground = WAIVED.get(waiver.ground, in_words(waiver.ground).lower())
    until = ""
    if waiver.valid_until is not None:
        until = f"{', until' if day <= waiver.valid_until else '; that was over on'} {in_full(waiver.valid_until)}"
    return f"{skill}: {organisation(waiver.host)} accepts what you learned elsewhere, {ground}{until}"


def check_seen(seen: CheckSeen) -> str:
    """`DBS check, valid until 5 June 2026`."""
    until = "" if seen.valid_until is None else f", valid until {in_full(seen.valid_until)}"
    return f"{check(seen.kind)}{until}"


def hours(number: float) -> str:
    """`22.5 hours a week`."""
    return f"{number:g} {'hour' if number == 1 else 'hours'} a week"


def shift(shift: Shift) -> str:
    """`Monday, 09:00 to 16:30`."""
    return f"{DAYS[shift.day - 1]}, {shift.starts} to {shift.ends}"


def extension(asked: Extension, move: Deployment) -> str:
    """Who would have somebody stay longer, up to when, who agreed, and how it came to nothing."""
    by = {Party.HOME: organisation(move.home), Party.HOST: organisation(move.host), Party.PERSON: "you"}
    until = f"{by[Party(asked.side)]} would like you to stay until {in_full(asked.ends_on)}"
    if asked.fell is not None:
        why = "Somebody did not agree" if asked.fell == DECLINED else "Not everybody had agreed in time"
        return f"{until}. {why}: your last day stays {in_full(move.last_day)}."
    agreed = " and ".join(by[party] for party in asked.agreed)
    return f"{until}. So far {agreed} agreed; it can be agreed to until {in_full(asked.answer_by)}."


def turns(move: Deployment) -> list[str]:
    """Whose turn it is; nothing of a move that is stopped, of which its page says so once."""
    waits: tuple[Waiting, ...] = () if move.stopped is not None else deployment.waiting(move)
    said = (NEXT.get(each.why) or WHOSE.get(each.who) for each in waits if each.why not in FELL)
    return list(dict.fromkeys(filter(None, said)))
