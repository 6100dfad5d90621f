"""What becomes of a command: rows, facts, deadlines and what waits, in one transaction; and the state after a restore."""

from datetime import UTC, datetime
from typing import Any
from uuid import UUID

import pytest

from kit import deadlines, outbox, persons, waiting
from kit.context import Context
from kit.database import Database
from kit.ids import new_id
from kit.reconcile import Found
from kit.testing.databases import Clone, counted
from schemas.talent_pipeline import EmploymentStatus, Source
from talent_pipeline.domain import campaign
from talent_pipeline.domain.campaign import Campaign
from talent_pipeline.domain.journey import Candidacy
from talent_pipeline.domain.vacancy import Vacancy
from talent_pipeline.handlers import journeys, restoring
from talent_pipeline.store import aggregates
from talent_pipeline.testing import DRAFT, OPEN_CAMPAIGN, PLAN_CAMPAIGN

from .acts import FAR, a_vacancy, an_application, an_engagement, brought_to, permitted

NOW = datetime(2024, 6, 3, 9, tzinfo=UTC)


def context() -> Context:
    return Context(actor="test", now=NOW)


async def test_a_fact_is_said_at_noon_of_its_day_and_recorded_now(database: Database) -> None:
    async with database.transaction() as tx:
        kept = await aggregates.begin(tx, Vacancy, [DRAFT], context())
        (line,) = await outbox.history(tx, kept.id)
    assert (line.occurred_at, line.recorded_at) == (datetime(2023, 3, 1, 12, tzinfo=UTC), NOW)
    assert line.actor == "test"


async def test_a_command_is_three_turns_of_the_databases_between_its_begin_and_its_commit(database: Database) -> None:
    person_id = new_id()
    interest = journeys.Interest(
        person_id=person_id, source=Source.DIRECT, channel="website", employment_status=EmploymentStatus.UNEMPLOYED
    )
    async with database.transaction() as tx:
        await persons.know(tx, {person_id: None})
        await journeys.register_interest(tx, interest, context())  # the first of a session asks for types, too
        async with counted(tx) as statements:
            kept = await journeys.register_interest(tx, interest, context())
        assert await waiting.about(tx, kept.id)
    assert len(statements) == 3, "who it is, the state, and all that is said and follows"


async def test_a_refused_act_leaves_nothing(database: Database) -> None:
    with pytest.raises(campaign.AreaNamedTwice):
        async with database.transaction() as tx:
            twice = campaign.Plan(
                name="x", areas=PLAN_CAMPAIGN.areas * 2, channels=("a",), employers=("b",), opens_on=PLAN_CAMPAIGN.opens_on,
                closes_on=PLAN_CAMPAIGN.closes_on,
            )  # fmt: skip
            await aggregates.begin(tx, Campaign, [PLAN_CAMPAIGN], context())
            await aggregates.begin(tx, Campaign, [twice], context())
    async with database.transaction() as tx:
        assert await tx.fetchval("SELECT count(*) FROM kit.journal") == 0
        assert await tx.fetchval("SELECT count(*) FROM kit.outbox") == 0


async def test_a_campaign_opens_and_closes_by_itself(database: Database) -> None:
    async with database.transaction() as tx:
        kept = await aggregates.begin(tx, Campaign, [PLAN_CAMPAIGN], context())
    while await deadlines.fire_next(database, aggregates.fall_due, NOW):
        pass
    async with database.transaction() as tx:
        state = await aggregates.look(tx, Campaign, kept.id)
    assert (state.status, state.opened_on, state.closed_on) == (
        "closed",
        PLAN_CAMPAIGN.opens_on,
        PLAN_CAMPAIGN.closes_on,
    )


async def test_each_fact_has_a_version_of_its_own_and_the_row_has_the_last(database: Database) -> None:
    async with database.transaction() as tx:
        kept = await aggregates.begin(tx, Campaign, [PLAN_CAMPAIGN, OPEN_CAMPAIGN], context())
        lines = await outbox.history(tx, kept.id)
    assert ([line.version for line in lines], kept.version) == ([1, 2], 2)


async def test_a_permission_that_ran_out_is_said_and_the_pool_with_it(coordinator: Any, database: Database) -> None:
    engagement = await an_engagement(coordinator)
    await permitted(coordinator, engagement["id"], FAR)
    later = datetime(FAR.year, FAR.month, FAR.day, 23, 59, tzinfo=UTC)
    while await deadlines.fire_next(database, aggregates.fall_due, later.replace(year=FAR.year + 1)):
        pass
    assert (await coordinator.get(f"/engagements/{engagement['id']}")).json()["permission"]["expired"] is True


async def test_after_a_restore_the_state_is_worked_out_anew_from_the_journal(
    coordinator: Any, database: Database, clone: Clone
) -> None:
    candidacy = UUID(await an_application(coordinator, await a_vacancy(coordinator)))
    await brought_to(coordinator, str(candidacy), "start")
    tables = ("kit.waiting", "values_pass", "appointable", "candidacy", "vacancy", "engagement", "kit.person")
    async with Database.connect(clone.owner_dsn) as owner, owner.transaction() as tx:
        # of whom nothing was said here, people says it again
        await tx.execute("DELETE FROM kit.person WHERE id NOT IN (SELECT person_id FROM engagement)")
        before = {table: await _rows(tx, table) for table in tables}
        ids = tuple(row["aggregate_id"] for row in await tx.fetch("SELECT DISTINCT aggregate_id FROM kit.journal"))
        for table in tables:
            await tx.execute(f"DELETE FROM {table}")
        await restoring.rebuild(tx, Found(read=0, behind=ids, added=0, forgotten=()))
        assert {table: await _rows(tx, table) for table in tables} == before
    async with database.transaction() as tx:
        row = await aggregates.read(tx, Candidacy, candidacy)
    assert row is not None
    assert row.state is not None
    assert row.state.status == "started"


async def _rows(tx: Any, table: str) -> list[Any]:
    """Every row but for the turn and the moment, which are the database's own."""
    rows = [
        {name: given for name, given in row.items() if name not in ("turn", "heard_at")}
        for row in await tx.fetch(f"SELECT * FROM {table}")
    ]
    return sorted(rows, key=str)
