"""The links by which holders come in: in a letter that people signs (decision 0013), or given here (handlers/own.py), each for one
use."""

from typing import Final

from schemas import mobility, people

ISSUER: Final = people.SERVICE
AUDIENCE: Final = mobility.SERVICE
HOME: Final = "/my/passport"
"""Where the page is that a link opens."""
