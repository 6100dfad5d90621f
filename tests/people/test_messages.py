"""What people are told: by which facts, once, to the address that they have by then, and not where they do not want it."""

import asyncio
import re
import string
from collections.abc import AsyncIterator, Callable
from contextlib import suppress
from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from email.message import EmailMessage
from email.policy import SMTPUTF8
from pathlib import Path
from typing import Any
from uuid import UUID

import asyncpg
import jwt
import pytest
import pytest_asyncio
from hypothesis import example, given
from hypothesis import strategies as st
from pydantic import SecretStr

from kit.clock import now
from kit.database import Database
from kit.errors import Unavailable
from kit.ids import new_event_id, new_id
from kit.inbox import Received, each
from kit.links import Visitors
from kit.metrics import LOOPS
from kit.testing.client import Client
from kit.testing.databases import Clone
from kit.testing.records import envelope_of
from people.domain.messages import (
    OPTIONAL,
    RETRY_AFTER,
    TEMPLATES,
    Held,
    MessageKind,
    Page,
    Standing,
    held_because,
    next_try,
)
from people.handlers import People
from people.keyring import Key, Keyring
from people.links import HOMES, LASTS, Links
from people.messages import bounces, store
from people.messages.channels import TRY, Folder, Smtp
from people.messages.letters import Letters
from people.messages.store import id_of
from people.reactions import ACCEPTS, CONSUMER, TELLS
from people.sender import Sender
from people.settings import PeopleSettings
from schemas import learning, mobility
from schemas import talent_pipeline as tp
from schemas.corrections import Corrected
from schemas.fact import Fact

from .conftest import ADA, HOSPITALS
from .post_office import PostOffice, post_office
from .test_erasure import erased, everything

As = Callable[..., Any]
DAY = date(2026, 1, 5)
NOWHERE = Links("people", None, dict.fromkeys(Page, ""))
FROM = "One Workforce <no-reply@oneworkforce.example>"


# The rules -------------------------------------------------------------------------------------------------------------

MOMENT = datetime(2026, 6, 1, 12, tzinfo=UTC)
DUE = Standing(kind=MessageKind.OFFER_MADE, said_at=MOMENT, day=None, opted_out=False, reachable=True)


@pytest.mark.parametrize(
    ("given", "expected"),
    [
        ({}, None),
        ({"said_at": MOMENT - timedelta(days=7)}, None),
        ({"said_at": MOMENT - timedelta(days=7, seconds=1)}, Held.TOO_LATE),
        ({"day": date(2026, 6, 1)}, None),
        ({"day": date(2026, 5, 31)}, Held.TOO_LATE),
        ({"opted_out": True}, Held.OPTED_OUT),
        ({"opted_out": True, "reachable": False}, Held.OPTED_OUT),
        ({"reachable": False}, Held.NO_ADDRESS),
        ({"kind": MessageKind.REQUEST_DECIDED, "opted_out": True}, None),
        ({"kind": MessageKind.REQUEST_DECIDED, "reachable": False}, Held.NO_ADDRESS),
    ],
)
def test_what_stands_against_a_message(given: dict[str, Any], expected: Held | None) -> None:
    assert held_because(replace(DUE, **given), MOMENT) == expected


def test_a_message_is_tried_for_two_days_and_less_and_less_often() -> None:
    assert list(RETRY_AFTER) == sorted(RETRY_AFTER)
    assert timedelta(days=2) < sum(RETRY_AFTER, timedelta()) < timedelta(days=3)
    assert next_try(1, MOMENT) == MOMENT + timedelta(minutes=1)
    assert next_try(len(RETRY_AFTER), MOMENT) is not None
    assert next_try(len(RETRY_AFTER) + 1, MOMENT) is None


def test_every_kind_has_a_text_that_asks_for_a_day_and_for_nothing_else() -> None:
    assert set(TEMPLATES) == set(MessageKind)
    for template in TEMPLATES.values():
        fields = {name for _, name, _, _ in string.Formatter().parse(template.subject + template.body) if name}
        assert fields <= {"day"}
    assert set(MessageKind) - set(OPTIONAL) == {MessageKind.REQUEST_DECIDED}


# A vault, a mail server, and facts -------------------------------------------------------------------------------------


@pytest_asyncio.fixture
async def office() -> AsyncIterator[PostOffice]:
    async with post_office() as opened:
        yield opened


def settings_of(port: int, **more: Any) -> PeopleSettings:
    return PeopleSettings(
        database_dsn=SecretStr("postgresql://nowhere"), mail_host="127.0.0.1", mail_port=port, mail_tls="none", **more
    )


class Mail:
    """Facts as the worker hears them, and the worker's loop, turned by hand."""

    def __init__(self, database: Database, people: People, office: PostOffice) -> None:
        self.database, self.people, self.office = database, people, office
        self.apply = each(CONSUMER, ACCEPTS)
        letters = Letters(people.keys, FROM, "https://people.test", NOWHERE)
        channel = Smtp(settings_of(office.port, mail_bounces="bounces@oneworkforce.example"))
        self.sender = Sender(database, people, letters, channel)

    async def hear(self, fact: Fact, said_at: datetime | None = None, event_id: UUID | None = None) -> UUID:
        """The id of the event."""
        envelope = envelope_of(fact, new_id(), 1, said_at or now(), event_id or new_event_id())
        async with self.database.transaction() as tx:
            await self.apply(tx, [Received(envelope, fact, "t", 0, 0)])
        return envelope.id

    async def send(self) -> None:
        """All that is due, up to what does not go through."""
        while await self.sender.send_next():
            pass

    async def again(self) -> None:
        """As if the time of every retry had come."""
        async with self.database.transaction() as tx:
            await tx.execute("UPDATE message SET due_at = now() WHERE state = 'queued'")

    async def states(self) -> list[tuple[str, str | None]]:
        async with self.database.transaction() as tx:
            rows = await tx.fetch("SELECT state, code FROM message ORDER BY turn")
        return [(row["state"], row["code"]) for row in rows]


