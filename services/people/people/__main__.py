"""`python -m people api | worker | relay | migrate | openapi`, and `python -m people keys`: the vault's keys."""

import sys

from kit.start import main

if sys.argv[1:2] == ["keys"]:
    from people import rotation

    rotation.main(sys.argv[2:])
else:
    main("people")
