"""`python -m mobility api | worker | relay | migrate | openapi`."""

from kit.process import main
from mobility.app import service

main(service)
