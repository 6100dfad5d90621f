"""`python -m people api | worker | relay | migrate | openapi`, and `python -m people keys`: the vault's keys."""

import sys

from kit.process import main
from people import rotation
from people.app import service

if sys.argv[1:2] == ["keys"]:
    rotation.main(sys.argv[2:])
else:
    main(service)
