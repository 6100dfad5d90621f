"""Keys and tokens of the development issuer."""

import stat

import pytest

from kit.auth import Keys

from .conftest import World


async def test_a_token_is_signed_only_where_the_configuration_names_the_key(bare: World) -> None:
    refused = await bare.run("token", "--role", "coordinator")
    assert (refused.code, "there is no development issuer here" in refused.error) == (1, True)
    made = await bare.ok("keys", "make", bare.folder / "secrets")
    private = bare.folder / "secrets" / "development.jwk"
    assert str(private) in made.out
    assert stat.S_IMODE(private.stat().st_mode) == 0o600
    bare.write(more='[development]\nkey = "secrets/development.jwk"')
    token = (await bare.ok("token", "--role", "partner", "--organisation", "leeds-city-council")).out.strip()
    settings = bare.settings(development_keys=bare.folder / "secrets" / "development.jwks")
    principal = Keys(settings).principal(token)
    assert (principal.roles, principal.organisation) == (frozenset({"partner"}), "leeds-city-council")


@pytest.mark.parametrize("role", ["king", ""])
async def test_a_role_that_is_none_is_refused(bare: World, role: str) -> None:
    bare.write(more='[development]\nkey = "secrets/development.jwk"')
    assert (await bare.run("token", "--role", role)).code == 2


async def test_a_key_is_not_replaced_unasked(bare: World) -> None:
    await bare.ok("keys", "make", bare.folder)
    assert (await bare.run("keys", "make", bare.folder)).code == 1
    await bare.ok("keys", "make", bare.folder, "--replace")
