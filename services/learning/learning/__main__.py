"""`python -m learning api | worker | relay | migrate | openapi`."""

from kit.start import main

main("learning")
