"""What the vault holds of a person: how each is written, and when two of them are the same."""

import re
import unicodedata
from enum import StrEnum
from typing import Annotated

from pydantic import AfterValidator, StringConstraints

from schemas.values import Code, Label, Part


class Kind(StrEnum):
    """What is held of a person."""

    NAME = "name"
    EMAIL = "email"
    PHONE = "phone"
    POST = "post"


CONTACTS = (Kind.EMAIL, Kind.PHONE, Kind.POST)


class LookReason(StrEnum):
    """Why somebody looks at who a person is. Shown to the person."""

    ARRANGE_INTERVIEW = "arrange-interview"
    MAKE_OFFER = "make-offer"
    CHECK_IDENTITY = "check-identity"
    ANSWER_THE_PERSON = "answer-the-person"
    CORRECT_RECORD = "correct-record"
    COMPARE_RECORDS = "compare-records"
    WORK_A_LIST = "work-a-list"
    """To tell the people on a list apart by name."""
    READ_A_RECORD = "read-a-record"
    """To know whose record it is that they read."""
    ACT_ON_A_RECORD = "act-on-a-record"
    """To know about whom they decide or note something."""
    SAFEGUARDING = "safeguarding"
    SUBJECT_ACCESS = "subject-access"


def _dialled(number: str) -> str:
    """Digits with the country in front, as `+44…`; written as people write it, with blanks, brackets and hyphens, and with the
    nought that is left out where the country stands: `+44 (0)113 …`."""
    plain = re.sub(r"[\s./\u2010-\u2015-]", "", number)
    plain = plain.replace("(0)", "", 1) if re.match(r"\(?(\+|00)", plain) else plain
    plain = re.sub(r"[()]", "", plain)
    plain = "+" + plain[2:] if plain.startswith("00") else plain
    plain = "+44" + plain[1:] if plain.startswith("0") else plain
    plain = plain.replace("+440", "+44", 1)
    if not re.fullmatch(r"\+[0-9]{7,15}", plain):
        raise ValueError("must be a telephone number: 0113 496 0000, or with the country: +353 1 496 0000")
    return plain


def _says_something(text: str) -> str:
    """Whoever does not know a name writes `-` or `?`: all of them would be one person by their name."""
    if not re.search(r"\w", text):
        raise ValueError("must hold a letter or a digit")
    return text


def _seen(address: str) -> str:
    """Copied out of a letter or a sheet an address may bring what nobody sees, and is another then."""
    if not address.isprintable():
        raise ValueError("must hold no control or invisible character")
    return address


Name = Annotated[Label, AfterValidator(_says_something)]
"""The whole name as the person writes it: nobody is made to have a first and a last one."""

Email = Annotated[
    str,
    StringConstraints(pattern=r"^[^@\s,;<>]+@[^@\s,;<>]+\.[^@\s,;<>]+$", max_length=254, strip_whitespace=True),
    AfterValidator(_seen),
]
Phone = Annotated[str, StringConstraints(max_length=40, strip_whitespace=True), AfterValidator(_dialled)]
Post = Annotated[Label, AfterValidator(_says_something)]
"""An address in one line, for a letter."""


class PartnersReference(Part):
    """A partner's own name for a person: which of its numbers, and the number."""

    kind: Code
    """`esr`, `trac`, `moodle`: the partner's own list."""
    value: Annotated[str, StringConstraints(min_length=1, max_length=200, pattern=r"^[ -~]+$", strip_whitespace=True)]
    """Printable ASCII, compared letter by letter."""


def compared(kind: Kind, text: str) -> str:
    """What must be equal for two to be the same: of a name, its words in any order, without accents, points and capitals."""
    match kind:
        case Kind.NAME | Kind.POST:
            bare = "".join(each for each in unicodedata.normalize("NFKD", text) if not unicodedata.combining(each))
            words = re.findall(r"\w+", re.sub(r"['\u2019.`]", "", bare.casefold()))
            return " ".join(sorted(words) if kind is Kind.NAME else words)
        case Kind.EMAIL:
            return text.casefold()
        case Kind.PHONE:
            return text
