"""What things are called to a candidate: plain words for each status, each check, each reason."""

from collections.abc import Mapping
from datetime import date
from types import MappingProxyType

from kit.personal import in_full
from kit.step import Waiting
from schemas.talent_pipeline import Awaiting, CheckKind, RedirectedTo, WithdrawalReason
from talent_pipeline.domain.candidacy import Status
from talent_pipeline.domain.journey import Candidacy

STATUS: Mapping[Status, tuple[str, str]] = MappingProxyType({
    Status.APPLIED: ("Applied", "blue"),
    Status.SHORTLISTED: ("Shortlisted", "blue"),
    Status.INTERVIEWED: ("Interviewed", "blue"),
    Status.OFFERED: ("Offer, with checks", "aqua-green"),
    Status.CLEARED: ("Checks done", "aqua-green"),
    Status.START_AGREED: ("Start date agreed", "green"),
    Status.STARTED: ("Started", "green"),
    Status.LEFT: ("Left", "grey"),
    Status.WITHDRAWN: ("You withdrew", "grey"),
    Status.OFFER_DECLINED: ("You declined the offer", "grey"),
    Status.NOT_APPOINTED: ("Not appointed", "grey"),
    Status.OFFER_WITHDRAWN: ("Offer withdrawn by the employer", "grey"),
    Status.REDIRECTED: ("Passed on, as you permitted", "grey"),
})  # fmt: skip

CHECK: Mapping[CheckKind, str] = MappingProxyType({
    CheckKind.IDENTITY: "Identity",
    CheckKind.RIGHT_TO_WORK: "Right to work",
    CheckKind.PROFESSIONAL_REGISTRATION: "Professional registration",
    CheckKind.QUALIFICATIONS: "Qualifications",
    CheckKind.EMPLOYMENT_HISTORY: "Employment history",
    CheckKind.REFERENCE: "Reference",
    CheckKind.WORK_HEALTH: "Work health assessment",
    CheckKind.CRIMINAL_RECORD: "DBS check",
})  # fmt: skip

MOVE: Mapping[str, str] = MappingProxyType({
    Awaiting.CANDIDATE: "You",
    Awaiting.EMPLOYER: "The employer",
    Awaiting.THIRD_PARTY: "Somebody else, such as a referee",
    Awaiting.NOBODY: "Nobody",
})  # fmt: skip

NEXT: Mapping[str, str] = MappingProxyType({
    "shortlist": "The employer reads your application.",
    "interview": "The employer arranges your interview.",
    "offer-or-not-appoint": "The employer decides.",
    "not-appoint": "The employer decides.",
    "clear": "The employer looks at your checks.",
    "agree-start": "The employer agrees your first day with you.",
    "say-whether-started": "Your first day.",
    "redirect-or-pool": "Your coordinator looks for another post, if you permit it.",
})  # fmt: skip

PERMITS: Mapping[RedirectedTo, str] = MappingProxyType({
    RedirectedTo.EMPLOYER: "Other health and care employers in Leeds",
    RedirectedTo.PROGRAMME: "Training and employment programmes",
    RedirectedTo.ASSOCIATED_SECTOR: "Employers in related work",
    RedirectedTo.WIDER_WEST_YORKSHIRE: "Employers elsewhere in West Yorkshire",
})  # fmt: skip

REASONS: Mapping[WithdrawalReason, str] = MappingProxyType({
    WithdrawalReason.OTHER_JOB: "I have found another job",
    WithdrawalReason.PAY_OR_HOURS: "The pay or the hours do not suit me",
    WithdrawalReason.TRANSPORT: "I cannot get there",
    WithdrawalReason.CARING_RESPONSIBILITIES: "I look after somebody",
    WithdrawalReason.HEALTH: "My health",
    WithdrawalReason.TOOK_TOO_LONG: "It took too long",
    WithdrawalReason.OTHER: "Another reason",
    WithdrawalReason.NOT_SAID: "I would rather not say",
})  # fmt: skip


def called(organisation: str) -> str:
    """An organisation, as it is written: `leeds-city-council` -> `Leeds City Council`."""
    return organisation.replace("-", " ").title()


def permits(to: RedirectedTo, employers: tuple[str, ...] | None) -> str:
    """To whom somebody permits to be passed on, by name where they named them."""
    if to is not RedirectedTo.EMPLOYER or not employers:
        return PERMITS[to]
    return f"{PERMITS[to]}, and no other than {', '.join(map(called, employers))}"


NO_POST_LEFT = "There is no post left. The employer tells you what becomes of your application."


def kept(until: date) -> str:
    """What a place in the pool means."""
    return f"We keep you for the next vacancy until {in_full(until)}, as you permit. Your coordinator looks for one."


def next_of(candidacy: Candidacy, waiting: tuple[Waiting, ...]) -> list[str]:
    """What happens next, and whose move it is: the candidate's own first."""
    own = [f"You: {_check(each)}" for each in waiting if each.who == "candidate"]
    others = [
        NEXT[each.why] if each.why in NEXT else f"{MOVE[each.who]}: {_check(each)}"
        for each in waiting
        if each.who != "candidate" and (each.why in NEXT or each.why.startswith("check-"))
    ]
    return [*own, *others]


def _check(waiting: Waiting) -> str:
    """`check-reference-2` -> `Reference 2`."""
    kind, _, number = waiting.why.removeprefix("check-").rpartition("-")
    return check_name(CheckKind(kind), int(number))


def check_name(kind: CheckKind, number: int) -> str:
    return f"{CHECK[kind]} {number}" if kind is CheckKind.REFERENCE else CHECK[kind]
