"""What is asked for each command that a page gives: of applications, vacancies, and people's first interest."""

from collections.abc import Mapping
from dataclasses import replace
from enum import StrEnum
from functools import partial
from types import MappingProxyType
from typing import Any

from schemas.talent_pipeline import (
    Awaiting,
    CheckOutcome,
    CheckStatus,
    DeclineReason,
    LeavingReason,
    NotAppointedReason,
    OfferWithdrawnReason,
    PriorEmployment,
    RedirectedTo,
    ValuesOutcome,
    WithdrawalReason,
)
from talent_pipeline.api.steps import CANDIDACIES, ENGAGEMENTS, FAIRS, POOL, VACANCIES
from talent_pipeline.desk import words
from talent_pipeline.desk.forms import Act, Field, Json
from talent_pipeline.domain import appointable, candidacy, engagement, fair, vacancy


def _choices(kind: type[StrEnum], called: Mapping[Any, str] | None = None) -> dict[str, str]:
    return {str(each): (called or {}).get(each, words.plain(each)) for each in kind}


def _why(reasons: type[StrEnum]) -> Field:
    return Field(name="reason", label="Why?", kind="choice", must="Choose a reason", options=_choices(reasons))


# Applications ----------------------------------------------------------------------------------------------------------

_application = partial(Act, of=CANDIDACIES)

OUTCOME = Field(
    name="outcome", label="Did they pass?", kind="choice", must="Choose whether they passed",
    options=_choices(ValuesOutcome),
)  # fmt: skip

