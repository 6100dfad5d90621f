"""`python -m equality_monitoring api | worker | relay | migrate | openapi`."""

from kit.start import main

main("equality_monitoring")
