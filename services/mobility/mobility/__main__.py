"""`python -m mobility api | worker | relay | migrate | openapi`."""

from kit.process import main

main("mobility")
