"""What is held of a person as a file: the same twice, for reading (HTML) and for another system (JSON), in one ZIP."""

import io
import json
import zipfile
from typing import Any

NAME = "what-we-hold"
EVERYTHING = "what-every-service-holds"


def zipped(name: str, data: dict[str, Any], page: str) -> bytes:
    """The ZIP's bytes, of `<name>.json` and of `<name>.html`, which asks nothing of any host."""
    made = io.BytesIO()
    with zipfile.ZipFile(made, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr(f"{name}.json", json.dumps(data, indent=2, ensure_ascii=False))
        archive.writestr(f"{name}.html", page)
    return made.getvalue()
