"""Whose token is believed: one of an issuer that a setting names, signed by a key in a file, whole and in time."""

import base64
import json
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import jwt
import pytest
from cryptography.hazmat.primitives import hashes, hmac
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from pydantic import SecretStr

from kit import auth
from kit.auth import (
    CODE_LASTS,
    DEVELOPMENT,
    SIGN_IN,
    Keys,
    Signer,
    Unauthenticated,
    development_token,
    drop_others,
    exchange_key,
    make_key,
    sign_in_code,
)
from kit.settings import Settings


@pytest.fixture
def keys(tmp_path: Path) -> tuple[Keys, Signer, Path]:
    make_key(tmp_path / "private", tmp_path / "public", "one")
    settings = Settings(database_dsn=SecretStr("postgresql://nowhere"), development_keys=tmp_path / "public")
    return Keys(settings), Signer(tmp_path / "private"), tmp_path


def claims(**changes: Any) -> dict[str, Any]:
    now = datetime.now(UTC)
    given = {
        "iss": DEVELOPMENT, "aud": "oneworkforce", "sub": "s", "iat": now, "exp": now + timedelta(minutes=5),
        "roles": ["board"], "organisation": "*", **changes,
    }  # fmt: skip
    return {name: value for name, value in given.items() if value is not None}


def signed(signer: Signer, given: dict[str, Any], **headers: Any) -> str:
    return jwt.encode(given, signer._key, algorithm="EdDSA", headers={"kid": "one", **headers})


def test_a_token_of_the_issuer_says_who_and_in_what_role(keys: tuple[Keys, Signer, Path]) -> None:
    believed, signer, _ = keys
    principal = believed.principal(development_token(signer, "partner", "leeds-hospital"))
    assert (principal.subject, principal.roles, principal.organisation) == (
        "development-partner", frozenset({"partner"}), "leeds-hospital",
    )  # fmt: skip


@pytest.mark.parametrize(
    "changes",
    [
        {"exp": datetime.now(UTC) - timedelta(seconds=1)}, {"iat": datetime.now(UTC) + timedelta(hours=1)},
        {"nbf": datetime.now(UTC) + timedelta(hours=1)}, {"aud": "another"}, {"aud": None}, {"exp": None}, {"iat": None},
        {"sub": None}, {"sub": 5}, {"iss": "another"}, {"iss": None}, {"iss": [DEVELOPMENT]}, {"iss": {"a": 1}},
        {"roles": None}, {"roles": "board"}, {"organisation": None}, {"organisation": ""}, {"organisation": ["*"]},
    ],
    ids=lambda changes: "-".join(f"{name}={type(value).__name__}" for name, value in changes.items()),
)  # fmt: skip
def test_a_claim_that_is_wrong_or_missing_is_not_believed(
    keys: tuple[Keys, Signer, Path], changes: dict[str, Any]
) -> None:
    believed, signer, _ = keys
    given = {**claims(), **changes}
    payload = {name: int(value.timestamp()) if isinstance(value, datetime) else value for name, value in given.items()}
    raw = jwt.api_jws.encode(
        json.dumps({name: value for name, value in payload.items() if value is not None}).encode(),
        signer._key, algorithm="EdDSA", headers={"kid": "one"},
    )  # fmt: skip
    with pytest.raises(Unauthenticated):
        believed.principal(raw)


def test_a_code_signs_in_for_minutes_and_is_no_token(keys: tuple[Keys, Signer, Path]) -> None:
    believed, signer, _ = keys
    code = sign_in_code(signer, "partner", "leeds-hospital")
    assert believed.signs_in(code).roles == {"partner"}
    for door, given in ((believed.principal, code), (believed.signs_in, development_token(signer, "partner"))):
        with pytest.raises(Unauthenticated):
            door(given)


def test_two_codes_of_one_moment_are_two(keys: tuple[Keys, Signer, Path], monkeypatch: pytest.MonkeyPatch) -> None:
    believed, signer, _ = keys
    asked = datetime.now(UTC)
    monkeypatch.setattr("kit.auth.now", lambda: asked)
    one, other = (sign_in_code(signer, "coordinator") for _ in range(2))
    assert one != other, "each is believed once: whoever asks twice would be turned away with the second"
    assert believed.signs_in(one) == believed.signs_in(other)


