"""`python -m equality_monitoring api | worker | relay | migrate | openapi`."""

from kit.process import main

main("equality_monitoring")
