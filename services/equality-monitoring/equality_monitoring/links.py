"""Who comes by a link: a person without an account, with a token that talent-pipeline signed for this service alone.

It says who comes and nothing else, and nothing goes back. Staff have tokens of another kind, and no right to a declaration.
"""

from uuid import UUID

from fastapi import Request

from kit.auth import Forbidden
from kit.http import Call
from kit.personal import call_of

ISSUER = "talent-pipeline"
AUDIENCE = "equality-monitoring"
HOME = "/my/monitoring"
"""Where the page is that a link opens."""
PERSON = "person"
"""The one role that sees a declaration, and the actor in its journal: a kind and no id."""
BEARER = "bearer "


def own(person_id: UUID, request: Request) -> Call:
    """A dependency: the call of the person in the path. Raises Unauthenticated, or Forbidden for anybody else."""
    given = request.headers.get("authorization", "")
    call = call_of(request, given[len(BEARER) :] if given.lower().startswith(BEARER) else "", PERSON)
    if call.principal.subject != str(person_id):
        raise Forbidden
    return call


own.roles = (PERSON,)  # type: ignore[attr-defined]  # read by the test that every route names its role
