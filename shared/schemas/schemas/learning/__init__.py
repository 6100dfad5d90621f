"""What learning says, and what partners claim to it.

Read in this order: `words`, then the facts by aggregate: `courses` (course, cohort and its places), `skills` (refresher,
competence, requirement, employment), `enrolments` (induction, enrolment), `needs` (cycle), `pathways` (pathway,
apprenticeship); last `claims`, where corrections and the answer are too. A fact carries what reporting counts by, so that
nobody asks back. Whoever speaks of learning imports from here.
"""

from schemas.learning import claims, courses, enrolments, needs, pathways, skills
from schemas.learning.claims import *
from schemas.learning.courses import *
from schemas.learning.enrolments import *
from schemas.learning.needs import *
from schemas.learning.pathways import *
from schemas.learning.skills import *
from schemas.learning.words import *

PARTS = (courses, skills, enrolments, needs, pathways, claims)
"""Where its messages stand, in the order in which they are listed."""