SHORTLIST = _application(
    name="shortlist", title="Shortlist", button="Shortlist", done="The application is shortlisted.",
    about="The application meets the criteria, and the candidate is invited to interview.",
)  # fmt: skip
INTERVIEW = _application(
    name="record-values-interview",
    title="Record the values interview",
    button="Record the interview",
    done="The interview is recorded.",
    about="A pass is shared with other employers for a year; a fail never.",
    fields=(
        Field(
            name="scores", label="Scores", kind="scores", must="Give each of the six values a score from 0 to 5",
            options={str(value): text for value, text in words.VALUES.items()},
        ),
        Field(
            name="panel", label="Who was on the panel?", kind="codes",
            hint="The organisation of each member, one a line: two or more.",
            must="Give the organisation of at least two members, one a line",
        ),
        Field(
            name="framework", label="Scored by which framework?", kind="code", hint="Its version, as in nhs-values-2023.",
            must="Give the framework's version, as in nhs-values-2023",
        ),
        OUTCOME,
    ),
)  # fmt: skip
OFFER = _application(
    name="make-offer", title="Make a conditional offer", button="Make the offer", done="The offer is made. The checks have begun.",
    about="The offer depends on the employment checks, which begin with it. The candidate is told by e-mail.",
)  # fmt: skip
WAITS_FOR = tuple(each for each in Awaiting if each is not Awaiting.NOBODY)
STANDS = {
    **{f"requested-{each}": f"It waits for {words.WHO[each][0].lower()}{words.WHO[each][1:]}" for each in WAITS_FOR},
    **{f"complete-{each}": f"It is complete: {each}" for each in CheckOutcome},
}
GIVES: Mapping[str, Json] = {
    **{f"requested-{each}": {"status": CheckStatus.REQUESTED, "awaiting": each} for each in WAITS_FOR},
    **{
        f"complete-{each}": {"status": CheckStatus.COMPLETE, "outcome": each, "awaiting": Awaiting.NOBODY}
        for each in CheckOutcome
    },
}
"""A check that is complete has an outcome and awaits nobody; one that is not has none and awaits somebody."""
CHECK = _application(
    name="update-check",
    title="Note how a check stands",
    button="Save",
    done="The check is noted.",
    fields=(
        Field(name="kind", label="Check", kind="fixed", must="This application has no such check"),
        Field(name="number", label="Number", kind="fixed-number", must="This application has no such check"),
        Field(
            name="stands", label="How does it stand?", kind="choice", must="Choose how it stands",
            options=STANDS, gives=GIVES,
        ),
        Field(
            name="valid_until", label="Valid until", kind="day", must="Enter the last day on which it is valid",
            hint="Only where it is satisfactory and runs out.",
        ),
    ),
)  # fmt: skip
CLEAR = _application(
    name="clear", title="Clear the candidate", button="Clear", done="The candidate is cleared.",
    about="Every check is satisfactory, or a risk assessment covers the rest until a day.",
    fields=(
        Field(
            name="risk_assessed_until", label="Risk assessment until", kind="day", must="Enter a day that lies ahead",
            hint="Only where a check is still outstanding. Identity, right to work and registration are never covered.",
        ),
    ),
)  # fmt: skip
AGREE = _application(
    name="agree-start", title="Agree the first day", button="Agree", done="The first day is agreed.",
    fields=(Field(name="start_on", label="First day at work", kind="day", must="Enter the first day at work"),),
)  # fmt: skip
START = _application(
    name="start", title="Record the start", button="They started", done="The start is recorded: the candidate is placed.",
    about="An offer is not a placement; this is. It fills one of the vacancy's posts.",
    fields=(
        Field(
            name="prior_employment", label="Where did they come from?", kind="choice", must="Choose where they came from",
            hint="It cannot be found out later.", options=_choices(PriorEmployment, words.CAME_FROM),
        ),
    ),
)  # fmt: skip
NOT_APPOINT = _application(
    name="not-appoint", title="Do not appoint", button="Do not appoint", done="The application has ended.", warns=True,
    fields=(_why(NotAppointedReason),),
)  # fmt: skip
ACCEPT = _application(
    name="accept-values-pass", title="Accept a values pass", button="Accept the pass", done="The pass is accepted.",
    about="The candidate passed the values interview with another employer within a year: no new one is needed.",
)  # fmt: skip
WITHDREW = _application(
    name="withdraw", title="Record that the candidate withdrew", button="They withdrew", done="The application has ended.",
    warns=True,
    fields=(_why(WithdrawalReason),),
)  # fmt: skip
DECLINED = _application(
    name="decline-offer", title="Record that the offer was declined", button="They declined", done="The application has ended.",
    warns=True,
    fields=(_why(DeclineReason),),
)  # fmt: skip
WITHDRAW_OFFER = _application(
    name="withdraw-offer", title="Withdraw the offer", button="Withdraw the offer", done="The offer is withdrawn.", warns=True,
    fields=(_why(OfferWithdrawnReason),),
)  # fmt: skip
VACANCY = Field(
    name="vacancy_id", label="Which vacancy?", kind="record", hint="The address of its page, as it stands in the browser.",
    must="Give the address of a vacancy's page",
)  # fmt: skip
REDIRECT = _application(
    name="redirect", title="Pass the candidate on", button="Pass on", done="The candidate is passed on.",
    about="Only where the candidate permits it. With another employer a new application begins.",
    fields=(
        Field(
            name="to", label="Where to?", kind="choice", must="Choose where to",
            options=_choices(RedirectedTo, words.REDIRECTED),
        ),
        replace(VACANCY, hint="Only to another employer: the address of the vacancy's page, as it stands in the browser."),
        Field(
            name="programme", label="Which programme?", kind="code", must="Give the programme, as in springboard",
            hint="Only to a programme: as in springboard.",
        ),
    ),
)  # fmt: skip
LEAVE = _application(
    name="leave", title="Record that they left", button="They left", done="The last day is recorded.", warns=True,
    about="The day is the last one in the post.",
    fields=(_why(LeavingReason),),
)  # fmt: skip
RETURNED = _application(
    name="return", title="Record that they came back", button="They are back", done="The break is recorded.",
    about="Back in the same post within 28 days it was a break, whose days do not count.",
)  # fmt: skip


# Vacancies -------------------------------------------------------------------------------------------------------------

_vacancy = partial(Act, of=VACANCIES)

