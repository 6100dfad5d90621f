"""What mobility says, and what partners claim to it.

Read in this order: `words`, then the facts by aggregate: `framework` (framework, signature), `needs`, `deployments`, `passports`
(requirement, passport), `stops`, `statements`; last `claims`, where corrections and the answer are too. A fact carries what
reporting counts by, so that nobody asks back. Whoever speaks of mobility imports from here.
"""

from schemas.mobility import claims, deployments, framework, needs, passports, statements, stops
from schemas.mobility.claims import *
from schemas.mobility.deployments import *
from schemas.mobility.framework import *
from schemas.mobility.needs import *
from schemas.mobility.passports import *
from schemas.mobility.statements import *
from schemas.mobility.stops import *
from schemas.mobility.words import *

PARTS = (framework, needs, deployments, passports, stops, statements, claims)
"""Where its messages stand, in the order in which they are listed."""
