"""Log lines hold codes and ids, and nothing that somebody sent."""

import asyncio
import json
import logging
import subprocess
import sys
from typing import Any

import asyncpg
import pytest

from kit import log
from kit.database import Database

CANARY = "Jane-Example-1970"


@pytest.fixture
def lines(capsys: pytest.CaptureFixture[str]) -> Any:
    """The lines so far, once a test has configured the log."""

    def read() -> list[dict[str, Any]]:
        said = capsys.readouterr()
        assert said.err == ""
        return [json.loads(line) for line in said.out.splitlines()]

    return read


def test_a_field_that_is_not_in_the_list_is_dropped(lines: Any) -> None:
    log.configure("testing", "test")
    log.get("ours").info(
        "happened", value=CANARY, payload=CANARY, key=CANARY, email=CANARY, headers=[CANARY], code="a-code"
    )
    (line,) = lines()
    assert line["event"] == "happened"
    assert line["code"] == "a-code"
    assert CANARY not in json.dumps(line)


def test_a_library_that_repeats_itself_is_heard_once_in_a_while_with_how_often_and_we_always(lines: Any) -> None:
    log.configure("testing", "test")
    chatty = logging.getLogger("aiokafka.conn")
    for seconds in (0, 1, 2, 11, 12, 22):
        record = chatty.makeRecord("aiokafka.conn", logging.ERROR, "conn.py", 7, "away", (), None)
        record.created = 1_000_000 + seconds
        chatty.handle(record)
    chatty.handle(chatty.makeRecord("aiokafka.conn", logging.ERROR, "conn.py", 8, "another", (), None))
    for _ in range(2):
        log.get("ours").error("happened")
    assert [(line["event"], line.get("held_back")) for line in lines()] == [
        ("away", None), ("away", 2), ("away", 1), ("another", None), ("happened", None), ("happened", None),
    ]  # fmt: skip


@pytest.mark.parametrize(
    "given",
    [
        "jane.example@nhs.net",
        "LS1 4AP",
        "07700900123",
        "+447700900123",
        "QQ123456C",
        "eyJhbGciOi.eyJzdWIiOi.c2lnbmF0dXJl",
    ],
)
def test_what_looks_like_a_persons_is_removed_also_from_a_field_that_may_stand(lines: Any, given: str) -> None:
    log.configure("testing", "test")
    log.get("ours").warning("happened", detail=f"it was {given}, said somebody")
    (line,) = lines()
    assert given not in json.dumps(line)
    assert line["detail"].startswith("it was [removed]")


def test_an_error_is_its_class_and_its_place(lines: Any) -> None:
    log.configure("testing", "test")
    try:
        raise KeyError(CANARY)
    except KeyError as error:
        log.get("ours").error("defect", exc_info=error)
        log.get("ours").exception("defect")
        logging.getLogger("theirs").exception("it broke over %s", CANARY)
    for line in lines():
        assert line["error"] == "KeyError"
        assert line["where"].split(":")[0].endswith("test_log")
        assert CANARY not in json.dumps(line)


def test_a_librarys_message_stands_without_what_it_was_filled_with(lines: Any) -> None:
    log.configure("testing", "test")
    logging.getLogger("theirs").warning("it met %s and %r", CANARY, {"name": CANARY}, extra={"name_of": CANARY})
    logging.getLogger("asyncio").error("Task exception was never retrieved\nfuture: " + CANARY)  # noqa: G003 as asyncio does
    met, never = lines()
    assert met["event"] == "it met %s and %r"
    assert never["event"] == "Task exception was never retrieved"
    assert CANARY not in json.dumps([met, never])


def test_what_is_bound_to_a_task_is_in_its_lines_alone(lines: Any) -> None:
    log.configure("testing", "test")

    async def one(number: int) -> None:
        log.bind(correlation_id=str(number))
        await asyncio.sleep(0)
        log.get("ours").info("happened", count=number)

    async def both() -> None:
        await asyncio.gather(*(asyncio.create_task(one(number)) for number in range(2)))

    asyncio.run(both())
    assert {(line["correlation_id"], line["count"]) for line in lines()} == {("0", 0), ("1", 1)}


async def test_what_the_database_says_of_a_row_does_not_reach_a_line(database: Database, lines: Any) -> None:
    """PostgreSQL quotes the values of the row: `Key (key)=(Jane …) already exists`."""
    log.configure("testing", "test")
    statement = "INSERT INTO kit.task (consumer, event_id, code, detail) VALUES ($1, gen_random_uuid(), $1, NULL)"
    with pytest.raises(asyncpg.NotNullViolationError) as met:
        async with database.transaction() as tx:
            await tx.execute(statement, CANARY)
    assert CANARY in str(met.value.detail)  # the leak is there to be made
    log.get("ours").error("defect", exc_info=met.value)
    (line,) = [line for line in lines() if line["event"] == "defect"]
    assert CANARY not in json.dumps(line)


def test_a_planted_leak_is_found(lines: Any) -> None:
    """What these tests stand on can fail: a value in a field that may stand, of a form that nobody knows, does come through."""
    log.configure("testing", "test")
    log.get("ours").info("happened", detail=CANARY)
    assert CANARY in json.dumps(lines())


CRASHES = f"""
from kit import process, start
async def crash(settings):
    raise KeyError({CANARY!r})
process.run_relay = crash
start.main("kit", ["relay"])
"""


def test_a_process_that_ends_by_a_defect_says_so_without_what_it_met() -> None:
    environment = {"ONEWORKFORCE_DATABASE_DSN": f"postgresql://{CANARY}@127.0.0.1:1/x", "PATH": "/usr/bin"}
    ended = subprocess.run(
        [sys.executable, "-c", CRASHES], env=environment, capture_output=True, text=True, check=False
    )
    assert CANARY not in ended.stdout + ended.stderr
    assert ended.returncode == 70
    assert any(json.loads(line)["event"] == "defect" for line in ended.stdout.splitlines())
