"""What may leave: figures after the door. Every number in these models is a Cell, every time a Moment."""

from datetime import date
from uuid import UUID

from pydantic import BaseModel, ConfigDict, Field

from reporting.disclosure import WORDS, Cell, Door, Moment, Profile
from reporting.figures import Behind, Count, Event, Figure, Grid, Growth, Partner, in_words
from reporting.flow import STAGES, Flow, Passage, StageCount
from reporting.metrics import Measure, Metric
from reporting.settings import ReportingSettings


class Shown(BaseModel):
    model_config = ConfigDict(frozen=True)


class ShownPosition(Shown):
    topic: str
    partition: str = Field(description="the partition's number, as a name")
    next_offset: Cell = Field(description="every record before it has been counted")
    stopped: bool = Field(description="whether the partition waits for an operator")


class ShownTopic(Shown):
    topic: str
    counted_up_to: Moment = Field(description="when the last event that is in the figure was written down")


class ShownPartner(Shown):
    id: str
    name: str
    last_heard: Moment


class ShownBehind(Shown):
    """What stands behind a figure besides its events."""

    topics: list[ShownTopic]
    positions: list[ShownPosition]
    dead_letters: Cell = Field(description="events of these topics that could not be read")
    waiting: Cell = Field(description="events that wait for one before them")
    partners: list[ShownPartner] = Field(description="the partners that are in the figure")


class ShownCount(Shown):
    value: Cell
    numerator: Cell
    denominator: Cell
    unknown: Cell


class ShownGroup(ShownCount):
    code: str | None
    label: str


class ShownFigure(ShownCount):
    """A figure as it may be seen by whoever asked."""

    id: str
    name: str
    title: str
    measure: Measure
    unit: str
    as_at: date
    profile: Profile
    profile_means: str
    rule: str
    counts_once: str
    window: str
    denominator_is: str | None
    unknown_are: str
    assumptions: list[str]
    counted_from: list[str] = Field(description="the types of the events")
    breakdowns: list[str] = Field(description="what `by` may be")
    by: str | None
    groups: list[ShownGroup]
    behind: ShownBehind


class ShownPoint(ShownCount):
    as_at: date


class ShownGrowth(Shown):
    """A figure over time, as it may be seen by whoever asked: as it is known today of each of these days."""

    id: str
    name: str
    title: str
    measure: Measure
    unit: str
    profile: Profile
    points: list[ShownPoint] = Field(description="the end of each quarter of two years, and the date asked for")


class ShownLine(Shown):
    """A group of the one breakdown, and its count in each group of the other; null where there is nothing to count."""

    code: str
    label: str
    whole: ShownCount
    cells: list[ShownCount | None]


class ShownGrid(Shown):
    """A figure by two of its breakdowns at once, as it may be seen by whoever asked."""

    figure: ShownFigure = Field(description="the figure, broken down by the lines")
    across: str
    columns: list[str] = Field(description="what the columns are called, in their order")
    lines: list[ShownLine]


class ShownEvent(Shown):
    """One event behind a figure, for those who may follow it there."""

    event_id: UUID
    type: str
    occurred_on: date | None
    topic: str
    partition: int
    offset: int


class ShownEvents(Shown):
    rows: list[ShownEvent]
    next: str | None = Field(description="the cursor to ask with for the next page; null at the end")


def show(figure: Figure, profile: Profile, settings: ReportingSettings) -> ShownFigure:
    """The figure, through the door."""
    metric, door = figure.metric, Door(profile, figure.metric.subject)
    return ShownFigure(
        id=metric.id,
        name=metric.name,
        title=metric.title,
        measure=metric.measure,
        unit=metric.unit,
        as_at=figure.as_at,
        profile=profile,
        profile_means=WORDS[profile],
        rule=rule(metric, settings),
        counts_once=metric.same,
        window=metric.window,
        denominator_is=metric.denominator,
        unknown_are=metric.unknowns,
        assumptions=list(metric.assumptions),
        counted_from=[event.TYPE for event in metric.events],
        breakdowns=list(metric.by),
        by=figure.by,
        groups=_groups(figure, door),
        behind=show_behind(figure.behind, profile),
        **_cells(metric, figure.total, door),
    )


def show_growth(growth: Growth, profile: Profile) -> ShownGrowth:
    """The figure over time, through the door: point by point."""
    metric, door = growth.metric, Door(profile, growth.metric.subject)
    points = [ShownPoint(as_at=day, **_cells(metric, count, door)) for day, count in growth.points]
    return ShownGrowth(
        id=metric.id, name=metric.name, title=metric.title, measure=metric.measure, unit=metric.unit, profile=profile,
        points=points,
    )  # fmt: skip


def show_grid(grid: Grid, profile: Profile, settings: ReportingSettings) -> ShownGrid:
    """The grid, through the door: cell by cell, by the same rule as everything else."""
    figure = show(grid.figure, profile, settings)
    metric, door = grid.figure.metric, Door(profile, grid.figure.metric.subject)

    def cell(code: str, across: str) -> ShownCount | None:
        count = grid.counts.get((code, across))
        return None if count is None else ShownCount(**_cells(metric, count, door))

    whole = {group.code: group for group in figure.groups}
    lines = [
        ShownLine(code=code, label=label, whole=whole[code], cells=[cell(code, across) for across in grid.columns])
        for code, label in grid.rows.items()
    ]
    return ShownGrid(figure=figure, across=grid.across, columns=list(grid.columns.values()), lines=lines)


