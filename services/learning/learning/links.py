"""The links by which learners come in: in a letter that people signs (decision 0013), or given here (handlers/own.py), each for one
use."""

from typing import Final

from schemas import learning, people

ISSUER: Final = people.SERVICE
AUDIENCE: Final = learning.SERVICE
HOME: Final = "/my/learning"
"""Where the page is that a link opens."""