AUTHORISE = _vacancy(
    name="authorise", title="Authorise the vacancy", button="Authorise", done="The vacancy is authorised.",
    about="The employer has agreed to pay for the posts.",
)  # fmt: skip
ADVERTISE = _vacancy(
    name="advertise",
    title="Advertise the vacancy",
    button="Advertise",
    done="The vacancy is advertised.",
    fields=(
        Field(
            name="channels", label="On which channels?", kind="codes", hint="One a line, as in talent-hub.",
            must="Give at least one channel, one a line",
        ),
        Field(
            name="shared", label="Is one of them shared by the partners?", kind="yes-or-no", must="Choose yes or no",
            options={"yes": "Yes", "no": "No, the employer's own alone"},
        ),
        Field(name="closes_on", label="Until when are applications taken?", kind="day", must="Enter the last day"),
    ),
)  # fmt: skip
CLOSE = _vacancy(
    name="close", title="Close to applications", button="Close", done="The vacancy is closed.", warns=True,
    about="Applications are no longer taken. It can be advertised again.",
)  # fmt: skip
CONCLUDE = _vacancy(
    name="conclude", title="Conclude the recruitment", button="Conclude", done="The recruitment is concluded.",
    about="With or without its posts filled, nobody more is looked for.",
)  # fmt: skip

# Interest, and fairs ---------------------------------------------------------------------------------------------------

TRIAGE = Act(
    of=ENGAGEMENTS, name="triage", title="Triage to a spoke", button="Pass them on", done="They were passed to a spoke.",
    fields=(
        Field(
            name="spoke", label="To which spoke?", kind="code", hint="As in adult-social-care.",
            must="Give the spoke in letters, digits and hyphens, as in adult-social-care",
        ),
    ),
)  # fmt: skip
HOLD = Act(
    of=FAIRS, name="hold", title="Record that it was held", button="It was held", done="The fair is recorded.",
    fields=(Field(name="attended", label="How many came?", kind="number", must="Give the number at the door"),),
)  # fmt: skip
CANCEL = Act(
    of=FAIRS, name="cancel", title="Cancel the fair", button="Cancel it", done="The fair is cancelled.", warns=True,
    fields=(Field(name="reason", label="Why?", kind="code", hint="As in venue-lost.", must="Give a reason, as in venue-lost"),),
)  # fmt: skip


# The pool --------------------------------------------------------------------------------------------------------------

POOL_OFFER = Act(
    of=POOL, name="offer", title="Offer a vacancy", button="Make the offer", done="The offer is made.",
    about="Application, shortlist, values pass and offer in one. Only where the candidate permits it.",
    fields=(VACANCY,),
)  # fmt: skip
POOL_LEAVE = Act(
    of=POOL, name="leave", title="Take out of the pool", button="Take out", done="They left the pool.", warns=True,
    fields=(
        Field(
            name="reason", label="Why?", kind="code", hint="As in found-other-work.",
            must="Give a reason, as in found-other-work",
        ),
    ),
)  # fmt: skip


def _by_name(*acts: Act) -> Mapping[str, Act]:
    return MappingProxyType({act.name: act for act in acts})


ACTS: Mapping[str, Mapping[str, Act]] = MappingProxyType({
    candidacy.AGGREGATE: _by_name(
        SHORTLIST, INTERVIEW, ACCEPT, OFFER, CHECK, CLEAR, AGREE, START, NOT_APPOINT, REDIRECT, WITHDREW, DECLINED,
        WITHDRAW_OFFER, LEAVE, RETURNED,
    ),
    vacancy.AGGREGATE: _by_name(AUTHORISE, ADVERTISE, CLOSE, CONCLUDE),
    engagement.AGGREGATE: _by_name(TRIAGE),
    fair.AGGREGATE: _by_name(HOLD, CANCEL),
    appointable.AGGREGATE: _by_name(POOL_OFFER, POOL_LEAVE),
})  # fmt: skip
"""Of each kind of record, by what `allowed` calls them, in the order in which it goes through them."""