@pytest.fixture
def mail(database: Database, people: People, office: PostOffice) -> Mail:
    return Mail(database, people, office)


@pytest_asyncio.fixture
async def person(coordinator: Client) -> UUID:
    return UUID((await coordinator.made("/persons", {**ADA, "organisation": HOSPITALS}))["id"])


JOURNEY: dict[str, Any] = {
    "occurred_on": DAY, "vacancy_id": new_id(), "employer": HOSPITALS, "soc2020": "6135", "route": tp.Route.TALENT_PIPELINE,
}  # fmt: skip
PLACE: dict[str, Any] = {
    "occurred_on": DAY, "category": learning.Category.INDUCTION, "programme": next(iter(learning.Programme)), "course_id": new_id(),
    "booking_id": new_id(), "organisation": HOSPITALS, "sector": "nhs-trust", "learner_kind": next(iter(learning.LearnerKind)),
}  # fmt: skip


def offer(person: UUID) -> tp.OfferMade:
    return tp.OfferMade(**JOURNEY, person_id=person)


def check(person: UUID, awaiting: tp.Awaiting) -> tp.EmploymentCheckUpdated:
    return tp.EmploymentCheckUpdated(
        **JOURNEY,
        person_id=person,
        kind=tp.CheckKind.IDENTITY,
        number=1,
        status=tp.CheckStatus.REQUESTED,
        awaiting=awaiting,
    )


def passport_check(person: UUID, awaiting: mobility.CheckAwaiting) -> mobility.CheckRequested:
    return mobility.CheckRequested.model_validate(
        {"occurred_on": DAY, "person_id": person, "home": HOSPITALS, "kind": "criminal-record", "awaiting": awaiting}
    )


def free_place(person: UUID, until: date) -> learning.PlaceOffered:
    return learning.PlaceOffered.model_validate({**PLACE, "person_id": person, "until": until}, strict=False)


def examples(person: UUID) -> dict[type[Fact], Fact]:
    """One of each fact of which its person is told."""
    soon = now().date() + timedelta(days=20)
    core = {"organisation": HOSPITALS, "framework": "cstf-england-1-1", "subject": "fire-safety", "level": 1}
    move = {"home": HOSPITALS, "host": "bramley-home-care", "basis": next(iter(mobility.Basis)), "soc2020": "6135"}
    facts: list[Fact] = [
        offer(person),
        check(person, tp.Awaiting.CANDIDATE),
        tp.EmploymentCheckExpired(**JOURNEY, person_id=person, kind=tp.CheckKind.IDENTITY, number=1),
        learning.LearnerBooked.model_validate({**PLACE, "person_id": person}, strict=False),
        free_place(person, soon),
        learning.CompetenceExpiring.model_validate(
            {"occurred_on": DAY, "person_id": person, **core, "expires_on": soon}, strict=False
        ),
        passport_check(person, mobility.CheckAwaiting.HOLDER),
        mobility.CheckOverdue.model_validate(
            {
                "occurred_on": DAY,
                "person_id": person,
                "home": HOSPITALS,
                "kind": "reference",
                "awaiting": "holder",
                "since": DAY,
            },
            strict=False,
        ),
        mobility.DeploymentMatched.model_validate({"occurred_on": DAY, "person_id": person, **move}, strict=False),
        mobility.FirstDayPackGiven.model_validate({"occurred_on": DAY, "person_id": person, **move}, strict=False),
        *(
            kind.model_validate(
                {"occurred_on": DAY, "person_id": person, **move, "reason": "ward-closed", **more}, strict=False
            )
            for kind, more in (
                (mobility.DeploymentCancelled, {}),
                (mobility.DeploymentShortened, {"side": "host", "ends_on": soon}),
                (mobility.DeploymentRecalled, {}),
                (mobility.DeploymentEndedEarly, {"ended_by": "host"}),
            )
        ),
        mobility.ExtensionProposed.model_validate(
            {"occurred_on": DAY, "person_id": person, **move, "side": "host", "ends_on": soon, "answer_by": soon},
            strict=False,
        ),
    ]
    return {type(fact): fact for fact in facts}


# By which facts --------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("kind", TELLS, ids=lambda kind: kind.__name__)
async def test_whoever_a_fact_is_about_is_told_of_it(mail: Mail, person: UUID, kind: type[Fact]) -> None:
    await mail.hear(examples(person)[kind])
    await mail.send()
    (letter,) = mail.office.came
    assert (letter["To"], letter["From"]) == (ADA["email"], FROM)
    text = letter.get_content()
    assert text.splitlines()[0] == f"Dear {ADA['name']},"
    assert "{" not in text + letter["Subject"]
    assert await mail.states() == [("sent", None)]


# The way in ------------------------------------------------------------------------------------------------------------