def test_a_code_that_was_to_be_believed_for_longer_than_minutes_is_not_believed_at_all(
    keys: tuple[Keys, Signer, Path],
) -> None:
    believed, signer, _ = keys
    now = datetime.now(UTC)
    for more, good in ((timedelta(), True), (timedelta(seconds=1), False)):
        code = signed(signer, claims(aud=SIGN_IN, iat=now, exp=now + CODE_LASTS + more))
        if good:
            assert believed.signs_in(code).roles == {"board"}
        else:
            with pytest.raises(Unauthenticated):
                believed.signs_in(code)


def part(given: Any) -> str:
    raw = given if isinstance(given, bytes) else json.dumps(given).encode()
    return base64.urlsafe_b64encode(raw).decode().rstrip("=")


def test_a_token_that_nobody_signed_is_not_believed(keys: tuple[Keys, Signer, Path]) -> None:
    believed, _, _ = keys
    body = part({**claims(), "iat": 1_700_000_000, "exp": 4_000_000_000})
    for algorithm in ("none", "None", "NONE", ""):
        with pytest.raises(Unauthenticated):
            believed.principal(f"{part({'alg': algorithm, 'kid': 'one'})}.{body}.")


def test_a_token_signed_with_the_public_key_as_a_secret_is_not_believed(keys: tuple[Keys, Signer, Path]) -> None:
    believed, signer, folder = keys
    jwk = json.loads((folder / "public").read_text())["keys"][0]
    raw = base64.urlsafe_b64decode(jwk["x"] + "==")
    for secret in (
        raw,
        jwk["x"].encode(),
        (folder / "public").read_bytes(),
        signer._key.public_key().public_bytes_raw(),
    ):
        body = (
            f"{part({'alg': 'HS256', 'kid': 'one'})}.{part({**claims(), 'iat': 1_700_000_000, 'exp': 4_000_000_000})}"
        )
        mac = hmac.HMAC(secret, hashes.SHA256())
        mac.update(body.encode())
        with pytest.raises(Unauthenticated):
            believed.principal(f"{body}.{part(mac.finalize())}")


@pytest.mark.parametrize("kid", ["two", None, 5, ["one"], {"a": 1}], ids=repr)
def test_a_key_that_we_do_not_hold_is_not_believed(keys: tuple[Keys, Signer, Path], kid: Any) -> None:
    believed, signer, _ = keys
    body = part({**claims(), "iat": 1_700_000_000, "exp": 4_000_000_000})
    head = part({"alg": "EdDSA", **({"kid": kid} if kid is not None else {})})
    signature = part(signer._key.sign(f"{head}.{body}".encode()))
    with pytest.raises(Unauthenticated):
        believed.principal(f"{head}.{body}.{signature}")


def test_a_key_that_the_token_brings_along_or_points_to_is_not_looked_at(keys: tuple[Keys, Signer, Path]) -> None:
    believed, signer, _ = keys
    stranger = Ed25519PrivateKey.generate()
    jwk = jwt.algorithms.OKPAlgorithm.to_jwk(stranger.public_key(), as_dict=True)
    for brought in ({"jwk": jwk}, {"jku": "http://127.0.0.1:9/keys"}, {"x5u": "http://127.0.0.1:9/keys"}):
        token = jwt.encode(claims(), stranger, algorithm="EdDSA", headers={"kid": "one", **brought})
        with pytest.raises(Unauthenticated):
            believed.principal(token)
        assert believed.principal(signed(signer, claims(), **brought)).subject == "s"


def test_the_development_issuer_is_believed_only_where_a_setting_names_its_keys(
    keys: tuple[Keys, Signer, Path],
) -> None:
    _, signer, folder = keys
    token = development_token(signer, "coordinator")
    nowhere = SecretStr("postgresql://nowhere")
    for settings in (
        Settings(database_dsn=nowhere),
        Settings(database_dsn=nowhere, issuer="https://id.example", issuer_keys=folder / "public"),
        Settings(database_dsn=nowhere, development_keys=folder / "public", audience="another"),
    ):
        with pytest.raises(Unauthenticated):
            Keys(settings).principal(token)


