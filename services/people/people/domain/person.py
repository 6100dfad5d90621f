"""An id, and what becomes of it. It knows no name: who it is stands in the vault beside it."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime
from enum import StrEnum
from types import MappingProxyType
from typing import TypeAlias
from uuid import UUID

from kit import step
from kit.errors import NotFound, Refused
from kit.step import CannotFollow, Command, NotInThisState, Waiting, changed, day_of
from schemas.fact import Fact
from schemas.people import (
    ContactsChanged,
    LinkReason,
    NameChanged,
    PersonErased,
    PersonLinked,
    PersonRegistered,
    PersonUnlinked,
    UnlinkReason,
)
from schemas.values import Part, PartnerId

AGGREGATE = "person"


class Status(StrEnum):
    REGISTERED = "registered"
    LINKED = "linked"
    """Another id stands for the same person."""
    ERASED = "erased"
    """Nobody knows any more whose it was."""


class Person(Part):
    """One id as it stands."""

    status: Status
    since: date
    registered_on: date
    organisation: str | None
    same_as: UUID | None = None


# Commands --------------------------------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True, kw_only=True)
class Register(Command):
    organisation: PartnerId | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class ChangeName(Command):
    """The vault holds another name."""


@dataclass(frozen=True, slots=True, kw_only=True)
class ChangeContacts(Command):
    """The vault holds other contacts."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Link(Command):
    same_as: UUID
    """The other id of the same person; the caller resolves it to the one that stands for all."""
    reason: LinkReason


@dataclass(frozen=True, slots=True, kw_only=True)
class Unlink(Command):
    reason: UnlinkReason


@dataclass(frozen=True, slots=True, kw_only=True)
class Erase(Command):
    """By a request that was approved, alone."""


COMMANDS = (Register, ChangeName, ChangeContacts, Link, Unlink, Erase)
PersonFact: TypeAlias = PersonRegistered | NameChanged | ContactsChanged | PersonLinked | PersonUnlinked | PersonErased

ALLOWED: Mapping[Status, tuple[type[Command], ...]] = MappingProxyType({
    Status.REGISTERED: (ChangeName, ChangeContacts, Link),
    Status.LINKED: (ChangeName, ChangeContacts, Unlink),
    Status.ERASED: (),
})  # fmt: skip


class LinkedAlready(Refused):
    """It is linked to another person: unlink it first."""


# The machine -----------------------------------------------------------------------------------------------------------


def decide(command: Command, person: Person | None, now: datetime) -> list[PersonFact]:
    """The facts that follow from a command. An empty list means: already so."""
    match command, person:
        case Register(organisation=organisation), None:
            return [PersonRegistered(occurred_on=day_of(command, now), organisation=organisation)]
        case _, None:
            raise NotFound

        case Erase(), Person(status=Status.ERASED):
            return []
        case Erase(), Person():
            return [PersonErased(occurred_on=day_of(command, now, after=person.registered_on))]
        case _, Person(status=Status.ERASED):
            raise NotInThisState

        case ChangeName(), Person():
            return [NameChanged(occurred_on=day_of(command, now, after=person.registered_on))]
        case ChangeContacts(), Person():
            return [ContactsChanged(occurred_on=day_of(command, now, after=person.registered_on))]
        case Link(same_as=other, reason=reason), Person(status=Status.REGISTERED):
            day = day_of(command, now, after=person.since)
            return [PersonLinked(occurred_on=day, same_as=other, reason=reason)]
        case Unlink(reason=reason), Person(status=Status.LINKED, same_as=UUID() as other):
            day = day_of(command, now, after=person.since)
            return [PersonUnlinked(occurred_on=day, same_as=other, reason=reason)]

        case Link(same_as=other), Person(status=Status.LINKED, same_as=linked):
            if other == linked:
                return []
            raise LinkedAlready
        case _:
            raise NotInThisState


def evolve(person: Person | None, fact: Fact) -> Person:
    """The person after a fact. Raises CannotFollow."""
    match person, fact:
        case None, PersonRegistered(occurred_on=day):
            return Person(status=Status.REGISTERED, since=day, registered_on=day, organisation=fact.organisation)
        case Person(status=Status.REGISTERED | Status.LINKED), NameChanged() | ContactsChanged():
            return person
        case Person(status=Status.REGISTERED | Status.LINKED), PersonErased(occurred_on=day):
            return changed(person, status=Status.ERASED, since=day, same_as=None)
        case Person(status=Status.REGISTERED), PersonLinked(occurred_on=day):
            return changed(person, status=Status.LINKED, since=day, same_as=fact.same_as)
        case Person(status=Status.LINKED, same_as=linked), PersonUnlinked(occurred_on=day, same_as=other) if (
            linked == other
        ):
            return changed(person, status=Status.REGISTERED, since=day, same_as=None)
        case _:
            raise CannotFollow(fact, person)


def allowed(person: Person | None) -> tuple[str, ...]:
    """The commands that would change it."""
    return step.names((Register,) if person is None else ALLOWED[person.status])


def deadlines(person: Person) -> Mapping[str, datetime]:
    """Nothing falls due by itself."""
    return {}


def due(name: str, person: Person) -> Command:
    """Never asked: a person has no deadlines."""
    raise LookupError(name)


def waiting(person: Person) -> tuple[Waiting, ...]:
    """Nothing waits about an id; what may be one person twice is asked for as it stands (`GET /duplicates`)."""
    return ()
