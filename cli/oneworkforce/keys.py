"""`oneworkforce token` and `oneworkforce keys`: the development issuer, and key pairs for it and for services' links."""

import sys
from pathlib import Path
from typing import Annotated

import typer

from kit import auth
from oneworkforce import configuration
from oneworkforce.answering import MISUSED, Problem, answered, noun, say
from schemas.roles import ROLES

app = noun("Key pairs: for the development issuer, for links to people without an account.")


@answered
def token(
    ctx: typer.Context,
    role: Annotated[str, typer.Option(help=f"One of {', '.join(ROLES)}.")],
    organisation: Annotated[str, typer.Option(help="Whose rows are seen; * is everybody's.")] = "*",
    subject: Annotated[str | None, typer.Option(help="Who it is (default: development-ROLE).")] = None,
    sign_in: Annotated[
        str | None, typer.Option(help="Print instead a one-time link to the pages at this address.")
    ] = None,
) -> None:
    """Print a token of the development issuer, for eight hours, or a link that signs in within a quarter of an hour.

    Only where the configuration names the issuer's key.

    Example: curl -H "Authorization: Bearer $(oneworkforce token --role coordinator)" localhost:8080/vacancies
    """
    config = configuration.of(ctx)
    if config.development is None:
        raise Problem(
            f"{config.path} has no [development] key: there is no development issuer here, sign in with yours"
        )
    if role not in ROLES:
        raise Problem(f"the roles are {', '.join(ROLES)}", MISUSED)
    path = config.inside(config.development.key)
    try:
        signer = auth.Signer(path)
    except (OSError, ValueError, KeyError, TypeError) as error:
        raise Problem(
            f"{path} holds no private Ed25519 key as a JWK: `oneworkforce keys make` makes one", MISUSED
        ) from error
    if sign_in is None:
        sys.stdout.write(auth.development_token(signer, role, organisation, subject) + "\n")
        return
    code = auth.sign_in_code(signer, role, organisation, subject)
    sys.stdout.write(f"{sign_in.rstrip('/')}/sign-in?code={code}\n")


@app.command()
@answered
def make(
    folder: Annotated[Path, typer.Argument(help="Where both files go.")],
    name: Annotated[str, typer.Option(help="The key's id, and the name of its files.")] = "development",
    replace: Annotated[bool, typer.Option("--replace", help="Also where there is one: its tokens end.")] = False,
) -> None:
    """Make an Ed25519 key pair: NAME.jwk (private, for its owner's eyes) and NAME.jwks (what others verify with).

    Example: oneworkforce keys make secrets --name development
    """
    private, public = folder / f"{name}.jwk", folder / f"{name}.jwks"
    if private.exists() and not replace:
        raise Problem(f"{private} exists; --replace makes another in its place")
    folder.mkdir(parents=True, exist_ok=True)
    auth.make_key(private, public, name)
    say(f"{private}\n{public}")


@app.command()
@answered
def exchange(
    folder: Annotated[Path, typer.Argument(help="Where both files are.")],
    id_: Annotated[str, typer.Option("--id", help="What the new key is called.")],
    name: Annotated[str, typer.Option(help="The name of its files.")] = "development",
) -> None:
    """Sign with a new key from now on. What the one before has signed is believed until `keys drop`; nothing is restarted.

    Example: oneworkforce keys exchange secrets --name talent-pipeline-links --id links-2027
    """
    private, public = folder / f"{name}.jwk", folder / f"{name}.jwks"
    try:
        auth.exchange_key(private, public, id_)
    except (OSError, ValueError, KeyError, TypeError) as error:
        raise Problem(f"{public} holds no key set, or one with a key that is called so", MISUSED) from error
    say(f"{id_} signs from now on")


@app.command()
@answered
def drop(
    folder: Annotated[Path, typer.Argument(help="Where both files are.")],
    name: Annotated[str, typer.Option(help="The name of its files.")] = "development",
) -> None:
    """Believe the key that signs now, and no other: do so when all that the others have signed is over.

    Example: oneworkforce keys drop secrets --name talent-pipeline-links
    """
    private, public = folder / f"{name}.jwk", folder / f"{name}.jwks"
    try:
        gone = auth.drop_others(private, public)
    except (OSError, ValueError, KeyError, TypeError) as error:
        raise Problem(f"{private} and {public} are not a key and its set", MISUSED) from error
    say(f"dropped: {gone}")