HERE = {Page.LEARNING: "https://learning.test", Page.PASSPORT: "https://mobility.test/"}
LINK = re.compile(r"^(https://\S+)/start\?code=(\S+)\s*$", re.MULTILINE)


@pytest.fixture
def linking(mail: Mail, link_key: Path) -> Mail:
    """Letters that let in at pages of other services."""
    mail.sender.letters = replace(mail.sender.letters, links=Links("people", link_key, HERE))
    return mail


@pytest.mark.parametrize("kind", TELLS, ids=lambda kind: kind.__name__)
async def test_a_letter_lets_its_person_in_where_its_matter_is_shown(
    linking: Mail, person: UUID, link_key: Path, kind: type[Fact]
) -> None:
    fact = await linking.hear(examples(person)[kind])
    await linking.send()
    found = LINK.search(linking.office.came[0].get_content())
    page = {"learning": Page.LEARNING, "mobility": Page.PASSPORT}.get(kind.SERVICE)
    assert (found is None) == (page is None)
    if found is not None and page is not None:
        assert found[1] == HERE[page].rstrip("/") + HOMES[page]
        comes = Visitors("people", page, link_key.with_suffix(".jwks")).person_once(found[2])
        assert comes == (person, id_of(fact, person))
        assert jwt.decode(found[2], options={"verify_signature": False})["exp"] < (now() + LASTS).timestamp() + 1


async def test_a_letter_that_is_sent_again_lets_in_by_the_same_id(linking: Mail, person: UUID, link_key: Path) -> None:
    fact = await linking.hear(free_place(person, now().date() + timedelta(days=20)))
    taken = store.Taken(id_of(fact, person), person, MessageKind.PLACE_OFFERED, None, now(), 1)
    letters = [linking.sender.letters.letter(taken, ADA).get_content() for _ in range(2)]
    visitors = Visitors("people", Page.LEARNING, link_key.with_suffix(".jwks"))
    found = [LINK.search(letter) for letter in letters]
    assert {visitors.person_once(each[2]) for each in found if each} == {(person, taken.id)}


async def test_without_a_key_or_an_address_a_letter_has_no_link(mail: Mail, person: UUID, link_key: Path) -> None:
    for turn, links in enumerate((Links("people", None, HERE), Links("people", link_key, NOWHERE.urls))):
        mail.sender.letters = replace(mail.sender.letters, links=links)
        await mail.hear(free_place(person, now().date() + timedelta(days=20)))
        await mail.send()
        assert LINK.search(mail.office.came[turn].get_content()) is None


async def test_a_letter_waits_for_a_key_that_is_away(linking: Mail, person: UUID, link_key: Path) -> None:
    for away in (link_key.with_name("away.jwk"), link_key.with_suffix(".jwks")):
        linking.sender.letters = replace(linking.sender.letters, links=Links("people", away, HERE))
        if away.suffix == ".jwk":
            await linking.hear(free_place(person, now().date() + timedelta(days=20)))
        await linking.again()
        with pytest.raises(Unavailable):
            await linking.sender.send_next()
        assert (linking.office.came, await linking.states()) == ([], [("queued", None)])
    linking.sender.letters = replace(linking.sender.letters, links=Links("people", link_key, HERE))
    await linking.again()
    await linking.send()
    assert await linking.states() == [("sent", None)]


async def test_a_check_that_waits_for_others_is_not_told(mail: Mail, person: UUID) -> None:
    for awaiting in set(tp.Awaiting) - {tp.Awaiting.CANDIDATE}:
        await mail.hear(check(person, awaiting))
    for whose in set(mobility.CheckAwaiting) - {mobility.CheckAwaiting.HOLDER}:
        await mail.hear(passport_check(person, whose))
    assert await mail.states() == []


async def test_a_fact_that_is_heard_again_is_not_told_again(mail: Mail, person: UUID) -> None:
    fact = await mail.hear(offer(person))
    await mail.hear(offer(person), event_id=fact)
    await mail.send()
    await mail.hear(offer(person), event_id=fact)
    await mail.send()
    assert mail.office.ids == [f"<{id_of(fact, person)}@oneworkforce.example>"]


async def test_an_id_that_is_nobodys_is_seen_and_nothing_is_sent(mail: Mail, coordinator: Client, as_role: As) -> None:
    stranger = new_id()
    await mail.hear(offer(stranger))
    await mail.send()
    (row,) = (await coordinator.found("/messages"))["rows"]
    assert (row["person_id"], row["state"], row["code"]) == (str(stranger), "held", "unknown-person")
    assert (await as_role("partner", HOSPITALS).found("/messages"))["rows"] == []
    assert mail.office.came == []


async def test_what_is_voided_before_it_was_sent_is_not_sent_and_comes_back_with_its_fact(
    mail: Mail, person: UUID
) -> None:
    fact = await mail.hear(offer(person))
    voided = tp.FactVoided(fact_id=fact, fact_type=tp.OfferMade.TYPE, reason="mistake")
    await mail.hear(voided)
    await mail.send()
    assert (await mail.states(), mail.office.came) == ([("held", "taken-back")], [])
    await mail.hear(tp.FactRestored(fact_id=fact, fact_type=tp.OfferMade.TYPE, reason="mistake"))
    await mail.send()
    await mail.hear(voided)
    assert await mail.states() == [("sent", None)]


