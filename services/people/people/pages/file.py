"""What is held of a person as a file: the same twice, for reading (HTML) and for another system (JSON), in one ZIP."""

import io
import json
import zipfile
from dataclasses import asdict

from pydantic_core import to_jsonable_python

from people.own import Held

NAME = "what-we-hold.zip"


def zipped(held: Held, page: str) -> bytes:
    """The ZIP's bytes, of `what-we-hold.json` and of `what-we-hold.html`, which asks nothing of any host."""
    data = json.dumps(to_jsonable_python(asdict(held) | {"person": held.person}), indent=2, ensure_ascii=False)
    made = io.BytesIO()
    with zipfile.ZipFile(made, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("what-we-hold.json", data)
        archive.writestr("what-we-hold.html", page)
    return made.getvalue()
