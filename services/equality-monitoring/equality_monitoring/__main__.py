"""`python -m equality_monitoring api | worker | relay | migrate | openapi`."""

from equality_monitoring.app import service
from kit.process import main

main(service)