async def test_what_is_put_right_before_it_was_sent_is_told_as_it_should_have_been(mail: Mail, person: UUID) -> None:
    today = now().date()
    fact = await mail.hear(free_place(person, today + timedelta(days=3)))
    better = free_place(person, today + timedelta(days=9))
    await mail.hear(
        learning.FactCorrected(
            fact_id=fact, fact_type=better.TYPE, reason="mistake",
            replacement=better.model_dump(mode="json", exclude_none=True),
        )
    )  # fmt: skip
    await mail.send()
    (letter,) = mail.office.came
    assert f"until {better.until:%-d %B %Y}" in letter.get_content()


def put_right(fact: UUID, better: Fact, corrected: type[Corrected]) -> Fact:
    return corrected(
        fact_id=fact, fact_type=better.TYPE, reason="mistake", replacement=better.model_dump(mode="json", exclude_none=True),
    )  # fmt: skip


OTHER_CONTACTS = {"email": "ada.new@example.org"}


@pytest.mark.parametrize(
    "answer", ["550 5.1.1 No such user", "554 5.6.0 Not taken", None], ids=["bounced", "failed", "no address"]
)
async def test_what_did_not_come_through_and_is_voided_waits_for_nobody_and_no_other_contacts_send_it(
    mail: Mail, coordinator: Client, person: UUID, answer: str | None
) -> None:
    if answer is None:
        await coordinator.made(f"/persons/{person}/change-contacts", {"post": "1 Example Street"})
    else:
        mail.office.to_address = answer
    fact = await mail.hear(offer(person))
    await mail.send()
    await mail.hear(tp.FactVoided(fact_id=fact, fact_type=tp.OfferMade.TYPE, reason="mistake"))
    assert (await coordinator.found("/waiting", aggregate="message"))["rows"] == []
    mail.office.to_address = "250 OK"
    await coordinator.made(f"/persons/{person}/change-contacts", OTHER_CONTACTS)
    await mail.send()
    assert (await mail.states(), mail.office.came) == ([("held", "taken-back")], [])


async def test_what_is_taken_back_while_it_is_looked_up_stays_taken_back(
    mail: Mail, coordinator: Client, person: UUID
) -> None:
    fact = await mail.hear(offer(person))
    async with mail.database.transaction() as tx:
        taken = await store.take(tx)
    assert taken is not None
    await mail.hear(tp.FactVoided(fact_id=fact, fact_type=tp.OfferMade.TYPE, reason="mistake"))
    async with mail.database.transaction() as tx:
        await store.hold(tx, taken.id, Held.NO_ADDRESS)
    await coordinator.made(f"/persons/{person}/change-contacts", OTHER_CONTACTS)
    await mail.send()
    assert (await mail.states(), mail.office.came) == ([("held", "taken-back")], [])


async def test_what_bounced_and_was_put_right_is_sent_as_it_should_have_been(
    mail: Mail, coordinator: Client, person: UUID
) -> None:
    today = now().date()
    mail.office.to_address = "550 5.1.1 No such user"
    fact = await mail.hear(free_place(person, today + timedelta(days=3)))
    await mail.send()
    better = free_place(person, today + timedelta(days=9))
    await mail.hear(put_right(fact, better, learning.FactCorrected))
    mail.office.to_address = "250 OK"
    await coordinator.made(f"/persons/{person}/change-contacts", OTHER_CONTACTS)
    await mail.send()
    (letter,) = mail.office.came
    assert f"until {better.until:%-d %B %Y}" in letter.get_content()


async def test_whoever_a_fact_was_mistaken_for_is_not_told_when_it_is_voided_and_comes_back(
    mail: Mail, coordinator: Client, person: UUID
) -> None:
    other = UUID((await coordinator.made("/persons", {**ADA, "name": "Grace Other", **OTHER_CONTACTS}))["id"])
    fact = await mail.hear(offer(person))
    await mail.hear(put_right(fact, offer(other), tp.FactCorrected))
    await mail.hear(tp.FactVoided(fact_id=fact, fact_type=tp.OfferMade.TYPE, reason="mistake"))
    await mail.hear(tp.FactRestored(fact_id=fact, fact_type=tp.OfferMade.TYPE, reason="mistake"))
    await mail.send()
    assert [letter["To"] for letter in mail.office.came] == [OTHER_CONTACTS["email"]]


@pytest.mark.parametrize(("ago", "told"), [(365, 1), (3 * 365, 0)])
async def test_a_correction_tells_of_what_happened_as_long_as_it_would_be_known_that_it_was_told(
    mail: Mail, person: UUID, ago: int, told: int
) -> None:
    """A message is let go after two years: of an older fact nobody can say any more whether somebody was told of it."""
    better = offer(person).model_copy(update={"occurred_on": now().date() - timedelta(days=ago)})
    await mail.hear(
        tp.FactCorrected(
            fact_id=new_event_id(), fact_type=better.TYPE, reason="mistake",
            replacement=better.model_dump(mode="json", exclude_none=True),
        )
    )  # fmt: skip
    assert len(await mail.states()) == told


async def test_what_was_said_long_ago_is_not_told_to_whoever_reads_the_log_from_its_beginning(
    mail: Mail, person: UUID
) -> None:
    await mail.hear(offer(person), said_at=now() - timedelta(days=8))
    await mail.send()
    assert (await mail.states(), mail.office.came) == ([("held", "too-late")], [])


