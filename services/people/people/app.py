"""What the service is made of: routes and pages, the facts that people are told of, the loop that tells them, its state after a
restore."""

from collections.abc import Sequence
from typing import TYPE_CHECKING

from kit.database import Database
from kit.inbox import each
from kit.service import Loop, Reading, Service
from kit.settings import Settings
from people import access, contract, resting
from people.handlers import People
from people.keyring import Keyring
from people.links import Links
from people.messages.channels import channel_of
from people.messages.letters import Letters
from people.reactions import CONSUMER, PAUSE
from people.sender import Sender
from people.settings import PeopleSettings
from people.store import aggregates
from schemas.people import SERVICE

if TYPE_CHECKING:
    from fastapi import APIRouter, FastAPI


def _routers(settings: Settings) -> "Sequence[APIRouter]":
    from people import api, pages

    people = People(_keyring(settings))
    return (*api.routers_of(people), *pages.routers_of(people))


def _readings(settings: Settings) -> Sequence[Reading]:
    followed = each(CONSUMER, contract.FACTS)
    return (
        Reading.of_facts(settings, CONSUMER, contract.HEARD, contract.FACTS, followed, pause=PAUSE),
        Reading.of_facts(
            settings, resting.CONSUMER, contract.HEARD, contract.RESTING, resting.hear, pause=resting.PAUSE
        ),
    )


def _loops(settings: Settings, database: Database) -> Sequence[Loop]:
    assert isinstance(settings, PeopleSettings)
    channel, keys = channel_of(settings), _keyring(settings)
    if channel is None:
        return ()
    letters = Letters(keys, settings.mail_from, settings.public_url, Links.of(settings))
    return (Sender(database, People(keys), letters, channel),)


def _state(app: "FastAPI", settings: Settings) -> None:
    """A request is known again by a digest that nobody can compute without the key: its body may be a name, or a reference."""
    assert isinstance(settings, PeopleSettings)
    from kit.links import Visitors

    app.state.visitors = Visitors(SERVICE, SERVICE, None)  # no letter opens the vault (decision 0013)
    app.state.digest_of = _keyring(settings).digest_of_request


def _keyring(settings: Settings) -> Keyring:
    return Keyring(getattr(settings, "vault_keys", None))


service = Service(
    name=SERVICE,
    title="People",
    description="Who somebody is: names, contacts and partners' references, each look recorded. Others know an id.",
    package="people",
    settings=PeopleSettings,
    routers=_routers,
    readings=_readings,
    fire=access.fall_due,
    schedule=aggregates.schedule,
    loops=_loops,
    state=_state,
    rebuild=aggregates.rebuild,
)
