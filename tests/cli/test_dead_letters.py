"""From a dead letter to its effect, by commands and a reader that runs: edited, replayed, discarded, known at last."""

from dataclasses import replace
from pathlib import Path

from kit.ids import new_id
from kit.inbox import FactReader
from kit.testing.facts import Counted, Renamed
from kit.testing.records import TestRecord, stream
from kit.testing.running import produce
from kit.testing.waiting import until

from .conftest import World, write_down

BROKEN = b'{"by": "SECRET-7"}'


def reader(ceiling: int = 50, *, knows_more: bool = False) -> FactReader:
    return FactReader(
        "test.counting", [Counted, Renamed] if knows_more else [Counted], write_down, ceiling=ceiling
    )  # fmt: skip


def counts(world: World, *numbers: int) -> list[TestRecord]:
    """One counter that went up by these numbers."""
    return stream([Counted(by=by) for by in numbers], new_id(), topic=world.topic)


def broken(record: TestRecord) -> TestRecord:
    return replace(record, value=BROKEN)


async def kept(world: World, most: int, state: str = "open") -> list[int]:
    """The numbers of the letters in a state, as soon as there are so many."""
    found: list[int] = []

    async def there() -> bool:
        nonlocal found
        said = await world.ok("dead-letters", "list", world.service, "--state", state, "--json")
        found = [letter["id"] for letter in said.json]
        return len(found) >= most

    await until(there)
    return found


async def applied(world: World, versions: list[int]) -> None:
    async def there() -> bool:
        return [version for version, _ in await world.effects()] == versions

    await until(there)


async def test_an_edited_letter_is_applied_and_what_waited_behind_it_follows(world: World, tmp_path: Path) -> None:
    first, second, third = counts(world, 1, 2, 3)
    await produce(world.settings(), [broken(first), second, third])
    bad, good = tmp_path / "bad.json", tmp_path / "good.json"
    bad.write_text('{"by": "still not a number"}')
    good.write_text('{"by": 40}')
    async with world.reading(reader()):
        letter = (await kept(world, 3))[0]
        await world.decide("dead-letters", "edit", world.service, letter, "--file", bad)
        await tried(world, letter, 2)
        await world.decide("dead-letters", "edit", world.service, letter, "--file", good)
        await applied(world, [1, 2, 3])
    assert (await world.effects())[0] == (1, '{"by":40}')
    assert (await kept(world, 3, "applied"))[0] == letter


async def until_open(world: World, count: int) -> None:
    async def there() -> bool:
        said = await world.ok("dead-letters", "list", "--state", "open", "--json")
        return len(said.json) == count

    await until(there)


async def tried(world: World, letter: int, times: int) -> None:
    """Until the reader has tried it so often, and it is open again."""

    async def there() -> bool:
        shown = (await world.ok("dead-letters", "show", world.service, letter, "--json")).json
        return (shown["attempts"], shown["state"]) == (times, "open")

    await until(there)


async def test_a_letter_is_replayed_and_kept_where_it_still_cannot_be_read(world: World) -> None:
    await produce(world.settings(), [broken(counts(world, 1)[0])])
    async with world.reading(reader()):
        letter = (await kept(world, 1))[0]
        await world.decide("dead-letters", "replay", world.service, letter)
        await tried(world, letter, 2)


async def test_what_a_letter_holds_is_withheld_until_it_is_asked_for(world: World) -> None:
    await produce(world.settings(), [broken(counts(world, 1)[0])])
    async with world.reading(reader()):
        letter = (await kept(world, 1))[0]
    for words in (("list",), ("show", world.service, letter), ("show", world.service, letter, "--json")):
        assert "SECRET-7" not in (await world.ok("dead-letters", *words)).out
    assert "SECRET-7" in (await world.ok("dead-letters", "show", world.service, letter, "--reveal")).out


