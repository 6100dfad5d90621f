"""Aggregates as rows: load, decide, evolve, save, say, in the caller's transaction.

Each aggregate is a module (`Machine`) that decides and evolves a frozen state, and a table of one shape: `id`, `turn`, `version`,
and `body`, the whole of its state. A service names its aggregates once, in the order in which their rows are locked; `act` is what
becomes of one command to one of them. An act that touches several is spelled out in the service's handlers with `lock` and `obey`.
"""

import json
from collections.abc import Awaitable, Callable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import date, datetime
from http import HTTPStatus
from types import MappingProxyType
from typing import TYPE_CHECKING, Any, Generic, Protocol, TypeVar, cast
from uuid import UUID

import asyncpg

from kit import deadlines, letting_go, outbox, persons, references, retention, waiting
from kit.clock import now
from kit.context import Context
from kit.corrections import Correction, CorrectionFact, Corrections, fold
from kit.database import Clause, Connection, seeing_everything, together
from kit.deadlines import Due
from kit.errors import NotFound, Refused, expect
from kit.ids import new_id
from kit.outbox import Said
from kit.persons import Persons, one_with
from kit.step import Command, Waiting
from schemas.corrections import Voided
from schemas.envelope import Envelope
from schemas.fact import Fact
from schemas.letting_go import LetGo
from schemas.values import Part, business_date

LOAD = "SELECT version, body FROM {table} WHERE id = $1 FOR UPDATE"
READ = "SELECT version, body FROM {table} WHERE id = $1"
INSERT = "INSERT INTO {table} (id, version, body) VALUES ($1, $2, $3)"
UPDATE = "UPDATE {table} SET version = $2, body = $3 WHERE id = $1"
LIST = "SELECT id, turn, version, body FROM {table} WHERE body @> $1 AND turn < $2 ORDER BY turn DESC LIMIT $3"
# Each of these by itself: so an index finds the rows.
LIST_OF = """
SELECT id, turn, version, body FROM unnest($1::jsonb[]) AS wanted JOIN {table} ON body @> wanted
WHERE turn < $2 ORDER BY turn DESC LIMIT $3
"""
STATEMENTS = {"load": LOAD, "read": READ, "insert": INSERT, "update": UPDATE, "list": LIST, "list of": LIST_OF}

if TYPE_CHECKING:
    from kit.reconcile import Found

State = TypeVar("State", bound=Part)


class SomethingHangsOnIt(Refused):
    """Something else names it: void that first."""


class Machine(Protocol):
    """An aggregate's module: pure functions over its commands, its facts and its frozen state."""

    AGGREGATE: str
    """What it is called, in the journal and as a table."""

    def decide(self, command: Any, state: Any, now: datetime, /) -> Sequence[Fact]:
        """The facts that follow from a command. An empty list means: already so. Raises Refused."""

    def evolve(self, state: Any, fact: Fact, /) -> Any:
        """The state after a fact. Raises CannotFollow."""

    def allowed(self, state: Any, /) -> tuple[str, ...]:
        """The commands that would change it, by name."""

    def deadlines(self, state: Any, /) -> Mapping[str, datetime]:
        """What falls due by itself, and when."""

    def due(self, name: str, state: Any, /) -> Command:
        """The command that a deadline stands for."""

    def waiting(self, state: Any, /) -> tuple[Waiting, ...]:
        """Who has to do something about it."""


def decided(machine: Machine, command: Command, state: Any, at: datetime) -> Sequence[Fact]:
    """What a machine decides. A refusal says which state it met and what that would allow: what to do instead."""
    try:
        return machine.decide(command, state, at)
    except Refused as refusal:
        if state is not None and refusal.status == HTTPStatus.CONFLICT:
            refusal.met(state.status, machine.allowed(state))
        raise


@dataclass(frozen=True, slots=True)
class Row(Generic[State]):
    """An aggregate as it is kept. No state: every fact of it was voided."""

    id: UUID
    version: int
    state: State | None
    turn: int = 0

    @property
    def standing(self) -> State:
        """The state of what has one. Raises NotFound."""
        if self.state is None:
            raise NotFound
        return self.state


