"""Make the passwords and keys that docker-compose.yml runs on: `python make_secrets.py FOLDER`, once, by chance.

Each folder below FOLDER is a volume that its readers alone mount; those that are there say which services there are. What is
there already stays: asked twice, nothing changes.

    postgres/     `password` of the database's administrator, for the server itself
    <service>/    `oneworkforce_database_dsn`, which kit.settings reads; the public keys that its processes believe; for
                  talent-pipeline and people the private one with which each signs links; for people the vault's keys
    operator/     every password, as oneworkforce.toml names them, and the key with which `oneworkforce token` signs
"""

import secrets
import sys
from pathlib import Path

from kit.auth import make_key
from kit.provision import names
from people import keyring

SERVER = "postgres:5432"
SIGNS = {"links": "talent-pipeline", "letters": "people"}
"""Who signs people's links with a key: those that a candidate has, and those in people's messages."""
VAULT = "people"
DSN = "oneworkforce_database_dsn"


def write(path: Path, text: str, mode: int = 0o400) -> None:
    """The file, anew."""
    path.unlink(missing_ok=True)
    path.touch(mode=0o600)
    path.write_text(text)
    path.chmod(mode)


def services(folder: Path) -> list[str]:
    """The services whose volumes are there."""
    return sorted({each.name for each in folder.iterdir() if each.is_dir()} - {"operator", "postgres"})


def make(folder: Path) -> list[str]:
    """Make what is missing; the names of what was made. Of each, what says that it is all there is written last."""
    made, operator = [], folder / "operator"
    if not (operator / "postgres").exists():
        password = secrets.token_urlsafe(24)
        write(folder / "postgres/password", password, 0o444)  # its reader is another uid, that of the server's image
        write(operator / "postgres", password)
        made.append("postgres")
    for key in ("development", *SIGNS):
        if not (operator / f"{key}.jwks").exists():
            make_key(operator / f"{key}.jwk", operator / f"{key}.jwks", key)
            made.append(key)
    return made + [service for service in services(folder) if _made_for(service, folder / service, operator)]


def _made_for(service: str, own: Path, operator: Path) -> bool:
    whole = (own / DSN).exists()
    missing = [key for key in _keys_of(service) if not (whole and (own / key).exists())]
    for key in missing:  # a kind of key that came later is brought to who is there already
        write(own / key, (operator / key).read_text())
    if whole:
        return bool(missing)
    if service == VAULT:
        keyring.make(own / "vault.json", "first")
    database, _, role = names(service)
    password = secrets.token_urlsafe(24)
    write(operator / f"{service}-owner", secrets.token_urlsafe(24))
    write(operator / service, password)
    write(own / DSN, f"postgresql://{role}:{password}@{SERVER}/{database}")
    return True


def _keys_of(service: str) -> list[str]:
    """The public keys that everybody believes, and the private ones with which a service signs."""
    return [f"{key}.jwks" for key in ("development", *SIGNS)] + [
        f"{key}.jwk" for key, signer in SIGNS.items() if signer == service
    ]


if __name__ == "__main__":
    print("made:", ", ".join(make(Path(sys.argv[1]))) or "nothing, all is there")
