"""`python -m talent_pipeline api | worker | relay | migrate | openapi`."""

from kit.start import main

main("talent_pipeline")