async def test_what_came_of_each_try_is_counted(mail: Mail, person: UUID) -> None:
    def counted() -> dict[str, float]:
        samples = [sample for metric in LOOPS.collect() for sample in metric.samples if sample.name.endswith("_total")]
        return {sample.labels["outcome"]: sample.value for sample in samples if sample.labels["loop"] == "messages"}

    before = counted()
    for answer in ("250 OK", "550 5.1.1 No such user", "451 4.7.1 Later"):
        mail.office.to_address = answer
        await mail.hear(offer(person))
        await mail.send()
    await mail.hear(offer(person), said_at=now() - timedelta(days=8))
    await mail.send()
    grown = {outcome: value - before.get(outcome, 0) for outcome, value in counted().items()}
    assert {outcome: grown[outcome] for outcome in ("sent", "bounced", "later", "held")} == dict.fromkeys(
        ("sent", "bounced", "later", "held"), 1.0
    )


# Sent ------------------------------------------------------------------------------------------------------------------


async def test_a_letter_says_where_it_comes_from_and_how_to_stop_it(mail: Mail, person: UUID) -> None:
    await mail.hear(offer(person))
    await mail.send()
    (letter,) = mail.office.came
    (link,) = re.findall(r"https://people\.test/messages/\S+", letter.get_content())
    assert (letter["List-Unsubscribe"], letter["List-Unsubscribe-Post"]) == (f"<{link}>", "List-Unsubscribe=One-Click")
    assert letter["Auto-Submitted"] == "auto-generated"
    assert mail.office.senders == ["bounces@oneworkforce.example"]


async def test_several_workers_send_each_message_once(mail: Mail, person: UUID) -> None:
    for _ in range(12):
        await mail.hear(offer(person))
    await asyncio.gather(*(mail.send() for _ in range(4)))
    await mail.send()
    assert (len(mail.office.ids), len(set(mail.office.ids))) == (12, 12)
    assert await mail.states() == [("sent", None)] * 12


async def test_what_a_server_does_not_take_now_is_tried_again_as_the_same_message(mail: Mail, person: UUID) -> None:
    await mail.hear(offer(person))
    mail.office.to_address = "451 4.7.1 Greylisted"
    await mail.send()
    assert await mail.states() == [("queued", "smtp-451")]
    mail.office.to_address, mail.office.to_message = "250 OK", "452 4.3.1 Full"
    await mail.send()  # not due yet
    await mail.again()
    await mail.send()
    assert await mail.states() == [("queued", "smtp-452")]
    mail.office.to_message = "250 OK"
    await mail.again()
    await mail.send()
    async with mail.database.transaction() as tx:
        assert await tx.fetchval("SELECT attempts FROM message") == 3
    assert (len(mail.office.came), await mail.states()) == (1, [("sent", None)])


async def test_a_process_that_died_before_it_noted_sends_again_under_the_same_id(mail: Mail, person: UUID) -> None:
    """The window that SMTP leaves: taken by the server, not noted by us. The lease ends."""
    await mail.hear(offer(person))
    async with mail.database.transaction() as tx:
        taken = await store.take(tx)
        held = await mail.people.details_of(tx, person)
    assert taken is not None
    await mail.sender.channel.send(mail.sender.letters.letter(taken, held))
    await mail.send()
    assert len(mail.office.came) == 1  # others leave it alone while the lease lasts
    await mail.again()
    await mail.send()
    assert len(set(mail.office.ids)) == 1
    first, second = (letter.as_bytes() for letter in mail.office.came)
    assert first == second


async def test_a_server_that_is_away_is_tried_for_days_and_then_somebody_is_told(
    mail: Mail, person: UUID, as_role: As
) -> None:
    mail.sender.channel = Smtp(settings_of(1))
    await mail.hear(offer(person))
    for _ in range(len(RETRY_AFTER)):
        await mail.send()
        assert await mail.states() == [("queued", "smtp-away")]
        await mail.again()
    await mail.send()
    assert await mail.states() == [("failed", "smtp-away")]
    partner = as_role("partner", HOSPITALS)
    (waits,) = (await partner.found("/waiting"))["rows"]
    assert (waits["who"], waits["why"]) == ("partner", "message-failed")
    mail.sender.channel = Smtp(settings_of(mail.office.port))
    assert await partner.made(f"/persons/{person}/send-again") == {"messages": 1}
    await mail.send()
    assert (len(mail.office.came), (await partner.found("/waiting"))["rows"]) == (1, [])


async def test_an_address_that_is_refused_has_bounced_until_there_is_another(
    mail: Mail, person: UUID, as_role: As
) -> None:
    mail.office.to_address = "550 5.1.1 No such user"
    await mail.hear(offer(person))
    await mail.send()
    partner = as_role("partner", HOSPITALS)
    (row,) = (await partner.found("/messages", state="bounced"))["rows"]
    assert (row["person_id"], row["code"]) == (str(person), "smtp-550")
    (waits,) = (await partner.found("/waiting"))["rows"]
    assert (waits["aggregate_id"], waits["why"]) == (row["id"], "message-bounced")
    place = f"/messages/{waits['aggregate_id']}"
    assert (await partner.found(place), (await partner.get(f"/messages/{person}")).status_code) == (row, 404)
    other = as_role("partner", "leeds-city-council")
    assert ((await other.found("/waiting"))["rows"], (await other.get(place)).status_code) == ([], 404)
    mail.office.to_address = "250 OK"
    await partner.made(f"/persons/{person}/change-contacts", {"email": "ada.other@example.org"})
    await mail.send()
    assert [letter["To"] for letter in mail.office.came] == ["ada.other@example.org"]
    assert (await partner.found("/waiting"))["rows"] == []


