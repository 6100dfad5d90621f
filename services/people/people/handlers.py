"""What becomes of a command, in the caller's transaction: what is said of an id, and what the vault keeps beside it.

Several things of one command touch both: the id's facts, which go to everybody, and the name, which goes nowhere.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Any, TypeVar
from uuid import UUID

from kit.aggregates import Kept, Row, because_of
from kit.context import Context
from kit.database import EVERYONE, Connection, act_for, who_sees
from kit.errors import Invalid, NotFound, Refused
from kit.step import Command
from people import store, tree
from people.domain import duplicates, erasure, person, request
from people.domain.details import CONTACTS, Email, Kind, LookReason, Name, PartnersReference, Phone, Post, compared
from people.domain.duplicates import Rule
from people.domain.erasure import Erasure
from people.domain.messages import OPTIONAL, MessageKind
from people.domain.person import Person
from people.domain.request import Request
from people.elsewhere import nothing_ends
from people.keyring import Keyring
from people.messages import store as messages
from people.store import Detail, Likely, Look, aggregates
from schemas.people import LinkReason, Processing
from schemas.values import Code, PartnerId

Decided = TypeVar("Decided", Erasure, Request)


class NoWayToReach(Invalid):
    """A person has a name, and at least one way to be reached."""


class NotAPartner(Refused):
    """Only a partner's own system exchanges its references."""

    status = 403


class HeldUnderAnotherId(Refused):
    """What the person asked under another of their ids is held: release that first, or refuse it."""


class OnePersonAlready(Refused):
    """These ids are one person already."""


class SamePair(Invalid):
    """A pair has two ids."""


# What is sent ----------------------------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True, kw_only=True)
class Contacts(Command):
    """Every way to reach a person: what is left out is no longer held."""

    email: Email | None = field(default=None, repr=False)
    phone: Phone | None = field(default=None, repr=False)
    post: Post | None = field(default=None, repr=False)

    @property
    def held(self) -> dict[Kind, str]:
        return {kind: text for kind in CONTACTS if (text := getattr(self, kind)) is not None}


@dataclass(frozen=True, slots=True, kw_only=True)
class Registration(Contacts):
    """Who is registered, how they are reached, and on whose behalf."""

    name: Name = field(repr=False)
    organisation: PartnerId | None = None
    """Default: the caller's own; of a coordinator, the programme."""


@dataclass(frozen=True, slots=True, kw_only=True)
class NewName(Command):
    """The name as it is now."""

    name: Name = field(repr=False)


@dataclass(frozen=True, slots=True)
class Pair:
    """Two ids, in the order in which a pair is always written."""

    one: UUID
    other: UUID

    @classmethod
    def of(cls, first: UUID, second: UUID) -> "Pair":
        """Raises SamePair."""
        if first == second:
            raise SamePair(field="other")
        return cls(min(first, second), max(first, second))


@dataclass(frozen=True, slots=True)
class Shown:
    """Who a person is, for whoever said why they look."""

    person_id: UUID
    organisation: str | None
    status: str
    same_as: UUID | None
    details: Mapping[str, str] = field(repr=False)


