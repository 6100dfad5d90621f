"""Keys and tokens of the development issuer."""

import stat

import pytest

from kit.auth import Keys, Unauthenticated

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


async def test_the_key_that_signs_is_exchanged_and_the_one_before_is_believed_until_it_is_dropped(bare: World) -> None:
    bare.write(more='[development]\nkey = "development.jwk"')
    await bare.ok("keys", "make", bare.folder)
    believed = Keys(bare.settings(development_keys=bare.folder / "development.jwks"))
    old = (await bare.ok("token", "--role", "board")).out.strip()
    assert (await bare.run("keys", "exchange", bare.folder, "--id", "development")).code == 2
    assert "2027 signs from now on" in (await bare.ok("keys", "exchange", bare.folder, "--id", "2027")).out
    new = (await bare.ok("token", "--role", "board")).out.strip()
    assert [believed.principal(token).roles for token in (old, new)] == [{"board"}, {"board"}]
    assert "dropped: 1" in (await bare.ok("keys", "drop", bare.folder)).out
    with pytest.raises(Unauthenticated):
        believed.principal(old)
    assert believed.principal(new).roles == {"board"}
    assert (await bare.run("keys", "drop", bare.folder, "--name", "nowhere")).code == 2