async def test_a_message_that_no_server_wants_has_failed(mail: Mail, person: UUID) -> None:
    mail.office.to_message = "554 5.7.1 Looks like spam"
    await mail.hear(offer(person))
    await mail.send()
    assert await mail.states() == [("failed", "smtp-554")]


async def test_a_server_that_does_not_let_us_in_is_no_fault_of_the_message(mail: Mail, person: UUID) -> None:
    told = settings_of(mail.office.port, mail_user="nobody", mail_password=SecretStr("x"))
    mail.sender.channel = Smtp(told)
    await mail.hear(offer(person))
    await mail.send()
    ((state, _),) = await mail.states()
    assert state == "queued"
    mail.sender.channel = Smtp(told.model_copy(update={"mail_tls": "starttls"}))
    await mail.again()
    await mail.send()
    ((state, code),) = await mail.states()
    assert (state, code) == ("queued", "smtp-away")
    assert mail.office.came == []


async def test_whoever_has_no_address_is_told_when_there_is_one(mail: Mail, coordinator: Client, as_role: As) -> None:
    partner = as_role("integrator", HOSPITALS)
    person = (await partner.made("/references/exchange", {"kind": "esr", "value": "1"}))["person_id"]
    await mail.hear(offer(UUID(person)))
    await mail.send()
    assert await mail.states() == [("held", "no-address")]
    await coordinator.made(f"/persons/{person}/change-contacts", {"email": "zoë@example.org"})
    await mail.send()
    (letter,) = mail.office.came
    assert (letter["To"], letter.get_content()[:6]) == ("zoë@example.org", "Hello,")


@pytest.mark.parametrize("address", ['a"b@example.org', "a\\b@example.org", "(a)@example.org"])
async def test_an_address_that_no_mail_can_be_written_to_holds_up_no_other(
    mail: Mail, coordinator: Client, address: str
) -> None:
    odd = (await coordinator.made("/persons", {"name": "Ada", "email": address}))["id"]
    await mail.hear(offer(UUID(odd)))
    await mail.hear(offer(UUID((await coordinator.made("/persons", ADA))["id"])))
    await mail.send()
    assert await mail.states() == [("bounced", "unwritable"), ("sent", None)]


async def test_a_defect_of_ours_holds_up_no_other(mail: Mail, person: UUID) -> None:
    class Broken(Smtp):
        async def send(self, message: EmailMessage) -> None:
            self.send = super().send  # type: ignore[method-assign]  # once
            raise KeyError

    mail.sender.channel = Broken(settings_of(mail.office.port))
    for _ in range(2):
        await mail.hear(offer(person))
    await mail.send()
    assert await mail.states() == [("queued", "defect"), ("sent", None)]


async def test_an_address_that_was_tampered_with_holds_up_no_other(
    mail: Mail, person: UUID, coordinator: Client
) -> None:
    await mail.hear(offer(person))
    await mail.hear(offer(UUID((await coordinator.made("/persons", {**ADA, "email": "grace@example.org"}))["id"])))
    async with mail.database.transaction() as tx:
        await tx.execute("UPDATE detail SET sealed = sealed || 'x' WHERE person_id = $1", person)
    await mail.send()
    assert (await mail.states(), len(mail.office.came)) == ([("queued", "defect"), ("sent", None)], 1)


# Not wanted ------------------------------------------------------------------------------------------------------------


async def test_what_somebody_stopped_by_the_link_in_a_letter_is_not_sent_and_the_rest_is(
    mail: Mail, person: UUID, as_role: As
) -> None:
    await mail.hear(offer(person))
    await mail.send()
    link = str(mail.office.came[0]["List-Unsubscribe"]).strip("<>").removeprefix("https://people.test")
    browser = as_role(None)
    asked = await browser.get(link)
    assert (asked.status_code, "Stop messages like this one" in asked.text) == (200, True)
    await mail.hear(offer(person))
    await mail.send()
    assert len(mail.office.came) == 2  # opened by a scanner, and not pressed
    one_click = await browser.http.post(link, data={"List-Unsubscribe": "One-Click"})
    assert one_click.status_code == 200
    await mail.hear(offer(person))
    await mail.hear(check(person, tp.Awaiting.CANDIDATE))
    await mail.send()
    assert await mail.states() == [("sent", None), ("sent", None), ("held", "opted-out"), ("sent", None)]
    forged = link[:-1] + ("0" if link[-1] != "0" else "1")
    for wrong in (forged, forged[:-64], link.replace(str(id_of(new_id(), person)), str(new_id())) + "é"):
        assert (await browser.http.post(wrong)).status_code in (401, 404)


async def test_what_somebody_stopped_under_one_id_is_not_sent_under_another_of_theirs(
    mail: Mail, person: UUID, coordinator: Client
) -> None:
    other, stranger = [UUID((await coordinator.made("/persons", ADA))["id"]) for _ in range(2)]
    await coordinator.made(f"/persons/{other}/link", {"same_as": str(person), "reason": "same-contact"})
    async with mail.database.transaction() as tx:
        await store.opt_out(tx, other, [MessageKind.OFFER_MADE])
    for whose in (person, other, stranger):
        await mail.hear(offer(whose))
    await mail.send()
    assert await mail.states() == [("held", "opted-out"), ("held", "opted-out"), ("sent", None)]
    await coordinator.made(f"/persons/{other}/unlink", {"reason": "mistaken"})
    await mail.hear(offer(person))
    await mail.send()
    assert (await mail.states())[-1] == ("sent", None), "it was somebody else who stopped it"