def _groups(figure: Figure, door: Door) -> list[ShownGroup]:
    """The largest first, as far as it may be seen: an order by what is hidden would give it away."""
    groups = [
        ShownGroup(code=group.code, label=group.label, **_cells(figure.metric, group.count, door))
        for group in figure.groups
    ]
    return sorted(groups, key=lambda group: (-(group.numerator.number or 0), group.label))


def _cells(metric: Metric, count: Count, door: Door) -> dict[str, Cell]:
    return {
        "value": _value(metric.measure, count, door),
        "numerator": door.count(count.numerator, count.holders),
        "denominator": door.count(count.denominator, count.people),
        "unknown": door.count(count.unknown, count.unknown_people),
    }


def _value(measure: Measure, count: Count, door: Door) -> Cell:
    match measure:
        case Measure.COUNT:
            return door.count(count.numerator, count.holders)
        case Measure.SHARE:
            return door.share(count.numerator, count.denominator, count.holders, count.people)
        case Measure.SUM:
            return door.sum(count.amount, count.numerator)
        case Measure.POUNDS:
            return door.pounds(count.amount, count.numerator)
        case Measure.MEAN:
            return door.mean(count.amount, count.numerator)
        case Measure.MEDIAN:
            return door.median(count.amount, count.numerator)


def rule(metric: Metric, settings: ReportingSettings) -> str:
    """The rule by which it was counted, naming the categories of the group that is configuration."""
    group = ", ".join(f"{category.label} ({category.value})" for category in settings.black_or_black_african)
    return metric.rule.format(group=group)


def show_behind(behind: Behind, profile: Profile) -> ShownBehind:
    door = Door(profile)
    return ShownBehind(
        topics=[ShownTopic(topic=topic, counted_up_to=door.moment(moment)) for topic, moment in behind.counted],
        positions=[
            ShownPosition(
                topic=at.topic,
                partition=str(at.partition),
                next_offset=door.count(at.next_offset),
                stopped=at.stopped,
            )
            for at in behind.positions
        ],
        dead_letters=door.count(behind.dead_letters),
        waiting=door.count(behind.waiting),
        partners=[show_partner(partner, door) for partner in behind.partners],
    )


def show_partner(partner: Partner, door: Door) -> ShownPartner:
    return ShownPartner(id=partner.id, name=in_words(partner.id), last_heard=door.moment(partner.last_heard))


def show_events(events: list[Event], limit: int) -> ShownEvents:
    """A page of events: for entitled roles only, so nothing of it is rounded."""
    last = events[-1] if len(events) == limit else None
    return ShownEvents(
        rows=[
            ShownEvent(
                event_id=event.event_id,
                type=event.type,
                occurred_on=event.occurred_on,
                topic=event.topic,
                partition=event.partition,
                offset=event.offset,
            )
            for event in events
        ],
        next=f"{last.topic}/{last.partition}/{last.offset}" if last else None,
    )


class ShownPassage(Shown):
    """How those of an earlier stage came to this one."""

    went: Cell
    share: Cell = Field(description="of those of the earlier stage")
    median_days: Cell
    timed: Cell = Field(description="of how many the median is")


class ShownStage(Shown):
    stage: str
    title: str
    reached: Cell
    before: str | None = Field(description="the stage that it is measured from")
    from_before: ShownPassage | None
    from_first: ShownPassage | None


class ShownWay(Shown):
    code: str | None
    label: str
    stages: list[ShownStage]


class ShownFlow(Shown):
    """How people moved from stage to stage, as it may be seen by whoever asked."""

    id: str
    title: str
    unit: str
    as_at: date
    profile: Profile
    profile_means: str
    rule: str
    assumptions: list[str]
    by: str | None
    ways: list[ShownWay] = Field(description="one a group; a single one where nothing is broken down")
    behind: ShownBehind


def show_flow(flow: Flow, profile: Profile) -> ShownFlow:
    """The flow, through the door."""
    metric, door = flow.metric, Door(profile)
    return ShownFlow(
        id=metric.id,
        title=metric.title,
        unit=metric.unit,
        as_at=flow.as_at,
        profile=profile,
        profile_means=WORDS[profile],
        rule=metric.rule,
        assumptions=list(metric.assumptions),
        by=flow.by,
        ways=[
            ShownWay(code=way.code, label=way.label, stages=[_stage(stage, door) for stage in way.stages])
            for way in flow.ways
        ],
        behind=show_behind(flow.behind, profile),
    )


def _stage(stage: StageCount, door: Door) -> ShownStage:
    return ShownStage(
        stage=stage.stage,
        title=STAGES[stage.stage],
        reached=door.count(stage.reached, stage.people),
        before=STAGES[stage.before] if stage.before else None,
        from_before=_passage(stage.from_before, door),
        from_first=_passage(stage.from_first, door),
    )


def _passage(passage: Passage | None, door: Door) -> ShownPassage | None:
    if passage is None:
        return None
    return ShownPassage(
        went=door.count(passage.went, passage.people),
        share=door.share(passage.went, passage.of, passage.people, passage.people_of),
        median_days=door.median(passage.days, passage.people_timed),
        timed=door.count(passage.timed, passage.people_timed),
    )
