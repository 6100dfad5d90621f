"""What a person does by the link that they were sent: opens their page, follows it to equality monitoring, and declares."""

import re
from typing import Any

import httpx2

from city.client import Caller, Refused

LINK = re.compile(r'href="[^"]*/my/monitoring/start\?token=([^"&]+)"')


async def follow_link(hub: Caller, client: httpx2.AsyncClient, person_id: str) -> str:
    """The token of the person's link to equality monitoring, as their own page shows it."""
    return await token_shown(client, (await hub.do("POST", f"/persons/{person_id}/link"))["url"])


async def token_shown(client: httpx2.AsyncClient, url: str) -> str:
    """The token that somebody's own page shows to who has come by the link to it."""
    await client.get(url)  # keeps who comes in a cookie
    page = await client.get(url.split("/start")[0])
    if found := LINK.search(page.text):
        return found[1]
    raise Refused(f"the person's page shows no link to equality monitoring: {page.status_code}")


async def declare(client: httpx2.AsyncClient, person_id: str, token: str, declaration: dict[str, Any]) -> None:
    """Declare, or change what was declared."""
    answer = await client.put(
        f"/monitoring/{person_id}", json=declaration, headers={"Authorization": f"Bearer {token}"}
    )
    if answer.status_code >= 400:
        raise Refused(f"PUT /monitoring: {answer.status_code} {answer.text[:300]}")