async def test_what_the_law_has_us_tell_is_told_whatever_somebody_stopped(
    mail: Mail, person: UUID, coordinator: Client, as_role: As
) -> None:
    async with mail.database.transaction() as tx:
        await store.opt_out(tx, person, list(MessageKind))
    request = (await coordinator.made("/erasures", {"person_id": str(person)}))["id"]
    await as_role("data-protection-officer").made(f"/erasures/{request}/refuse", {"ground": "legal-claims"})
    await mail.hear(offer(person))
    await mail.send()
    (letter,) = mail.office.came
    assert "by law (UK GDPR Article 12)" in letter.get_content()
    assert letter["List-Unsubscribe"] is None
    assert await mail.states() == [("sent", None), ("held", "opted-out")]


# Erased ----------------------------------------------------------------------------------------------------------------


async def test_of_whom_was_erased_nothing_is_sent_or_kept_and_nothing_is_kept_that_is_heard_later(
    mail: Mail, person: UUID, coordinator: Client, as_role: As, clone: Clone
) -> None:
    mail.office.to_address = "550 5.1.1 No such user"
    await mail.hear(offer(person))
    await mail.send()
    await mail.hear(offer(person))
    async with mail.database.transaction() as tx:
        await store.opt_out(tx, person, [MessageKind.CHECK_WAITS])
        assert await store.take(tx) is not None  # somebody is at it
    await erased(coordinator, as_role, str(person))
    mail.office.to_address = "250 OK"
    await mail.hear(offer(person))
    await mail.again()
    await mail.send()
    async with mail.database.transaction() as tx:
        await store.opt_out(tx, person, [MessageKind.CHECK_WAITS])
        for table in ("message", "opt_out", "kit.waiting"):
            assert await tx.fetchval(f"SELECT count(*) FROM {table}") == 0
    assert mail.office.came == []
    assert ADA["email"] not in await everything(clone)


async def test_no_row_and_no_line_of_the_log_holds_a_name_or_an_address(
    mail: Mail, person: UUID, clone: Clone, capsys: pytest.CaptureFixture[str], caplog: pytest.LogCaptureFixture
) -> None:
    for answer in ("250 OK", "550 5.1.1 ada@example.org does not live here", "451 ada@example.org later"):
        mail.office.to_address = answer
        await mail.hear(offer(person))
        await mail.send()
    assert [state for state, _ in await mail.states()] == ["sent", "bounced", "queued"]
    printed = capsys.readouterr()
    said = await everything(clone) + printed.out + printed.err + caplog.text
    assert "message_ended" in said
    assert not [each for each in (ADA["name"], ADA["email"], "Ada") if each in said]


# Returned --------------------------------------------------------------------------------------------------------------

RETURNED = """\
From: MAILER-DAEMON@mail.test\r
To: bounces@oneworkforce.example\r
Subject: Undelivered Mail Returned to Sender\r
MIME-Version: 1.0\r
Content-Type: multipart/report; report-type=delivery-status; boundary="b"\r
\r
--b\r
Content-Type: text/plain\r
\r
I'm sorry to have to inform you.\r
--b\r
Content-Type: message/delivery-status\r
\r
Reporting-MTA: dns; mail.test\r
\r
Final-Recipient: rfc822; ada@example.org\r
Action: {action}\r
Status: {status}\r
Diagnostic-Code: smtp; 550 5.1.1 <ada@example.org> unknown\r
\r
--b\r
Content-Type: {kind}\r
\r
From: One Workforce <no-reply@oneworkforce.example>\r
To: ada@example.org\r
Message-ID: {id}\r
\r
--b--\r
"""


async def returned(
    client: Client, id_: str, action: str = "failed", status: str = "5.1.1", kind: str = "message/rfc822"
) -> Any:
    raw = RETURNED.format(action=action, status=status, id=id_, kind=kind)
    return await client.http.post("/bounces", content=raw.encode(), headers={"content-type": "message/rfc822"})


@pytest.mark.parametrize("kind", ["message/rfc822", "text/rfc822-headers"])
async def test_what_the_mail_system_returns_has_bounced(
    mail: Mail, person: UUID, as_role: As, kind: str, clone: Clone
) -> None:
    await mail.hear(offer(person))
    await mail.send()
    system = as_role("mail-system")
    assert (await returned(system, mail.office.ids[0], "delayed", "4.4.1", kind)).json() == {"noted": False}
    assert await mail.states() == [("sent", None)]
    assert (await returned(system, mail.office.ids[0], kind=kind)).json() == {"noted": True}
    assert (await returned(system, mail.office.ids[0], kind=kind)).json() == {"noted": False}
    assert await mail.states() == [("bounced", "dsn-5.1.1")]
    (waits,) = (await as_role("partner", HOSPITALS).found("/waiting"))["rows"]
    assert waits["why"] == "message-bounced"
    assert ADA["email"] not in await everything(clone)


