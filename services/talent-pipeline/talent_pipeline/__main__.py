"""`python -m talent_pipeline api | worker | relay | migrate | openapi`."""

from kit.process import main

main("talent_pipeline")
