"""What the service is made of: its routes, and its state after a restore."""

from collections.abc import Sequence

from fastapi import APIRouter, FastAPI

from kit.process import Service
from kit.settings import Settings
from people import api, pages
from people.handlers import People
from people.keyring import Keyring
from people.settings import PeopleSettings
from people.store import aggregates
from schemas.people import SERVICE


def _routers(settings: Settings) -> Sequence[APIRouter]:
    people = People(_keyring(settings))
    return (*api.routers_of(people), pages.router_of(people))


def _state(app: FastAPI, settings: Settings) -> None:
    """A request is known again by a digest that nobody can compute without the key: its body may be a name, or a reference."""
    assert isinstance(settings, PeopleSettings)
    app.state.digest_of = _keyring(settings).digest_of_request
    app.state.public_url = settings.public_url
    app.state.cookie_secure = settings.cookie_secure


def _keyring(settings: Settings) -> Keyring:
    return Keyring(getattr(settings, "vault_keys", None))


service = Service(
    name=SERVICE,
    title="People",
    description="Who somebody is: names, contacts and partners' references, each look recorded. Others know an id.",
    package="people",
    settings=PeopleSettings,
    routers=_routers,
    fire=aggregates.fall_due,
    state=_state,
    rebuild=aggregates.rebuild,
)
