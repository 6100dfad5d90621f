"""Organisations that are signed up to the Workforce Mobility Framework: Q1 and Q2 of the Board report."""

from typing import Final

from reporting.metrics.metric import Measure, Metric, Subject
from schemas.mobility import (
    NoticeGiven,
    OrganisationInvited,
    OrganisationResumed,
    OrganisationSigned,
    OrganisationSuspended,
    SignatureLapsed,
)

IN_FORCE = (
    "An organisation counts from the day on which its signature is in force. It does not count while it is suspended, after the "
    "last day of its notice, or where it did not sign in time a version that had to be signed again."
)
EVENTS = (
    OrganisationInvited, OrganisationSigned, OrganisationSuspended, OrganisationResumed, SignatureLapsed, NoticeGiven,
)  # fmt: skip
WINDOW = "the date asked for: who was in force on that day"
ORGANISATION = "the organisation: one that has signed several frameworks counts once"

Q1: Final = Metric(
    id="q1",
    name="Signed up to the Workforce Mobility Framework",
    title="organisations are signed up to the Workforce Mobility Framework",
    unit="organisations",
    same=ORGANISATION,
    subject=Subject.ORGANISATIONS,
    rule="Organisations whose signature to the framework is in force.",
    window=WINDOW,
    events=EVENTS,
    assumptions=(IN_FORCE,),
    by=("sector",),
    cases="""
SELECT organisation AS key, true AS holds, ARRAY[fact_id] AS facts, organisation AS partner, sector
FROM signatory_on($1::date) WHERE in_force
""",
)

Q2: Final = Metric(
    id="q2",
    name="Statutory partners among them",
    title="of the statutory partners are signed up to it",
    unit="organisations",
    same=ORGANISATION,
    measure=Measure.SHARE,
    subject=Subject.ORGANISATIONS,
    rule="Of the statutory partners of the city, those whose signature to the framework is in force.",
    window=WINDOW,
    denominator="Organisations that were invited to sign up to and on that day, and are statutory partners.",
    events=EVENTS,
    assumptions=(
        IN_FORCE,
        "Which partners are statutory was recorded when each was invited; a code does not give it away.",
    ),
    by=("sector",),
    cases="""
SELECT organisation AS key, in_force AS holds, ARRAY[fact_id] AS facts, organisation AS partner, sector
FROM signatory_on($1::date) WHERE statutory
""",
)
