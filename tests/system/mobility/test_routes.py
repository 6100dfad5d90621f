"""No route of mobility is without a story: who uses it, and what they see next."""

from tests.used_routes import Used, untold

from mobility.app import service


def test_no_route_of_mobility_is_without_a_story(used: Used) -> None:
    assert untold(service, "/my/passport", used) == [], "run with the stories beside it, these have none"
