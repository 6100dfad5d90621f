"""The vault's keys: what seals a name, and what finds it again without opening it. They come from one file, each with an id.

A text is sealed by AES-256-GCM under the key's id, bound to whose it is and what: moved to another row it does not open. It is
found by an HMAC of how it is compared. Of each key in the file two are derived (HKDF), so that neither purpose weakens the other.
Whoever steals the table has neither names nor numbers, nor can try them out.

The file is read again when it has changed: a key is added, and another becomes the current one, while the service runs.
"""

import hashlib
import hmac
import json
import os
from base64 import urlsafe_b64decode, urlsafe_b64encode
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from types import MappingProxyType
from uuid import UUID

from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.kdf.hkdf import HKDF

from kit.errors import Unavailable

LENGTH = 32
NONCE = 12


@dataclass(frozen=True, slots=True)
class Key:
    """One key of the file, as its two uses."""

    id: str
    _seals: AESGCM = field(repr=False)
    _finds: bytes = field(repr=False)

    @classmethod
    def of(cls, id_: str, secret: bytes) -> "Key":
        return cls(id_, AESGCM(_derived(secret, b"seal")), _derived(secret, b"find"))

    def seal(self, person_id: UUID, what: str, text: str) -> bytes:
        """The text, unreadable: a random nonce, then the sealed bytes."""
        nonce = os.urandom(NONCE)
        return nonce + self._seals.encrypt(nonce, text.encode(), _bound(person_id, what))

    def open(self, person_id: UUID, what: str, sealed: bytes) -> str:
        """The text. Raises cryptography's InvalidTag where it is another's, or was changed."""
        return self._seals.decrypt(sealed[:NONCE], sealed[NONCE:], _bound(person_id, what)).decode()

    def digest(self, *parts: str) -> bytes:
        """32 bytes by which the same parts are found again."""
        return hmac.digest(self._finds, json.dumps(parts).encode(), hashlib.sha256)


class Keyring:
    """The keys in a file; without a file none, and then nothing is read or kept."""

    def __init__(self, path: Path | None) -> None:
        self._path = path
        self._read_at: tuple[int, int] | None = None
        self._keys: Mapping[str, Key] = {}
        self._current = ""

    @property
    def current(self) -> Key:
        """The key under which everything new is kept. Raises Unavailable."""
        return self.of(self._fresh()._current)

    @property
    def every(self) -> tuple[Key, ...]:
        """Every key under which something may still be kept, the oldest first. Raises Unavailable."""
        return tuple(self._fresh()._keys.values())

    def of(self, id_: str) -> Key:
        """The key with this id. Raises Unavailable where the file has none: what it sealed cannot be read until it has."""
        found = self._fresh()._keys.get(id_)
        if found is None:
            raise Unavailable("the vault lacks a key")
        return found

    def digest_of_request(self, body: bytes) -> bytes:
        """By what a request is known again: under the oldest key, which is dropped last."""
        return self.every[0].digest("request", body.hex())

    def _fresh(self) -> "Keyring":
        if self._path is None:
            raise Unavailable("the vault has no keys")
        try:
            found = self._path.stat()
            if self._read_at != (found.st_mtime_ns, found.st_ino):
                held = read(self._path)
                self._keys = MappingProxyType({id_: Key.of(id_, secret) for id_, secret in held.keys.items()})
                self._current, self._read_at = held.current, (found.st_mtime_ns, found.st_ino)
        except OSError as error:
            raise Unavailable("the vault's keys are away") from error
        return self


def _derived(secret: bytes, use: bytes) -> bytes:
    return HKDF(SHA256(), LENGTH, salt=None, info=b"oneworkforce people " + use).derive(secret)


def _bound(person_id: UUID, what: str) -> bytes:
    return f"{person_id} {what}".encode()


# The file --------------------------------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Held:
    """What stands in the file."""

    current: str
    keys: Mapping[str, bytes] = field(repr=False)


def read(path: Path) -> Held:
    stored = json.loads(path.read_text())
    return Held(stored["current"], {id_: urlsafe_b64decode(secret) for id_, secret in stored["keys"].items()})


def write(path: Path, held: Held) -> None:
    """The file anew, in one step, readable by its owner only."""
    aside = path.with_suffix(".new")
    aside.unlink(missing_ok=True)
    aside.touch(mode=0o600)
    keys = {id_: urlsafe_b64encode(secret).decode() for id_, secret in held.keys.items()}
    aside.write_text(json.dumps({"current": held.current, "keys": keys}))
    aside.replace(path)


def make(path: Path, key_id: str) -> None:
    """A file with one new key."""
    write(path, Held(key_id, {key_id: os.urandom(LENGTH)}))


def add(path: Path, key_id: str) -> None:
    """Another key beside the others: known, and not yet used. Raises ValueError where there is one of that name."""
    held = read(path)
    if key_id in held.keys:
        raise ValueError("there is a key with this id")
    write(path, Held(held.current, {**held.keys, key_id: os.urandom(LENGTH)}))


def use(path: Path, key_id: str) -> None:
    """Make it the current one. Raises ValueError for one that is not in the file."""
    held = read(path)
    if key_id not in held.keys:
        raise ValueError("there is no key with this id")
    write(path, Held(key_id, held.keys))


def drop(path: Path, key_id: str) -> None:
    """Take it out of the file: what is still sealed under it is lost. Raises ValueError for the current one."""
    held = read(path)
    if key_id == held.current or key_id not in held.keys:
        raise ValueError("there is no such key, or it is the current one")
    write(path, Held(held.current, {id_: secret for id_, secret in held.keys.items() if id_ != key_id}))
