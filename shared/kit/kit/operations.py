"""What operators do to a service's rows, each with who and why beside it: partitions resumed, positions adopted, and the like."""

import json
from typing import Any

from kit.database import Connection

NOTE = "INSERT INTO kit.operation (action, about, author, reason) VALUES ($1, $2, $3, $4)"


async def note(tx: Connection, action: str, about: dict[str, Any], *, author: str, reason: str) -> None:
    """Write down what an operator does, in the transaction that does it."""
    await tx.execute(NOTE, action, json.dumps(about, default=str), author, reason)