@dataclass(frozen=True, slots=True)
class Kept(Row[State]):
    """An aggregate after a command: what was said, and what its state would allow."""

    said: tuple[Envelope, ...] = ()
    allowed: tuple[str, ...] = ()

    @property
    def body(self) -> dict[str, Any]:
        """As a caller sees it: its state, its version, and what it would allow."""
        if self.state is None:
            return {"id": self.id, "version": self.version, "status": "voided", "allowed": ()}
        return {"id": self.id, "version": self.version, **self.state.model_dump(mode="json"), "allowed": self.allowed}


Does = Callable[[Connection, UUID, Any, Context, int | None], Awaitable[Kept[Any]]]
"""A command to what has this id, believed to have this version."""
Follows = Callable[[Connection, UUID, Part | None, Part | None], Awaitable[None]]
"""What else a service keeps whenever a state (the second; the first is what it was) is saved, in the same transaction."""


async def _nothing_follows(tx: Connection, id_: UUID, before: Part | None, state: Part | None) -> None:
    """Most states imply their deadlines and what waits, and nothing else."""


async def _since(tx: Connection, id_: UUID, state: Any) -> date | None:
    """The day of its last step: of most records nothing else is asked."""
    day: date = state.since
    return day


@dataclass(frozen=True)
class Aggregates:
    """All aggregates of a service. Its methods raise Refused."""

    machines: Mapping[type[Part], Machine]
    """Each state's machine, in the order in which rows are locked: whoever locks several does it in this order, then by id."""
    says: Corrections | None = None
    """How a fact of it is put right; None: none ever is, another follows it."""
    organisation: Callable[[Any, str], str | None] = lambda state, who: None
    """The organisation that sees what waits about a state for somebody (`Waiting.who`); None: the programme alone."""
    refusals: Mapping[str, type[Refused]] = field(default_factory=dict)
    """What it means that a constraint of a table does not take a state, by the constraint's name."""
    hang_on: Mapping[str, str] = field(default_factory=dict)
    """By aggregate, the statement that says whether another one names it: then its last fact cannot be voided."""
    follows: Follows = _nothing_follows
    persons: Persons = field(default_factory=Persons)
    """Where the service keeps persons."""
    one_with: Callable[[Connection, UUID], Awaitable[Sequence[UUID]]] = one_with
    """Every id of a person, this one among them: as people has said it, or as people knows it."""
    schedule: Sequence[retention.Line] = ()
    """How long what is one person's is kept after it has ended."""
    ended_on: Callable[[Connection, UUID, Any], Awaitable[date | None]] = _since
    """From which day the period runs of a record in one of its ends; None: something else is still kept for its sake."""
    lets_go: type[LetGo] | None = None
    """How it is said that this was over for a record; None: nobody else holds anything for its sake."""

    # -- rows ------------------------------------------------------------------------------------------------------

    async def load(self, tx: Connection, kind: type[State], id_: UUID) -> Row[State] | None:
        """The row, locked until the transaction ends. None: there is none, or it is another organisation's."""
        return self._row(kind, id_, await tx.fetchrow(self._on(kind, LOAD), id_))

    async def read(self, tx: Connection, kind: type[State], id_: UUID) -> Row[State] | None:
        """The row, unlocked."""
        return self._row(kind, id_, await tx.fetchrow(self._on(kind, READ), id_))

    async def listed(
        self, tx: Connection, kind: type[State], having: Mapping[str, Any], before: int, limit: int
    ) -> Sequence[Row[State]]:
        """The newest rows whose state has these fields, older than a turn. What was voided is not listed.

        Who has several ids is found by each of them.
        """
        if "person_id" in having:
            ids = await self.one_with(tx, UUID(having["person_id"]))
            every = [json.dumps({**having, "person_id": str(id_)}) for id_ in ids]
            rows = await tx.fetch(self._on(kind, LIST_OF), every, before, limit)
        else:
            rows = await tx.fetch(self._on(kind, LIST), json.dumps(having), before, limit)
        return [Row(row["id"], row["version"], kind.model_validate_json(row["body"]), row["turn"]) for row in rows]

    def statements(self) -> Mapping[str, str]:
        """Every statement that is said to the service's tables, for the test that prepares them."""
        tables = [machine.AGGREGATE for machine in self.machines.values()]
        said = {
            f"{table} {name}": statement.replace("{table}", table)
            for table in tables
            for name, statement in STATEMENTS.items()
        }
        return MappingProxyType(said | {f"{table} hangs": statement for table, statement in self.hang_on.items()})

    def kind(self, aggregate: str) -> type[Part]:
        """The state of the aggregate that is called so."""
        return next(kind for kind, machine in self.machines.items() if aggregate == machine.AGGREGATE)

    def name(self, kind: type[Part]) -> str:
        """What the aggregate of this state is called."""
        return self.machines[kind].AGGREGATE

    def kept(self, row: Row[State], said: Sequence[Envelope] = ()) -> Kept[State]:
        """The row as a caller sees it."""
        allowed = () if row.state is None else self.machines[type(row.state)].allowed(row.state)
        return Kept(row.id, row.version, row.state, row.turn, tuple(said), allowed)

    def _on(self, kind: type[Part], statement: str) -> str:
        """The statement for this state's table. Table names come from the machines, never from a caller."""
        return statement.replace("{table}", self.name(kind))

    def _row(self, kind: type[State], id_: UUID, row: Any) -> Row[State] | None:
        if row is None:
            return None
        return Row(id_, row["version"], None if row["body"] is None else kind.model_validate_json(row["body"]))

    # -- one command -----------------------------------------------------------------------------------------------

    async def act(
        self,
        tx: Connection,
        kind: type[State],
        id_: UUID,
        command: Command,
        context: Context,
        if_match: int | None = None,
    ) -> Kept[State]:
        """One command to one aggregate."""
        return await self.obey(tx, await self.lock(tx, kind, id_, if_match), [command], context)

    async def begin(
        self, tx: Connection, kind: type[State], commands: Sequence[Command], context: Context, id_: UUID | None = None
    ) -> Kept[State]:
        """A new aggregate, by its first command and those that follow it in the same act."""
        return await self.obey(tx, Row(id_ or new_id(), 0, None), commands, context, kind)

    async def lock(self, tx: Connection, kind: type[State], id_: UUID, if_match: int | None = None) -> Row[State]:
        """The row, locked. Raises NotFound where there is none to see, Stale where the caller believed in another version."""
        row = await self.load(tx, kind, id_)
        if row is None or row.state is None:
            raise NotFound
        expect(row.version, if_match)
        return row

    async def look(self, tx: Connection, kind: type[State], id_: UUID, field: str | None = None) -> State:
        """The state, unlocked. Raises NotFound, naming the field that named it."""
        row = await self.read(tx, kind, id_)
        if row is None or row.state is None:
            raise NotFound(field=field)
        return row.state

    async def obey(
        self,
        tx: Connection,
        row: Row[State],
        commands: Sequence[Command],
        context: Context,
        kind: type[State] | None = None,
    ) -> Kept[State]:
        """Decide on the commands one after the other, and keep what they leave."""
        which = kind or cast(type[State], type(row.state))
        machine, state = self.machines[which], row.state
        said: list[Fact] = []
        for command in commands:
            for fact in decided(machine, command, state, context.now):
                state = machine.evolve(state, fact)
                said.append(fact)
        return await self._keep(tx, which, row, state, said, context)

    async def _keep(
        self,
        tx: Connection,
        kind: type[State],
        row: Row[State],
        state: State | None,
        said: Sequence[Fact],
        context: Context,
    ) -> Kept[State]:
        """Save the state and what hangs on it, and say the facts; nothing, where nothing was said."""
        after = Row(row.id, row.version + len(said), state)
        if not said:
            return self.kept(after)
        new = row.version == 0
        await self._save(tx, kind, after, new=new)
        envelopes, clause = outbox.said(self.name(kind), row.id, row.version, said, context)
        await self._keep_what_follows(tx, kind, after, row.state, clause, new=new)
        return self.kept(after, envelopes)

    async def _save(self, tx: Connection, kind: type[State], row: Row[State], *, new: bool) -> None:
        body = None if row.state is None else row.state.model_dump_json()
        try:
            await tx.execute(self._on(kind, INSERT if new else UPDATE), row.id, row.version, body)
        except asyncpg.IntegrityConstraintViolationError as error:
            if (refusal := self.refusals.get(error.constraint_name or "")) is None:
                raise
            raise refusal from error

    async def _keep_what_follows(
        self,
        tx: Connection,
        kind: type[State],
        row: Row[State],
        before: State | None = None,
        *said: Clause,
        new: bool = False,
    ) -> None:
        """What was said, and what a state implies: its deadlines, what waits for whom, and what the service adds. Not all is the
        caller's to see.

        What is new has none of these yet, so nothing is asked of the database where nothing is wanted.
        """
        machine, state = self.machines[kind], row.state
        if state is None and said:
            await together(tx, *said)  # the period of what was voided runs from when that was said
            said = ()
        clauses = list(said)
        due = {} if state is None else dict(machine.deadlines(state))
        due |= await self._let_go_at(tx, kind, row, new)
        if due or not new:
            clauses.append(deadlines.kept(machine.AGGREGATE, row.id, due))
        waits = () if state is None else machine.waiting(state)
        if waits or not new:
            seen_by = {each: self.organisation(state, each.who) for each in waits}
            clauses.append(waiting.kept(machine.AGGREGATE, row.id, seen_by))
        async with seeing_everything(tx):
            await together(tx, *clauses)
            await self.follows(tx, row.id, before, state)

    async def fall_due(self, tx: Connection, due: Due, context: Context) -> Kept[Any] | None:
        """A deadline: the command that its name stands for, to the aggregate as it is now; or it is let go. What became of it."""
        kind = self.kind(due.aggregate)
        row = await self.load(tx, kind, due.aggregate_id)
        if row is not None and due.name == retention.NAME:
            await self._let_go(tx, kind, row, context)
        elif row is not None and row.state is not None:
            return await self.obey(tx, row, [self.machines[kind].due(due.name, row.state)], context)
        return None

    # -- retention -------------------------------------------------------------------------------------------------

    def _line(self, kind: type[Part], state: Part | None) -> retention.Kept | None:
        """The line of the schedule that speaks of a state."""
        return retention.kept(self.schedule, self.name(kind), state)

    async def _ended(self, tx: Connection, row: Row[Any]) -> date | None:
        """From which day the period of a record runs that is in one of its ends. None: none does, or it was forgotten."""
        if row.state is not None:
            return await self.ended_on(tx, row.id, row.state)
        last = (await outbox.history(tx, row.id))[-1]
        return business_date(last.recorded_at) if isinstance(last.fact, Voided) else None

    async def _let_go_at(self, tx: Connection, kind: type[Part], row: Row[Any], new: bool) -> Mapping[str, datetime]:
        line = self._line(kind, row.state)
        if line is None:
            return {}
        since = row.state.since if new and row.state is not None else await self._ended(tx, row)
        return {} if since is None else {retention.NAME: await retention.due_at(tx, line, row.id, since, now())}

    async def _let_go(self, tx: Connection, kind: type[Part], row: Row[Any], context: Context) -> None:
        """Unless its period has begun anew, or it is kept longer, since the deadline was set: then that is worked out again."""
        line, since = self._line(kind, row.state), await self._ended(tx, row)
        if line is None or since is None or not await retention.is_over(tx, line, row.id, since, context.now):
            await self._keep_what_follows(tx, kind, row, row.state)
        else:
            day = business_date(context.now)
            await retention.let_go(tx, self.name(kind), row.id, line.record, since, self.persons, context.now)
            if self.lets_go is not None:
                said = self.lets_go(occurred_on=day, record=line.record, ended_on=since)
                await self._save(tx, kind, Row(row.id, row.version + 1, None), new=False)
                await outbox.record(tx, self.name(kind), row.id, row.version, [said], context)

    async def keep_longer(self, tx: Connection, id_: UUID, until: date, reason: str, context: Context) -> None:
        """A record whose period runs is kept until a day, or a person's rows are, under each of their ids.

        Raises NotFound for any other.
        """
        ids = sorted(await self.one_with(tx, id_))
        running = {each: aggregate for each in ids if (aggregate := await retention.aggregate_of(tx, each)) is not None}
        if not running and not any([await letting_go.is_there(tx, self.schedule, each) for each in ids]):
            raise NotFound
        for each in ids:
            await retention.keep_longer(tx, each, until, reason, context.actor, context.now)
        for each, aggregate in running.items():
            await self.look_again(tx, self.kind(aggregate), each)

    async def look_again(self, tx: Connection, kind: type[Part], id_: UUID) -> None:
        """What a state implies is worked out anew: something has changed that does not stand in it."""
        row = await self.load(tx, kind, id_)
        if row is not None:
            await self._keep_what_follows(tx, kind, row, row.state)

    # -- corrections -----------------------------------------------------------------------------------------------

    async def correct(
        self,
        tx: Connection,
        kind: type[State],
        id_: UUID,
        asked: Correction,
        context: Context,
        if_match: int | None = None,
    ) -> Kept[State]:
        """Void, restore or correct one fact, and put right what followed from it."""
        row = await self.load(tx, kind, id_)
        if row is None:
            raise NotFound
        expect(row.version, if_match)
        corrected = await self.put_right(tx, kind, row, asked, context)
        return await self.say_again(tx, kind, corrected, context)

    async def put_right(
        self, tx: Connection, kind: type[State], row: Row[State], asked: Correction, context: Context
    ) -> Kept[State]:
        """The correction by itself. An act that has consequences elsewhere takes them between this and `say_again`."""
        told = await history(tx, row.id)
        if any(isinstance(fact, LetGo) for _, fact in told):
            raise retention.Forgotten
        evolve = self.machines[kind].evolve
        assert self.says is not None, "a service that corrects nothing has no route that asks for it"
        said: list[CorrectionFact] = self.says.decide(asked, told, evolve, context.now)
        state = fold([*told, *((UUID(int=0), fact) for fact in said)], evolve)
        if persons.is_nobody(getattr(state, "person_id", None)):
            raise retention.Forgotten
        corrected = await self._keep(tx, kind, row, state, said, context)
        if corrected.state is None:
            await self._forget(tx, kind, row)
        return corrected

    async def say_again(
        self, tx: Connection, kind: type[State], corrected: Kept[State], context: Context
    ) -> Kept[State]:
        """What the service had said by itself, was taken back, and holds all the same: said here, since a deadline fires once."""
        kept, machine = corrected, self.machines[kind]
        if corrected.state is None or not corrected.said:
            return corrected
        fired = await deadlines.fired(tx, corrected.id)
        for name, moment in sorted(machine.deadlines(corrected.state).items(), key=lambda due: due[1]):
            if (name, moment) in fired and kept.state is not None:
                command = machine.due(name, kept.state)
                after = await self.obey(tx, kept, [command], because_of(context, kept))
                kept = replace(after, said=(*kept.said, *after.said))
        return kept

    async def _forget(self, tx: Connection, kind: type[State], row: Row[State]) -> None:
        """Nothing stands of it any more: nothing may name it, and partners may use its name again."""
        statement = self.hang_on.get(self.name(kind))
        if statement and await tx.fetchval(statement, row.id):
            raise SomethingHangsOnIt(state=getattr(row.state, "status", None))
        await references.forget(tx, row.id)

    # -- after a backup --------------------------------------------------------------------------------------------

    async def rebuild(self, tx: Connection, found: "Found") -> None:
        """The state of what the journal had lacked after a restore, worked out anew from it, in the order of the machines."""
        behind = [(id_, await outbox.history(tx, id_)) for id_ in found.behind]
        for kind, machine in self.machines.items():
            for id_, lines in behind:
                if machine.AGGREGATE == lines[0].fact.AGGREGATE:
                    await self._rebuild_one(tx, kind, id_, lines)

    async def _rebuild_one(self, tx: Connection, kind: type[Part], id_: UUID, lines: Sequence[Said]) -> None:
        last = lines[-1].fact
        told = [(line.event_id, line.fact) for line in lines if line.fact is not last or not isinstance(last, LetGo)]
        row = Row(id_, lines[-1].version, fold(told, self.machines[kind].evolve))
        await self._save(tx, kind, row, new=await self.read(tx, kind, id_) is None)
        if isinstance(last, LetGo):
            await retention.let_go(tx, self.name(kind), id_, last.record, last.ended_on, self.persons, now())
        else:
            await self._keep_what_follows(tx, kind, row)


def because_of(context: Context, kept: Kept[Any]) -> Context:
    """The circumstances of what follows from the last fact that was said."""
    return replace(context, causation_id=kept.said[-1].id) if kept.said else context


async def history(tx: Connection, id_: UUID) -> list[tuple[UUID, Fact]]:
    """All facts that were said of one, corrections included, each with its event's id."""
    return [(line.event_id, line.fact) for line in await outbox.history(tx, id_)]