def test_one_issuers_key_does_not_speak_for_another(keys: tuple[Keys, Signer, Path]) -> None:
    _, _, folder = keys
    make_key(folder / "other-private", folder / "other-public", "one")
    settings = Settings(
        database_dsn=SecretStr("postgresql://nowhere"), issuer="https://id.example", issuer_keys=folder / "other-public",
        development_keys=folder / "public",
    )  # fmt: skip
    forged = signed(Signer(folder / "other-private"), claims())
    with pytest.raises(Unauthenticated):
        Keys(settings).principal(forged)


@pytest.mark.parametrize(
    "token",
    [None, "", ".", "..", "a.b.c", "\xff.\xff.\xff", "." * 5000, part(b"[" * 9000) + ".e30.", "e30.e30.e30",
     f"{part({'alg': 'EdDSA'})}.{part(b'[' * 9000)}.", f"{part(b'9' * 5000)}.e30.", f"{part([])}.{part([])}.",
     "e30." + part(b"\xff") + "."],
    ids=lambda token: repr(token)[:20],
)  # fmt: skip
def test_what_is_no_token_is_not_believed(keys: tuple[Keys, Signer, Path], token: str | None) -> None:
    believed, _, _ = keys
    with pytest.raises(Unauthenticated):
        believed.principal(token)


def test_a_private_key_is_readable_by_its_owner_only_and_not_in_the_public_set(keys: tuple[Keys, Signer, Path]) -> None:
    _, _, folder = keys
    assert (folder / "private").stat().st_mode & 0o777 == 0o600
    assert "d" not in json.loads((folder / "public").read_text())["keys"][0]


def test_a_key_is_exchanged_while_the_process_runs_and_what_the_old_one_signed_is_believed_until_it_is_dropped(
    keys: tuple[Keys, Signer, Path],
) -> None:
    believed, first, folder = keys
    old = development_token(first, "board")
    exchange_key(folder / "private", folder / "public", "two")
    new = development_token(Signer(folder / "private"), "board")
    assert jwt.get_unverified_header(new)["kid"] == "two"
    assert [believed.principal(token).roles for token in (old, new)] == [{"board"}, {"board"}]
    with pytest.raises(ValueError, match="with this id"):
        exchange_key(folder / "private", folder / "public", "one")
    assert drop_others(folder / "private", folder / "public") == 1
    assert believed.principal(new).roles == {"board"}
    with pytest.raises(Unauthenticated):
        believed.principal(old)
    assert (folder / "private").stat().st_mode & 0o777 == 0o600


@pytest.mark.parametrize("written", [None, "", "{", '{"keys": []}'])
def test_a_key_set_that_is_away_or_half_written_leaves_believed_what_was(
    keys: tuple[Keys, Signer, Path], written: str | None
) -> None:
    believed, signer, folder = keys
    (folder / "public").unlink()
    if written is not None:
        (folder / "public").write_text(written)
    assert believed.principal(development_token(signer, "board")).roles == {"board"}


def nobody_verifies(*_: Any, **__: Any) -> None:
    raise jwt.ExpiredSignatureError


def test_a_token_that_was_verified_is_believed_again_unverified_until_its_time_is_over(
    keys: tuple[Keys, Signer, Path], monkeypatch: pytest.MonkeyPatch
) -> None:
    believed, signer, _ = keys
    token, other = development_token(signer, "board"), development_token(signer, "partner")
    first = believed.principal(token)
    monkeypatch.setattr(jwt, "decode", nobody_verifies)
    assert believed.principal(token) == first
    with pytest.raises(Unauthenticated):
        believed.principal(other)
    with pytest.raises(Unauthenticated):
        believed.signs_in(token)
    later = datetime.now(UTC) + timedelta(hours=9)
    monkeypatch.setattr(auth, "now", lambda: later)
    with pytest.raises(Unauthenticated):
        believed.principal(token)


def test_a_process_remembers_no_more_tokens_than_it_was_told_to(
    keys: tuple[Keys, Signer, Path], monkeypatch: pytest.MonkeyPatch
) -> None:
    believed, signer, _ = keys
    monkeypatch.setattr(auth, "REMEMBERED", 2)
    tokens = [development_token(signer, role) for role in ("board", "partner", "coordinator")]
    for token in (*tokens, *tokens):
        assert believed.principal(token).roles
        assert len(believed._verified) <= 2
