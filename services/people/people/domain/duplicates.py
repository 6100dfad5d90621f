"""When two records are likely one person: rules as data, the most telling first. A rule only asks; a person decides."""

from dataclasses import dataclass
from typing import Final

from people.domain.details import Kind
from schemas.people import LinkReason


@dataclass(frozen=True, slots=True)
class Rule:
    """Two records that share all of these, and were registered no further apart."""

    code: str
    shared: tuple[Kind, ...]
    reason: LinkReason
    """What a link by this rule says."""
    within_days: int | None = None


RULES: Final = (
    Rule("same-name-and-email", (Kind.NAME, Kind.EMAIL), LinkReason.SAME_CONTACT),
    Rule("same-name-and-phone", (Kind.NAME, Kind.PHONE), LinkReason.SAME_CONTACT),
    Rule("same-email", (Kind.EMAIL,), LinkReason.SAME_CONTACT),
    Rule("same-phone", (Kind.PHONE,), LinkReason.SAME_CONTACT),
    Rule("same-name-and-post", (Kind.NAME, Kind.POST), LinkReason.SAME_CONTACT),
    Rule("same-name-near-date", (Kind.NAME,), LinkReason.SAME_NAME_NEAR_DATE, within_days=92),
)
TELLING: Final = 12
"""What more records than this have in common (a hostel's telephone, a common name) tells nothing by itself."""


def rule_of(code: str) -> Rule | None:
    return next((rule for rule in RULES if code == rule.code), None)
