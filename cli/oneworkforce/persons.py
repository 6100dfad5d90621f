"""`oneworkforce persons`: all that is held of a person, gathered from every service by whoever may ask each of them.

Services know nothing of each other, so whoever answers a request for access asks one after the other: under every id of the person,
as people links them, and as a service that has heard of another link says. Each service keeps that it was asked, and by whom.
"""

import asyncio
import json
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from http.client import HTTPException
from pathlib import Path
from typing import Annotated, Any
from urllib.error import HTTPError
from urllib.request import Request, urlopen
from uuid import UUID

import typer

from kit import auth
from kit.clock import now
from oneworkforce import configuration
from oneworkforce.answering import MISUSED, AsJson, Problem, answered, as_document, noun, say, show
from oneworkforce.configuration import Configuration

OFFICER = "data-protection-officer"
VAULT = "people"
"""The service that knows which ids are one person's."""
PARTS = ("records", "parts", "rows")
TOOK_PART = ("answered", "holds nothing", "gives it to the person alone")
"""What a service may say; anything else is no answer."""
LONGEST = 30.0
"""Seconds for one answer."""

app = noun("A person's data: what every service holds of them.")

Token = Annotated[
    Path | None,
    typer.Option(
        "--token-file",
        envvar="ONEWORKFORCE_TOKEN_FILE",
        help="A data protection officer's token. Default: one of the development issuer, where there is one.",
    ),
]


@dataclass(frozen=True, slots=True)
class Answer:
    """What a service said under one id: the document, or in words why there is none."""

    said: str
    held: Mapping[str, Any] | None = None


@app.command()
@answered
async def held(
    ctx: typer.Context,
    person: Annotated[UUID, typer.Argument(help="Any id of the person.")],
    token_file: Token = None,
    to: Annotated[Path | None, typer.Option("--to", help="Write it whole to this file, for its owner's eyes.")] = None,
    as_json: AsJson = False,
) -> None:
    """Gather all that is held of a person, under each of their ids. Ends with 1 where a service did not answer.

    Without --json and --to nothing personal is printed: only how much each service holds.

    Example: oneworkforce persons held 0197c1d2-5b7e-7c3a-9f00-3d5a6b7c8d9e --token-file officer.token --to held.json
    """
    config = configuration.of(ctx)
    gathered = await gather(config, person, _token(config, token_file))
    if to is not None:
        _write(to, gathered)
    if as_json:
        as_document(gathered)
    else:
        if to is not None:
            say(f"written to {to}")
        rows = [{**each, **{part: len(each[part]) for part in PARTS}} for each in gathered["services"]]
        show(rows, as_json=False, empty="no service has an address", columns=("service", "said", *PARTS))
    if silent := [each["service"] for each in gathered["services"] if each["said"] not in TOOK_PART]:
        raise Problem(f"this is not all: no answer from {', '.join(silent)}")


@app.command()
@answered
def release(
    ctx: typer.Context,
    person: Annotated[UUID, typer.Argument(help="The id whose own page it is given on.")],
    file: Annotated[Path, typer.Argument(help="What `held --to` wrote, read through.")],
    token_file: Token = None,
) -> None:
    """Give a person what was gathered of them: sealed by people, fetched by them on their own page within 30 days.

    Example: oneworkforce persons release 0197c1d2-5b7e-7c3a-9f00-3d5a6b7c8d9e held.json --token-file officer.token
    """
    config = configuration.of(ctx)
    try:
        body = file.read_bytes()
    except OSError as error:
        raise Problem(f"{file} cannot be read", MISUSED) from error
    url = f"{_apis(config)[VAULT].rstrip('/')}/persons/{person}/release"
    headers = {"Authorization": f"Bearer {_token(config, token_file)}", "Content-Type": "application/json"}
    try:
        with urlopen(Request(url, body, headers), timeout=LONGEST) as answer:  # noqa: S310 an address from the operator's file
            until = json.loads(answer.read())["until"]
    except HTTPError as error:
        raise Problem(f"{VAULT} does not take it: {_type(error).rpartition('/')[2] or error.code}") from error
    except (OSError, HTTPException, ValueError, KeyError) as error:
        raise Problem(f"{VAULT} does not answer") from error
    say(f"it waits for them until {until}")


