"""`python -m learning api | worker | relay | migrate | openapi`."""

from kit.process import main
from learning.app import service

main(service)
