"""`python -m talent_pipeline api | worker | relay | migrate | openapi`."""

from kit.process import main
from talent_pipeline.app import service

main(service)