async def test_a_discarded_letter_lets_its_followers_go_and_its_copy_is_never_applied(world: World) -> None:
    """c7: the copy that waits behind it, and one that comes later."""
    first, second, third = counts(world, 1, 2, 3)
    await produce(world.settings(), [broken(first), second])
    async with world.reading(reader()):
        await kept(world, 2)
        await produce(world.settings(), [broken(first)])
        letters = await kept(world, 3)
        await world.decide("dead-letters", "discard", world.service, letters[0])
        await applied(world, [2])
        await produce(world.settings(), [first, third])
        await applied(world, [2, 3])
        assert await kept(world, 1, "discarded") == [letters[0]]
        await until_open(world, 0)
    again = await world.run("dead-letters", "replay", world.service, letters[0], "--author", "a", "--reason", "b")
    assert again.code == 1
    assert "has been applied or discarded (it is discarded)" in again.error


async def test_a_type_from_the_future_is_kept_and_applied_by_a_reader_that_knows_it(world: World) -> None:
    """c9: its key does not wait meanwhile."""
    facts = [Counted(by=1), Renamed(label="new"), Counted(by=3)]
    await produce(world.settings(), stream(facts, new_id(), topic=world.topic))
    async with world.reading(reader()):
        await applied(world, [1, 3])
        listed = (await world.ok("dead-letters", "list", "--json")).json
        assert [(letter["kind"], letter["state"]) for letter in listed] == [("unknown", "open")]
    async with world.reading(reader(knows_more=True)):
        await applied(world, [1, 3, 2])
    await until_open(world, 0)


async def test_a_partition_that_stopped_at_the_ceiling_goes_on_when_it_is_resumed(world: World) -> None:
    """c8: the stop outlives its process, and what came before the resumption is not counted again."""
    await produce(world.settings(), [broken(counts(world, 1)[0]) for _ in range(4)] + counts(world, 9))
    for _ in range(2):
        async with world.reading(reader(ceiling=2)) as bus:

            async def stopped(bus: object = bus) -> bool:
                return bool(bus.stopped)  # type: ignore[attr-defined]

            await until(stopped)
        listed = (await world.ok("partitions", "list", "--json")).json
        assert [(row["topic"], row["stopped_code"]) for row in listed] == [(world.topic, "ceiling")]
    assert (await world.run("services", "list")).code == 1
    async with world.reading(reader(ceiling=2)):
        await world.decide("partitions", "resume", world.service, world.topic)
        await applied(world, [1])
    assert len(await kept(world, 4)) == 4
    assert (await world.ok("partitions", "list")).out == "no partition is stopped\n"
    again = await world.run("partitions", "resume", world.service, world.topic, "--author", "a", "--reason", "b")
    assert again.code == 1
    noted = await world.fetch("SELECT action, author, reason FROM kit.operation")
    assert [tuple(row) for row in noted] == [("resume", "tester", "a test")]


async def test_without_a_terminal_nobody_is_asked_to_edit(world: World) -> None:
    await produce(world.settings(), [broken(counts(world, 1)[0])])
    async with world.reading(reader()):
        letter = (await kept(world, 1))[0]
    said = await world.run("dead-letters", "edit", world.service, letter, "--author", "a", "--reason", "b")
    assert said.code == 2
    assert "give --file" in said.error


async def test_an_envelope_can_be_edited_too(world: World) -> None:
    (record,) = counts(world, 1)
    headers = [(name, b"not a number" if name == "ce_sequence" else raw) for name, raw in record.headers]
    await produce(world.settings(), [replace(record, headers=headers)])
    async with world.reading(reader()):
        letter = (await kept(world, 1))[0]
        words = ("dead-letters", "edit", world.service, letter, "--author", "a", "--reason", "b")
        refused = await world.run(*words, "--header", "ce_sequence=0")
        assert (refused.code, "sequence must be" in refused.error.replace(":", "")) == (1, True)
        await world.ok(*words, "--header", "ce_sequence=1")
        await applied(world, [1])