async def test_what_bounced_before_we_noted_that_it_was_sent_stays_bounced(
    mail: Mail, person: UUID, as_role: As
) -> None:
    fact = await mail.hear(offer(person))
    async with mail.database.transaction() as tx:
        taken = await store.take(tx)
    assert taken is not None
    assert (await returned(as_role("mail-system"), f"<{id_of(fact, person)}@x>")).json() == {"noted": True}
    async with mail.database.transaction() as tx:
        await store.mark_sent(tx, taken.id)
    await mail.again()
    await mail.send()
    assert (await mail.states(), mail.office.came) == ([("bounced", "dsn-5.1.1")], [])


@pytest.mark.parametrize(
    "raw",
    [
        b"", b"x", b"\x00\xff", b"Content-Type: multipart/report\r\n\r\nx", b"Subject: Out of office\r\n\r\nI am away",
        b"Content-Type: message/delivery-status\r\n\r\nAction: failed\r\n\r\n",
        RETURNED.format(action="failed", status="5.1.1", id="<someone-else@example.org>", kind="message/rfc822").encode(),
        RETURNED.format(action="failed", status="5.1.1", id="x" * 100_000, kind="message/rfc822").encode(),
        b"Content-Type: message/rfc822\r\n\r\n" * 2_000,
    ],
    ids=lambda raw: f"{len(raw)} bytes",
)  # fmt: skip
async def test_what_is_no_notification_of_ours_is_refused(as_role: As, raw: bytes) -> None:
    answer = await as_role("mail-system").http.post("/bounces", content=raw)
    assert (answer.status_code, answer.json()["type"]) == (422, "/problems/not-a-notification")


BROKEN = (
    b"<",
    b">",
    b"@",
    b'"',
    b"(",
    b"[",
    b":",
    b"\r\n",
    b"\x00",
    b"\xff",
    b"=?utf-8?q?x?=",
    b"*0*=",
    b"Message-ID: ",
    b"boundary=",
)


@given(
    kind=st.sampled_from(["message/rfc822", "text/rfc822-headers"]),
    broken=st.lists(st.tuples(st.integers(0, 800), st.integers(0, 30), st.sampled_from(BROKEN)), max_size=6),
)
@example(kind="message/rfc822", broken=[(RETURNED.index("<no-reply"), 30, b'"')])
def test_however_broken_a_notification_is_it_is_read_or_refused(
    kind: str, broken: list[tuple[int, int, bytes]]
) -> None:
    """A mail system hands over what strangers wrote."""
    raw = bytearray(RETURNED.format(action="failed", status="5.1.1", id=f"<{new_id()}@x>", kind=kind).encode())
    for place, length, put in broken:
        raw[place : place + length] = put
    with suppress(bounces.NotANotification):
        assert bounces.read(bytes(raw)).status


class OneKey(Keyring):
    """A key without a file."""

    def __init__(self) -> None:
        super().__init__(None)

    @property
    def current(self) -> Key:
        return Key.of("one", bytes(32))


@given(st.from_regex(r"[^@\s,;<>]+@[^@\s,;<>]+\.[^@\s,;<>]+", fullmatch=True))
@example("a.@example.org")
@example(".a@example.org")
@example("(a)@example.org")
@example("a@example..org")
@example("a@.org.")
def test_whatever_address_is_held_a_letter_goes_to_that_one_or_is_not_written(address: str) -> None:
    """The vault takes more than mail does."""
    taken = store.Taken(new_id(), new_id(), MessageKind.OFFER_MADE, None, MOMENT, 1)
    with suppress(ValueError):
        letter = Letters(OneKey(), FROM, "https://people.test", NOWHERE).letter(taken, {"email": address})
        assert str(letter["To"]) == address
        assert letter.as_bytes(policy=SMTPUTF8)


async def test_only_the_mail_system_returns_and_only_what_was_sent(as_role: As, coordinator: Client) -> None:
    id_ = f"<{new_id()}@oneworkforce.example>"
    assert (await returned(coordinator, id_)).status_code == 403
    assert (await returned(as_role("mail-system"), id_)).status_code == 404
    for path in ("/messages", "/persons"):
        assert (await as_role("mail-system").get(path)).status_code == 403


# Into a folder ---------------------------------------------------------------------------------------------------------


async def test_without_a_mail_server_each_message_is_a_file_and_sent_twice_it_is_one(
    mail: Mail, person: UUID, tmp_path: Path
) -> None:
    mail.sender.channel = Folder(tmp_path / "mail")
    fact = await mail.hear(offer(person))
    await mail.send()
    async with mail.database.transaction() as tx:
        await tx.execute("UPDATE message SET state = 'queued', due_at = now()")
    await mail.send()
    (file,) = (tmp_path / "mail").iterdir()
    assert (file.name, file.stat().st_mode & 0o777) == (f"{id_of(fact, person)}.eml", 0o600)
    assert ADA["name"] in file.read_text()
    (tmp_path / "in the way").touch()
    mail.sender.channel = Folder(tmp_path / "in the way")
    await mail.hear(offer(person))
    await mail.send()
    assert (await mail.states())[-1] == ("queued", "folder-away")


# By the tables ---------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "change", ["state = 'sent'", "due_at = NULL", "state = 'lost', due_at = NULL", "state = 'held', code = 'x'"]
)
async def test_what_is_queued_is_due_and_nothing_else_is(mail: Mail, person: UUID, change: str) -> None:
    await mail.hear(offer(person))
    with pytest.raises(asyncpg.CheckViolationError):
        async with mail.database.transaction() as tx:
            await tx.execute(f"UPDATE message SET {change}")


def test_the_lease_is_longer_than_a_try() -> None:
    assert store.LEASE.total_seconds() > 2 * TRY
