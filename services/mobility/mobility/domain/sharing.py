"""Who was let look into a passport: since when, up to which day, and when that was taken back."""

from collections.abc import Iterable
from dataclasses import dataclass, replace
from datetime import date

from schemas.fact import Fact
from schemas.mobility import PassportClosed, PassportShared, SharingWithdrawn


@dataclass(frozen=True, slots=True)
class Sharing:
    """One organisation that may look, or might."""

    organisation: str
    since: date
    until: date
    """The last day, as it was said last."""
    ended_on: date | None = None
    """When it was taken back, or the passport closed."""

    def open_on(self, day: date) -> bool:
        """Whether the organisation may look on a day from `since` on."""
        return self.ended_on is None and day <= self.until


def shared(facts: Iterable[Fact]) -> tuple[Sharing, ...]:
    """Each time that somebody was let look, the last first. Said again before it was over, it goes on.

    `facts`: those of one passport that stand, in the order in which they were said.
    """
    last: dict[str, Sharing] = {}
    over: list[Sharing] = []
    for fact in facts:
        match fact:
            case PassportShared(organisation=organisation, until=until, occurred_on=day):
                before = last.get(organisation)
                if before is not None and before.until < day:
                    over.append(last.pop(organisation))
                last[organisation] = replace(last.get(organisation, Sharing(organisation, day, until)), until=until)
            case SharingWithdrawn(organisation=organisation, occurred_on=day) if organisation in last:
                over.append(replace(last.pop(organisation), ended_on=day))
            case PassportClosed(occurred_on=day):
                over += [each if each.until < day else replace(each, ended_on=day) for each in last.values()]
                last = {}
            case _:
                pass
    return tuple(sorted((*last.values(), *over), key=lambda each: (each.since, each.organisation), reverse=True))
