"""What talent-pipeline says, and what partners claim to it.

Read in this order: `words`, then the facts by aggregate: `campaigns` (campaign, fair), `vacancies`, `engagements`, `candidacies`,
`pool` (appointable); last `claims`, where corrections and the answer are too. A fact carries what reporting counts by, so that
nobody asks back. Whoever speaks of talent-pipeline imports from here.
"""

from schemas.talent_pipeline import campaigns, candidacies, claims, engagements, pool, vacancies
from schemas.talent_pipeline.campaigns import *
from schemas.talent_pipeline.candidacies import *
from schemas.talent_pipeline.claims import *
from schemas.talent_pipeline.engagements import *
from schemas.talent_pipeline.pool import *
from schemas.talent_pipeline.vacancies import *
from schemas.talent_pipeline.words import *

PARTS = (campaigns, vacancies, engagements, candidacies, pool, claims)
"""Where its messages stand, in the order in which they are listed."""
