"""What partners claim: training and completions, from a learning system, from ESR, from a training file; and what was wrong of it.

Each handler leaves facts by the same commands that the partner's own people give, keeps which, and answers with our ids. The
partner of the topic is the organisation for which somebody learned: nobody claims for another.
"""

import json
from collections.abc import Mapping
from datetime import date
from types import MappingProxyType
from typing import Any
from uuid import UUID

from pydantic import JsonValue

from kit import claimed
from kit.aggregates import Kept
from kit.claimed import Ids, Putting
from kit.claims import Claimed, Judge
from kit.context import Context
from kit.corrections import Correct, Correction
from kit.database import Connection
from kit.errors import Invalid
from kit.step import Command, months_later
from learning import store
from learning.domain.competence import Competence, SaidBeforeCompletion
from learning.domain.core_skills import expiry, read_esr
from learning.domain.course import Course
from learning.domain.enrolment import HeldInCohorts
from learning.handlers import corrections, enrolments, skills
from learning.store import aggregates
from schemas.fact import Claim
from schemas.learning import (
    ClaimCorrected,
    ClaimWithdrawn,
    CompletionClaimed,
    EsrCompetenceClaimed,
    Skill,
    TrainingClaimed,
    TrainingSource,
)
from schemas.values import Part


class NotFromThere(Invalid):
    """What ESR says is claimed by its competence's name; what a cohort says, its register does."""


async def training_claimed(tx: Connection, claim: Any, by: Claimed) -> Ids:
    """The partner's learning system, its training file or a certificate says that somebody was trained in a core skill."""
    assert isinstance(claim, TrainingClaimed)
    if claim.source in (TrainingSource.ESR, TrainingSource.COHORT):
        raise NotFromThere(field="source")
    skill = Skill(framework=claim.framework, subject=claim.subject, level=claim.level)
    return await _record(tx, claim, by, skill, claim.source, claim.expires_on)


async def esr_competence_claimed(tx: Connection, claim: Any, by: Claimed) -> Ids:
    """ESR says that somebody holds a competence: its name says in what, at which level, for how long; the day, by which version."""
    assert isinstance(claim, EsrCompetenceClaimed)
    skill, said = _of_esr(claim)
    return await _record(tx, claim, by, skill, TrainingSource.ESR, said)


async def _record(
    tx: Connection,
    claim: TrainingClaimed | EsrCompetenceClaimed,
    by: Claimed,
    skill: Skill,
    source: TrainingSource,
    said: date | None,
) -> Ids:
    if said is not None and said <= claim.occurred_on:
        raise SaidBeforeCompletion(field="expires_on")
    id_ = await claimed.name(tx, by, "training", claim.training)
    done = skills.Recording(
        occurred_on=claim.occurred_on, person_id=claim.person_id, organisation=by.partner, skill=skill, source=source,
        aligned=claim.aligned, said=said,
    )  # fmt: skip
    await claimed.leave(tx, by, aggregates, await skills.record(tx, done, by.context, id_))
    return {"competence_id": id_}


def _of_esr(claim: EsrCompetenceClaimed) -> tuple[Skill, date | None]:
    """The skill, and the last day: the one that ESR says, or what its name's period makes of the day.

    Raises NotACompetence, BeforeTheFramework.
    """
    found = read_esr(claim.competence, claim.occurred_on)
    by_name = None if found.months is None else months_later(claim.occurred_on, found.months)
    return found.skill, claim.expires_on or by_name


async def completion_claimed(tx: Connection, claim: Any, by: Claimed) -> Ids:
    """The partner's learning system says that somebody completed a course of the catalogue that is learned online."""
    assert isinstance(claim, CompletionClaimed)
    if not (await aggregates.look(tx, Course, claim.course_id, "course_id")).online:
        raise HeldInCohorts(field="course_id")
    enrolled = await enrolments.enrolled_at(tx, claim.person_id, claim.course_id, by.partner)
    id_ = await claimed.name(tx, by, "completion", claim.completion, enrolled)
    if enrolled is None:
        asked = enrolments.Enrolling(
            occurred_on=claim.occurred_on, course_id=claim.course_id, person_id=claim.person_id,
            organisation=by.partner, sector=claim.sector,
        )  # fmt: skip
        kept = await enrolments.enrol_and_complete(tx, asked, id_, by.context)
    else:
        kept = await enrolments.complete(tx, enrolled, Command(occurred_on=claim.occurred_on), by.context)
    await claimed.leave(tx, by, aggregates, kept)
    return {"enrolment_id": id_}


def _fields(better: Claim) -> Mapping[str, JsonValue]:
    fields: dict[str, JsonValue] = better.model_dump(mode="json")
    if isinstance(better, EsrCompetenceClaimed):
        skill, said = _of_esr(better)
        fields |= skill.model_dump(mode="json") | {"expires_on": None if said is None else said.isoformat()}
    return fields


async def _correct(tx: Connection, kind: type[Part], id_: UUID, asked: Correction, context: Context) -> Kept[Any]:
    """Training that is put right runs out by the rules of its right day."""
    if kind is Competence and isinstance(asked, Correct):
        payload = dict(asked.replacement)
        skill = Skill.model_validate_json(json.dumps({name: payload[name] for name in Skill.model_fields}))
        day = date.fromisoformat(str(payload["occurred_on"]))
        said = date.fromisoformat(str(payload["expires_on"])) if "expires_on" in payload else None
        ends = expiry(day, await store.rules(tx, skill, str(payload["organisation"]), day), said)
        runs_out = ends.model_dump(mode="json")
        if runs_out["rule_id"] != payload.get("rule_id"):
            raise corrections.AnotherRule(field="replacement", cure="Withdraw the claim and claim the training anew.")
        payload |= {
            "expires_on": runs_out["on"],
            "rule_id": runs_out["rule_id"],
            "rule_version": runs_out["rule_version"],
        }
        asked = Correct(
            asked.fact_id, {name: value for name, value in payload.items() if value is not None}, asked.reason
        )
    return await corrections.correct(tx, kind, id_, asked, context)


PUTTING = Putting(
    aggregates=aggregates,
    correct=_correct,
    about=lambda better: "completion" if isinstance(better, CompletionClaimed) else "training",
    fields=_fields,
    not_the_claims=("person_id", "organisation", "rule_id", "rule_version", "source"),
)

ACCEPTS: Mapping[type[Claim], Judge] = MappingProxyType({
    TrainingClaimed: training_claimed,
    EsrCompetenceClaimed: esr_competence_claimed,
    CompletionClaimed: completion_claimed,
    ClaimWithdrawn: PUTTING.take_back,
    ClaimCorrected: PUTTING.put_right,
})  # fmt: skip
