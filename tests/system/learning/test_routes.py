"""No route of learning is without a story: who uses it, and what they see next."""

from tests.used_routes import Used, untold

from learning.app import service


def test_no_route_of_learning_is_without_a_story(used: Used) -> None:
    missing = untold(service, "/my/learning", used)
    assert missing == [], "run with the stories (tests/system/learning), these have none"
