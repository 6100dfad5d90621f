"""What somebody sends, as JSON: builders for the tests of routes."""

from typing import Any

from mobility.testing import HOSPITALS, day

Json = dict[str, Any]


def on(number: int) -> str:
    """The day so many days after the first, as it is written."""
    return day(number).isoformat()


def a_publication(**changes: Any) -> Json:
    return {
        "occurred_on": on(0), "name": "Workforce Mobility Framework", "effective_from": on(10), "notice_days": 90, **changes,
    }  # fmt: skip


async def a_framework(client: Any, **changes: Any) -> str:
    """A published framework."""
    made = await client.made("/frameworks", a_publication(**changes))
    return str(made["id"])


def an_invitation(framework: str, organisation: str = HOSPITALS, **changes: Any) -> Json:
    return {
        "occurred_on": on(1), "framework_id": framework, "organisation": organisation, "sector": "nhs-trust",
        "statutory": True, **changes,
    }  # fmt: skip


def a_signing(**changes: Any) -> Json:
    return {"occurred_on": on(8), "version": 1, "signed_by": "chief-executive", "in_force_from": on(10), **changes}


async def signed(client: Any, framework: str, organisation: str = HOSPITALS, **changes: Any) -> str:
    """The signature of an organisation that signed."""
    made = await client.made("/signatures", an_invitation(framework, organisation, **changes))
    await client.made(f"/signatures/{made['id']}/sign", a_signing())
    return str(made["id"])
