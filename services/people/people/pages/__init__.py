"""A person's own page: what is held, who looked, the file of it, and the request to be erased. It works without JavaScript."""

from people.pages.routes import router_of

__all__ = ["router_of"]
