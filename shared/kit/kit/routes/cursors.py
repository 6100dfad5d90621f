"""The place of a row in a list, as the text that a page gives as its `next`."""

import base64
from dataclasses import dataclass
from typing import Generic, TypeVar

from pydantic import TypeAdapter, ValidationError

from kit.errors import Invalid

Key = TypeVar("Key")


@dataclass(frozen=True, slots=True)
class Cursors(Generic[Key]):
    """The cursors of one list."""

    key: TypeAdapter[Key]
    first: Key
    """Before every row."""

    def of(self, key: Key) -> str:
        return base64.urlsafe_b64encode(self.key.dump_json(key)).decode()

    def place(self, given: str | None) -> Key:
        """The place that a cursor of ours names; the first without one. Raises Invalid for anything else."""
        if given is None:
            return self.first
        try:
            return self.key.validate_json(base64.b64decode(given, altchars=b"-_", validate=True))
        except (ValidationError, ValueError):
            raise Invalid("must be the `next` of a page before", field="after") from None
