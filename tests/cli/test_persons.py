"""One command gathers what every service holds of a person, and says plainly which did not answer."""

import json
import stat
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from threading import Thread
from typing import Any
from uuid import UUID, uuid4

import pytest
from typer.testing import CliRunner

from laptop.ports import free_port
from oneworkforce.main import app

TOKEN = "an officer's token"
NOT_FOUND, NO_ROUTE = {"type": "/problems/not-found"}, {"type": "/problems/http-404"}
Answers = Mapping[str, tuple[int, Any]]
"""What a service answers, by id; any other id it does not know."""


def holding(ids: list[str], *records: str) -> tuple[int, Any]:
    """Each record says something else in every answer: that somebody looked is in it."""
    told = [{"aggregate": "thing", "id": each, "state": uuid4().hex} for each in records]
    return 200, {"ids": ids, "records": told, "parts": [], "rows": [{"table": "row", "row": len(ids)}]}


@contextmanager
def service(answers: Answers, otherwise: tuple[int, Any] = (404, NOT_FOUND)) -> Iterator[str]:
    """Something that answers as a service does; its address."""

    class Handler(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            believed = self.headers["Authorization"] == f"Bearer {TOKEN}"
            id_ = self.path.removeprefix("/persons/").removesuffix("/held")
            status, body = answers.get(id_, otherwise) if believed else (401, {"type": "/problems/unauthenticated"})
            self.send_response(status)
            self.end_headers()
            self.wfile.write(body if isinstance(body, bytes) else json.dumps(body).encode())

        def log_message(self, *_: object) -> None:
            """Nothing."""

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    thread = Thread(target=server.serve_forever)
    thread.start()
    try:
        yield f"http://127.0.0.1:{server.server_address[1]}"
    finally:
        server.shutdown()
        thread.join()
        server.server_close()


class Desk:
    """An officer, with a token and the services that the configuration names."""

    def __init__(self, folder: Path) -> None:
        self.folder, self.token = folder, folder / "token"
        self.token.write_text(TOKEN + "\n")

    def held(self, person: object, services: Mapping[str, str], *words: str) -> Any:
        config = self.folder / "oneworkforce.toml"
        config.write_text("\n".join(f'[services.{name}.processes]\napi = "{url}"' for name, url in services.items()))
        given = ["--config", str(config), "persons", "held", str(person), "--token-file", str(self.token), *words]
        return CliRunner().invoke(app, given)


@pytest.fixture
def desk(tmp_path: Path) -> Desk:
    return Desk(tmp_path)


def test_what_every_service_holds_under_every_id_is_one_document(desk: Desk) -> None:
    one, other, late = (str(uuid4()) for _ in range(3))
    people = {id_: holding([one, other], one, other) for id_ in (one, other)}
    learning = {one: holding([one, late], "course"), other: holding([other], "course", "induction")}
    mobility = {late: holding([late], "move")}
    with service(people) as a, service(learning) as b, service(mobility) as c, service({}, (404, NO_ROUTE)) as d:
        services = {"people": a, "learning": b, "mobility": c, "reporting": d}
        done = desk.held(other, services, "--json")
    gathered = json.loads(done.stdout)
    assert done.exit_code == 0
    assert (gathered["person_id"], gathered["ids"]) == (other, sorted([one, other, late]))
    said = {
        each["service"]: (each["said"], sorted(record["id"] for record in each["records"]))
        for each in gathered["services"]
    }
    rows = {each["service"]: len(each["rows"]) for each in gathered["services"]}
    assert rows == {"people": 1, "learning": 2, "mobility": 1, "reporting": 0}  # the same once, and what differs twice
    assert said == {
        "people": ("answered", sorted([one, other])),
        "learning": ("answered", ["course", "induction"]),
        "mobility": ("answered", ["move"]),
        "reporting": ("gives it to the person alone", []),
    }


@pytest.mark.parametrize(
    ("otherwise", "said"),
    [
        ((404, b"<html>no such host</html>"), "says 404"),
        ((503, {"type": "/problems/unavailable"}), "says 503"),
        ((403, {"type": "/problems/forbidden"}), "does not know the token as an officer's"),
        ((200, {"ids": []}), "does not answer"),
        ((200, b"not JSON"), "does not answer"),
    ],
)
def test_a_service_that_gives_no_answer_is_named_and_the_command_ends_with_one(
    desk: Desk, otherwise: tuple[int, Any], said: str
) -> None:
    person = str(uuid4())
    with service({person: holding([person], "who")}) as people, service({}, otherwise) as learning:
        done = desk.held(person, {"people": people, "learning": learning}, "--to", str(desk.folder / "held.json"))
    assert done.exit_code == 1
    assert said in done.stdout
    assert "this is not all: no answer from learning" in done.stderr
    whole = desk.folder / "held.json"
    assert stat.S_IMODE(whole.stat().st_mode) == 0o600
    assert [each["said"] for each in json.loads(whole.read_text())["services"]] == ["answered", said]


def test_a_service_that_is_away_under_one_id_of_two_has_not_answered(desk: Desk) -> None:
    one, other = str(uuid4()), str(uuid4())
    half = {one: holding([one], "course"), other: (503, {"type": "/problems/unavailable"})}
    with service({one: holding([one, other], "who")}) as people, service(half) as learning:
        done = desk.held(one, {"people": people, "learning": learning})
    assert (done.exit_code, "no answer from learning" in done.stderr) == (1, True)
    with service({one: holding([one], "who")}) as people:
        away = desk.held(one, {"people": people, "learning": f"http://127.0.0.1:{free_port()}"})
    assert (away.exit_code, "no answer from learning" in away.stderr) == (1, True)


def test_without_a_file_nothing_personal_is_printed_and_none_is_written_over(desk: Desk) -> None:
    person = UUID(int=7)
    with service({str(person): holding([str(person)], "Ada")}) as people:
        shown = desk.held(person, {"people": people})
        assert (shown.exit_code, "Ada" in shown.stdout, "answered" in shown.stdout) == (0, False, True)
        (desk.folder / "there.json").write_text("before")
        refused = desk.held(person, {"people": people}, "--to", str(desk.folder / "there.json"))
    assert (refused.exit_code, (desk.folder / "there.json").read_text()) == (2, "before")
    desk.token.unlink()
    assert desk.held(person, {"people": "http://127.0.0.1:1"}).exit_code == 2
    assert desk.held(person, {"learning": "http://127.0.0.1:1"}).exit_code == 2