@dataclass(frozen=True)
class People:
    """The commands of this service, with the keys that the vault opens by."""

    keys: Keyring

    # -- somebody ------------------------------------------------------------------------------------------------------

    async def register(self, tx: Connection, asked: Registration, context: Context) -> Kept[Person]:
        """Somebody gets an id. A partner registers for itself, a coordinator for anybody. Raises Refused."""
        caller = who_sees(tx)
        own = asked.organisation if caller == EVERYONE else asked.organisation or caller
        act_for(tx, own)
        if not asked.held:
            raise NoWayToReach(field="email", cure="Give an e-mail address, a telephone number or a postal address.")
        kept = await self._issue(tx, own, context, asked)
        await self._keep(tx, kept.id, {Kind.NAME: asked.name, **asked.held})
        return kept

    async def change_name(
        self, tx: Connection, id_: UUID, asked: NewName, context: Context, if_match: int | None = None
    ) -> Kept[Person]:
        row = await aggregates.lock(tx, Person, id_, if_match)
        if (await self._details(tx, [id_])).get(id_, {}).get(Kind.NAME) == asked.name:
            return aggregates.kept(row)
        kept = await aggregates.obey(tx, row, [person.ChangeName(occurred_on=asked.occurred_on)], context)
        await self._keep(tx, id_, {Kind.NAME: asked.name})
        return kept

    async def change_contacts(
        self, tx: Connection, id_: UUID, asked: Contacts, context: Context, if_match: int | None = None
    ) -> Kept[Person]:
        """Every way to reach them, anew: what had not reached them is sent again. Raises NoWayToReach."""
        row = await aggregates.lock(tx, Person, id_, if_match)
        if not asked.held:
            raise NoWayToReach(field="email", cure="Give an e-mail address, a telephone number or a postal address.")
        held = (await self._details(tx, [id_])).get(id_, {})
        if {kind: text for kind, text in held.items() if kind in CONTACTS} == asked.held:
            return aggregates.kept(row)
        kept = await aggregates.obey(tx, row, [person.ChangeContacts(occurred_on=asked.occurred_on)], context)
        await store.forget_details(tx, id_, [kind for kind in CONTACTS if kind not in asked.held])
        await self._keep(tx, id_, asked.held)
        await messages.send_again(tx, id_)
        return kept

    async def _issue(self, tx: Connection, own: str | None, context: Context, asked: Command) -> Kept[Person]:
        command = person.Register(occurred_on=asked.occurred_on, organisation=own)
        return await aggregates.begin(tx, Person, [command], context)

    async def _keep(self, tx: Connection, person_id: UUID, details: Mapping[Kind, str]) -> None:
        key = self.keys.current
        await store.keep_details(
            tx,
            [
                (person_id, kind, key.id, key.digest(kind, compared(kind, text)), key.seal(person_id, kind, text))
                for kind, text in details.items()
            ],
        )

    # -- who somebody is -----------------------------------------------------------------------------------------------

    async def look(self, tx: Connection, id_: UUID, reason: LookReason, context: Context) -> Shown:
        """Who somebody is; that it was asked, and why, is kept. Raises NotFound."""
        shown = await self._shown(tx, [id_], reason, context)
        if not shown:
            raise NotFound
        return shown[0]

    async def names(
        self, tx: Connection, ids: Sequence[UUID], reason: LookReason, context: Context
    ) -> dict[UUID, str | None]:
        """The names of those of them whom the caller may see, for a list that holds ids. Each who is named was looked at."""
        rows = await store.names_of(tx, ids)
        await self.keep_looks(tx, [id_ for id_, name in rows if name is not None], reason, context)
        return {id_: None if name is None else self._open(name) for id_, name in rows}

    async def find(
        self, tx: Connection, asked: Mapping[Kind, str], reason: LookReason, context: Context
    ) -> list[Shown]:
        """Whoever has all of these, of those whom the caller may see: 50 at most. Each who is shown was looked at."""
        digests = [
            (kind, key.digest(kind, compared(kind, text))) for kind, text in asked.items() for key in self.keys.every
        ]
        found = await store.found(tx, digests, len(asked))
        return await self._shown(tx, found, reason, context)

    async def _shown(self, tx: Connection, ids: Sequence[UUID], reason: LookReason, context: Context) -> list[Shown]:
        details = await self._details(tx, ids)
        shown = []
        for id_ in ids:
            row = await aggregates.read(tx, Person, id_)
            if row is not None and row.state is not None and row.state.status is not person.Status.ERASED:
                state = row.state
                shown.append(Shown(id_, state.organisation, state.status, state.same_as, details.get(id_, {})))
        await self.keep_looks(tx, [each.person_id for each in shown], reason, context)
        return shown

    @staticmethod
    async def keep_looks(tx: Connection, ids: Iterable[UUID], reason: LookReason, context: Context) -> None:
        """Keep that whoever calls looked at these, and why."""
        organisation = who_sees(tx)
        by = None if organisation == EVERYONE else organisation
        await store.keep_looks(tx, [Look(id_, context.now, context.actor, by, reason) for id_ in ids])

    async def _details(self, tx: Connection, ids: Sequence[UUID]) -> dict[UUID, dict[str, str]]:
        """What is held of these people, opened."""
        found: dict[UUID, dict[str, str]] = {}
        for held in await store.details_of(tx, ids):
            found.setdefault(held.person_id, {})[held.kind] = self._open(held)
        return found

    async def details_of(self, tx: Connection, id_: UUID) -> dict[str, str]:
        """What is held of a person, for that person: no look is kept."""
        return (await self._details(tx, [id_])).get(id_, {})

    async def references_of(self, tx: Connection, id_: UUID) -> list[tuple[str, str, str]]:
        """What partners call a person, for that person: the partner, the kind, and the reference itself."""
        return [
            (each.partner, each.kind, self.keys.of(each.key_id).open(id_, f"{each.partner} {each.kind}", each.sealed))
            for each in await store.references_of(tx, id_)
        ]

    def _open(self, held: Detail) -> str:
        return self.keys.of(held.key_id).open(held.person_id, held.kind, held.sealed)

    # -- a partner's references ----------------------------------------------------------------------------------------

    async def exchange(
        self, tx: Connection, references: Sequence[PartnersReference], context: Context
    ) -> list[tuple[UUID, bool]]:
        """Our id for each of a partner's own references, and whether it is new. The same reference has the same id for ever.

        One exchange of a partner at a time makes new ids: two at once would make two for one. Raises NotAPartner.
        """
        partner = who_sees(tx)
        if partner == EVERYONE:
            raise NotAPartner
        known = await self._known(tx, partner, references)
        fresh = [each for each in dict.fromkeys(references) if each not in known]
        if fresh:
            await store.one_exchange(tx, partner)
            known |= await self._known(tx, partner, fresh)
        new = {each: await self._name(tx, partner, each, context) for each in fresh if each not in known}
        await nothing_ends(tx, list(new.values()))
        return [(known[each], False) if each in known else (new[each], True) for each in references]

    async def _known(
        self, tx: Connection, partner: str, references: Iterable[PartnersReference]
    ) -> dict[PartnersReference, UUID]:
        """The keys are asked for here, after any lock: a key that came meanwhile is among them."""
        by_digest = {key.digest(partner, each.kind, each.value): each for each in references for key in self.keys.every}
        rows = await store.exchanged(tx, partner, list(by_digest))
        return {by_digest[digest]: person_id for digest, person_id in rows}

    async def _name(self, tx: Connection, partner: str, reference: PartnersReference, context: Context) -> UUID:
        kept = await self._issue(tx, partner, context, Command())
        key = self.keys.current
        digest = key.digest(partner, reference.kind, reference.value)
        sealed = key.seal(kept.id, f"{partner} {reference.kind}", reference.value)
        await store.keep_reference(tx, partner, reference.kind, key.id, digest, sealed, kept.id)
        return kept.id

    # -- one person twice ----------------------------------------------------------------------------------------------

    async def link(
        self, tx: Connection, id_: UUID, asked: person.Link, context: Context, if_match: int | None = None
    ) -> Kept[Person]:
        """This id and another are one person. Links form a tree: it is linked to the id that stands for all of the other's."""
        Pair.of(id_, asked.same_as)
        await tree.one_link(tx)
        root = await tree.root_of(tx, asked.same_as)
        if root is None or (await aggregates.look(tx, Person, root)).status is person.Status.ERASED:
            raise NotFound(field="same_as")
        row = await aggregates.lock(tx, Person, id_, if_match)
        if root == id_ or (row.standing.same_as and await tree.root_of(tx, id_) == root):
            raise OnePersonAlready(state=row.standing.status)
        linked = await aggregates.obey(tx, row, [replace(asked, same_as=root)], context)
        await aggregates.look_again(tx, Person, root)
        await store.forget_different(tx, id_, asked.same_as)
        return linked

    async def unlink(
        self, tx: Connection, id_: UUID, asked: person.Unlink, context: Context, if_match: int | None = None
    ) -> Kept[Person]:
        """They are two people after all, and are not proposed again."""
        await tree.one_link(tx)
        row = await aggregates.lock(tx, Person, id_, if_match)
        other = row.standing.same_as
        unlinked = await aggregates.obey(tx, row, [asked], context)
        if other is not None:
            await aggregates.look_again(tx, Person, other)
            await self.tell_apart(tx, Pair.of(id_, other), asked.reason, context)
        return unlinked

    async def likely(self, tx: Connection, after: Pair | None, limit: int) -> list[Likely]:
        """Pairs that are likely one person, each with the rules that say so: as the records stand now."""
        return await store.likely(tx, duplicates.RULES, None if after is None else (after.one, after.other), limit)

    async def link_likely(self, tx: Connection, rule: Rule, most: int, context: Context) -> list[Kept[Person]]:
        """Link the pairs of which this rule speaks, the later registered to the earlier; those that were linked."""
        linked = []
        for pair in await store.likely(tx, [rule], None, most):
            kept = await self._join(tx, pair, rule.reason, context)
            linked += [] if kept is None else [kept]
        return linked

    async def _join(self, tx: Connection, pair: Likely, reason: LinkReason, context: Context) -> Kept[Person] | None:
        """The two trees as one; None where they are one already, or were told apart: trees may have grown since."""
        await tree.one_link(tx)
        roots = [await tree.root_of(tx, each) for each in (pair.one, pair.other)]
        rows: list[Row[Person]] = [await aggregates.lock(tx, Person, each) for each in sorted(set(filter(None, roots)))]
        if len(rows) < 2 or await store.are_apart(tx, *[await tree.one_with(tx, row.id) for row in rows]):
            return None
        first, later = sorted(rows, key=lambda row: (row.standing.registered_on, row.id))
        linked = await aggregates.obey(tx, later, [person.Link(same_as=first.id, reason=reason)], context)
        await aggregates.look_again(tx, Person, first.id)
        return linked

    async def tell_apart(self, tx: Connection, pair: Pair, reason: Code, context: Context) -> None:
        """Two ids that are two people: not proposed any more. Raises NotFound."""
        for each in (pair.one, pair.other):
            await aggregates.look(tx, Person, each)
        await store.keep_different(tx, pair.one, pair.other, reason, context.actor, context.now)

    async def one_with(self, tx: Connection, id_: UUID) -> list[UUID]:
        """Every id of the person, that which stands for all first. Raises NotFound."""
        await aggregates.look(tx, Person, id_)
        return await tree.one_with(tx, id_)

    # -- erasure -------------------------------------------------------------------------------------------------------

    async def request_erasure(self, tx: Connection, asked: erasure.Request, context: Context) -> Kept[Erasure]:
        """A person asked to be erased: the month begins. Raises NotFound, AskedAlready."""
        await self._is_somebody(tx, asked.person_id)
        return await aggregates.begin(tx, Erasure, [asked], context)

    async def refuse_erasure(
        self, tx: Connection, id_: UUID, asked: erasure.Refuse, context: Context, if_match: int | None = None
    ) -> Kept[Erasure]:
        """What is held is kept; the person is told."""
        refused = await aggregates.act(tx, Erasure, id_, asked, context, if_match)
        return await self._tell_decided(tx, refused, context)

    async def approve_erasure(
        self, tx: Connection, id_: UUID, asked: erasure.Approve, context: Context, if_match: int | None = None
    ) -> Kept[Erasure]:
        """Every id of the person is erased in this transaction, and said to everybody; what they asked under another ends too.

        Raises HeldUnderAnotherId: a hold is on the person.
        """
        await tree.one_link(tx)
        seen = await aggregates.look(tx, Erasure, id_)
        rows = [await aggregates.lock(tx, Person, each) for each in sorted(await tree.one_with(tx, seen.person_id))]
        approved = await aggregates.act(tx, Erasure, id_, asked, context, if_match)
        if approved.said:
            because = because_of(context, approved)
            for each in await store.open_erasures(tx, [row.id for row in rows]):
                other = await aggregates.lock(tx, Erasure, each)
                if other.standing.status is erasure.Status.HELD:
                    raise HeldUnderAnotherId(state=other.standing.status)
                await aggregates.obey(tx, other, [asked], because)
            for row in rows:
                await aggregates.obey(tx, row, [person.Erase(occurred_on=asked.occurred_on)], because)
            for each in await store.open_requests(tx, [row.id for row in rows]):
                await aggregates.act(tx, Request, each, request.Close(occurred_on=asked.occurred_on), because)
        return approved

    # -- what else a person asks ---------------------------------------------------------------------------------------

    async def object(self, tx: Connection, asked: request.Object, context: Context) -> Kept[Request]:
        """A person objects to something: the month begins. Raises NotFound, AskedAlready."""
        await self._is_somebody(tx, asked.person_id)
        return await aggregates.begin(tx, Request, [asked], context)

    async def put_right(
        self, tx: Connection, person_id: UUID, contacts: Contacts, context: Context
    ) -> Kept[Request] | None:
        """A person says how they are reached: the month begins. None: so it stands already. Raises NoWayToReach, AskedAlready."""
        await self._is_somebody(tx, person_id)
        if not contacts.held:
            raise NoWayToReach(field="email")
        held = await self.details_of(tx, person_id)
        if {kind: text for kind, text in held.items() if kind in CONTACTS} == contacts.held:
            return None
        made = await aggregates.begin(tx, Request, [request.PutRight(person_id=person_id)], context)
        key = self.keys.current
        rows = [(str(kind), key.id, key.seal(person_id, kind, text)) for kind, text in contacts.held.items()]
        await store.propose(tx, made.id, rows)
        return made

    async def proposed(
        self, tx: Connection, id_: UUID, context: Context
    ) -> tuple[UUID, dict[str, str], dict[str, str]]:
        """Whose request it is, what is held, and what is to stand in its place: for who decides. It is kept as a look."""
        state = await aggregates.look(tx, Request, id_)
        await self.keep_looks(tx, [state.person_id], LookReason.CORRECT_RECORD, context)
        asked = {each.kind: self._open(each) for each in await store.proposed(tx, id_)}
        return state.person_id, await self.details_of(tx, state.person_id), asked

    async def grant(
        self, tx: Connection, id_: UUID, asked: request.Grant, context: Context, if_match: int | None = None
    ) -> Kept[Request]:
        """What was asked is done here, in this transaction: other contacts, or nothing more of what was objected to."""
        seen = await aggregates.look(tx, Request, id_)
        await aggregates.lock(tx, Person, seen.person_id)
        granted = await aggregates.act(tx, Request, id_, asked, context, if_match)
        if granted.said:
            because = because_of(context, granted)
            contacts: dict[str, Any] = {each.kind: self._open(each) for each in await store.proposed(tx, id_)}
            if contacts:
                await self.change_contacts(tx, seen.person_id, Contacts(**contacts), because)
            if seen.about is Processing.BEING_WRITTEN_TO:
                await messages.opt_out(tx, seen.person_id, OPTIONAL)
        return await self._decided(tx, granted, context)

    async def refuse(
        self, tx: Connection, id_: UUID, asked: request.Refuse, context: Context, if_match: int | None = None
    ) -> Kept[Request]:
        """What is held and done stays as it is; the person is told on which ground."""
        return await self._decided(tx, await aggregates.act(tx, Request, id_, asked, context, if_match), context)

    async def _decided(self, tx: Connection, kept: Kept[Request], context: Context) -> Kept[Request]:
        await store.forget_proposed(tx, kept.id)
        return await self._tell_decided(tx, kept, context)

    async def _tell_decided(self, tx: Connection, kept: Kept[Decided], context: Context) -> Kept[Decided]:
        """The person is told, whatever else they do not want to be told."""
        for said in kept.said:
            whose = kept.standing.person_id
            await messages.tell(tx, said.id, whose, MessageKind.REQUEST_DECIDED, None, context.now)
        return kept

    async def _is_somebody(self, tx: Connection, person_id: UUID) -> None:
        """Raises NotFound."""
        if (await aggregates.look(tx, Person, person_id, "person_id")).status is person.Status.ERASED:
            raise NotFound(field="person_id")
