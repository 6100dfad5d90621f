"""The routes: parse, call a handler, answer (kit.routes).

`persons` is registering, changing, looking and finding; `names` is for the lists of other services; `references` is a partner's
exchange; `duplicates` is one person twice; `erasures` is forgetting; `requests` is what else people ask; `held` is all that is held
of one, for the officer and from the officer; `messages` is what people were told; `waiting` is what waits for whom.

What is answered with a name in it is never kept for a repeat: such a route takes no Idempotency-Key.
"""

from collections.abc import Sequence

from fastapi import APIRouter

from kit.routes import own_page, retention
from kit.routes import routers_of as routers_of_things
from people import own
from people.api import duplicates, erasures, held, messages, names, persons, references, requests, waiting
from people.handlers import People
from people.links import HOME
from people.store import aggregates


def routers_of(people: People) -> Sequence[APIRouter]:
    return (
        persons.router_of(people),
        names.router_of(people),
        own_page.router_of(HOME, own.give_link, *persons.COORDINATOR),
        duplicates.router_of(people),
        references.router_of(people),
        messages.router_of(),
        requests.router_of(people),
        held.router_of(people),
        waiting.router,
        retention.router_of(aggregates),
        *routers_of_things([persons.things_of(people), erasures.things_of(people), requests.things_of(people)]),
    )
