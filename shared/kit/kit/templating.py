"""Templates of pages, drawn on the server with the components of nhsuk-frontend."""

from jinja2 import ChainableUndefined, ChoiceLoader, Environment, PackageLoader


def environment(package: str) -> Environment:
    """The templates of a package, then kit's, then the components."""
    return Environment(
        loader=ChoiceLoader([PackageLoader(package), PackageLoader("kit"), PackageLoader("nhsuk_frontend_jinja")]),
        undefined=ChainableUndefined,  # the components ask for parameters that are not given
        autoescape=True,
        trim_blocks=True,
        lstrip_blocks=True,
    )
