"""What somebody sends, as JSON: builders for the tests of routes and claims."""

from datetime import UTC, date, datetime, timedelta
from typing import Any
from uuid import UUID

from schemas.talent_pipeline import NhsValue
from schemas.values import business_date
from talent_pipeline.domain.checks import required_checks
from talent_pipeline.testing import HOSPITALS, a_role, an_area, day

Json = dict[str, Any]
PERSON = "00000000-0000-4000-8000-0000000000aa"
"""Somebody whom every database of these tests has heard of."""


def on(number: int) -> str:
    """The day so many days after the first, as it is written."""
    return day(number).isoformat()


def a_draft(**changes: Any) -> Json:
    role = a_role().model_dump(mode="json", exclude_none=True)
    draft = {"occurred_on": on(0), "employer": HOSPITALS, "role": role, "posts": 1, "accepts_values_pass": True}
    return {**draft, **changes}


def a_campaign(**changes: Any) -> Json:
    return {
        "occurred_on": on(0), "name": "East Leeds", "areas": [an_area().model_dump(mode="json")], "channels": ["poster"],
        "employers": [HOSPITALS], "opens_on": on(5), "closes_on": on(150), **changes,
    }  # fmt: skip


def an_interest(**changes: Any) -> Json:
    return {
        "occurred_on": on(6), "person_id": PERSON, "source": "direct", "channel": "web", "employment_status": "unemployed",
        **changes,
    }  # fmt: skip


def an_interview(**changes: Any) -> Json:
    return {
        "occurred_on": on(20), "framework": "nhs-values-2023", "panel": [HOSPITALS, "leeds-city-council"],
        "scores": [{"value": value, "score": 4} for value in NhsValue], "outcome": "passed", **changes,
    }  # fmt: skip


async def a_vacancy(client: Any, **changes: Any) -> UUID:
    """An advertised vacancy."""
    made = await client.made("/vacancies", a_draft(**changes))
    await client.made(f"/vacancies/{made['id']}/authorise", {"occurred_on": on(1)})
    advert = {"occurred_on": on(2), "channels": ["talent-hub"], "shared": True, "closes_on": on(200)}
    await client.made(f"/vacancies/{made['id']}/advertise", advert)
    return UUID(made["id"])


async def an_engagement(client: Any, **changes: Any) -> Json:
    asked = {"person_id": str(await client.somebody()), **changes}
    found: Json = await client.made("/engagements", an_interest(**asked))
    return found


async def permitted(client: Any, engagement_id: str, until: date | None = None) -> None:
    permission = {"occurred_on": on(8), "to": ["employer", "programme"], "until": (until or day(800)).isoformat()}
    await client.made(f"/engagements/{engagement_id}/permit-redirection", permission)


async def an_application(client: Any, vacancy_id: UUID, engagement_id: str | None = None) -> str:
    engagement = engagement_id or (await an_engagement(client))["id"]
    asked = {"occurred_on": on(10), "engagement_id": engagement, "vacancy_id": str(vacancy_id)}
    made = await client.made("/candidacies", asked)
    return str(made["id"])


STEPS: tuple[tuple[str, Json], ...] = (
    ("shortlist", {"occurred_on": on(15)}),
    ("record-values-interview", an_interview()),
    ("make-offer", {"occurred_on": on(22)}),
    *(
        (
            "update-check",
            {"occurred_on": on(40), "kind": needed.kind.value, "number": needed.number, "status": "complete",
             "outcome": "satisfactory", "awaiting": "nobody"},
        )
        for needed in required_checks(a_role())
    ),
    ("clear", {"occurred_on": on(45)}),
    ("agree-start", {"occurred_on": on(46), "start_on": on(60)}),
    ("start", {"occurred_on": on(60), "prior_employment": "unemployed"}),
)  # fmt: skip
"""A recruitment that goes well, as routes and bodies."""


async def brought_to(client: Any, candidacy_id: str, last: str) -> Json:
    """The candidacy after the steps up to this one."""
    found: Json = {}
    for name, body in STEPS[: max(turn for turn, (name, _) in enumerate(STEPS) if name == last) + 1]:
        found = await client.made(f"/candidacies/{candidacy_id}/{name}", body)
    return found


FAR = business_date(datetime.now(UTC)) + timedelta(days=300)
