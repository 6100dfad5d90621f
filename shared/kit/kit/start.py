"""The command line of a service: `python -m <service> api | worker | relay | migrate | openapi`."""

import argparse
import sys
from collections.abc import Sequence
from importlib import import_module

from kit.garbage import loading


def main(package: str, arguments: Sequence[str] | None = None) -> None:
    """Load what the process needs, and run it, by the name of the service's package.

    Ends with 0, or 70 when only a new process can help.
    """
    name, parser = package.replace("_", "-"), _parser(package)
    asked = parser.parse_args(arguments).process
    with loading():
        from kit import process
        from kit.service import Service
        from kit.settings import Settings

        # what lies in the outbox is bytes: none of the service's code is needed, which takes long to load
        service: Service | None = None if asked == "relay" else import_module(f"{package}.app").service
    if service is None:
        settings = Settings.load(service=name, process=asked)
        work = process.run_relay(settings)
    elif asked == "openapi":
        process.print_openapi(service)
        return
    else:
        runs = {"api": process.run_api, service.worker: process.run_worker, "migrate": process.run_migration}
        if asked not in runs:
            parser.error(f"{name} has a {service.worker}, and no {asked}")
        settings = service.settings.load(service=name, process=asked)
        work = runs[asked](service, settings)
    sys.exit(process.run(work, settings))


def _parser(package: str) -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog=f"python -m {package}", description="One process of the service.")
    does = parser.add_subparsers(dest="process", required=True)
    does.add_parser("api", help="answer HTTP requests")
    does.add_parser("worker", help="read the bus, and act on what falls due")
    does.add_parser("projector", help="what a service that only reads has in place of a worker")
    does.add_parser("relay", help="send the outbox to Kafka")
    does.add_parser("migrate", help="bring the database to the newest schema, as its owner")
    does.add_parser("openapi", help="print the OpenAPI document")
    return parser
