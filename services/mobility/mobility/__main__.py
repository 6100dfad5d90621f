"""`python -m mobility api | worker | relay | migrate | openapi`."""

from kit.start import main

main("mobility")
