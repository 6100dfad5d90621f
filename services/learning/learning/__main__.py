"""`python -m learning api | worker | relay | migrate | openapi`."""

from kit.process import main

main("learning")