async def gather(config: Configuration, person: UUID, token: str) -> dict[str, Any]:
    """What every service of the configuration says of a person, under every id that any of them knows as theirs."""
    apis = _apis(config)
    answers: dict[str, dict[str, Answer]] = {name: {} for name in apis}
    ids = {str(person)}
    while unasked := [(name, id_) for name in apis for id_ in sorted(ids) if id_ not in answers[name]]:
        asked = (asyncio.to_thread(ask, apis[name], id_, token) for name, id_ in unasked)
        for (name, id_), answer in zip(unasked, await asyncio.gather(*asked), strict=True):
            answers[name][id_] = answer
            ids |= set(() if answer.held is None else answer.held["ids"])
    return {
        "person_id": str(person),
        "ids": sorted(ids),
        "gathered_at": now(),
        "services": [_of_service(name, list(said.values())) for name, said in answers.items()],
    }


def _apis(config: Configuration) -> dict[str, str]:
    """Where each service answers. Raises Problem where the vault is not among them."""
    apis = {name: service.processes["api"] for name, service in config.services.items() if "api" in service.processes}
    if VAULT not in apis:
        raise Problem(f"{config.path}: services.{VAULT}.processes.api is missing: which ids are one person's?", MISUSED)
    return apis


def ask(api: str, id_: str, token: str) -> Answer:
    """What a service holds under an id."""
    request = Request(f"{api.rstrip('/')}/persons/{id_}/held", headers={"Authorization": f"Bearer {token}"})  # noqa: S310 an address from the operator's file
    try:
        with urlopen(request, timeout=LONGEST) as answer:  # noqa: S310 the same
            return Answer("answered", _document(answer.read()))
    except HTTPError as error:
        match _type(error), error.code:
            case "/problems/not-found", _:
                return Answer("holds nothing")
            case "/problems/http-404", _:
                return Answer("gives it to the person alone")
            case _, 401 | 403:
                return Answer("does not know the token as an officer's")
            case _, code:
                return Answer(f"says {code}")
    except (OSError, HTTPException, ValueError):
        return Answer("does not answer")


def _document(body: bytes) -> Mapping[str, Any]:
    """Raises ValueError for what no service of ours answers."""
    document = json.loads(body)
    if not isinstance(document, dict) or not {"ids", *PARTS} <= document.keys():
        raise ValueError("not what a person's record looks like")
    return document


def _type(error: HTTPError) -> str:
    """The name of a problem as our services answer it; a proxy in between has none."""
    try:
        problem = json.loads(error.read(10_000))
        return str(problem["type"])
    except (OSError, HTTPException, ValueError, KeyError, TypeError):
        return ""


def _of_service(name: str, answers: Sequence[Answer]) -> dict[str, Any]:
    """What a service said under all ids: the same once, and the word of that answer which says least."""
    word = {answer.said for answer in answers} - set(TOOK_PART[:2])
    known = any(answer.held is not None for answer in answers)
    said = min(word) if word else TOOK_PART[0] if known else TOOK_PART[1]
    whole = [answer.held for answer in answers if answer.held is not None]
    return {"service": name, "said": said, **{part: _once(each[part] for each in whole) for part in PARTS}}


def _once(lists: Iterable[Sequence[Any]]) -> list[Any]:
    """The same once: a record by what it is, since another look at it may be in it by the next answer; all else by what it says."""
    found = {_of_what(each): each for several in lists for each in several}
    return list(found.values())


def _of_what(each: Mapping[str, Any]) -> str:
    return f"{each['aggregate']} {each['id']}" if "state" in each else json.dumps(each, sort_keys=True)


def _token(config: Configuration, token_file: Path | None) -> str:
    """The officer's. Raises Problem where there is none."""
    if token_file is not None:
        try:
            return token_file.read_text().strip()
        except OSError as error:
            raise Problem(f"the token file {token_file} cannot be read", MISUSED) from error
    if config.development is None:
        raise Problem("give --token-file: there is no development issuer here", MISUSED)
    return auth.development_token(auth.Signer(config.inside(config.development.key)), OFFICER)


def _write(path: Path, gathered: Mapping[str, Any]) -> None:
    """Raises Problem where there is a file already, or none can be."""
    try:
        with path.open("x") as file:
            path.chmod(0o600)
            json.dump(gathered, file, indent=2, default=str, ensure_ascii=False)
    except OSError as error:
        raise Problem(f"{path} cannot be written, or is there already", MISUSED) from error
