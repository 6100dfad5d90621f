"""A person's own page: what is held, who looked, the file of it, the messages that they want, and the request to be erased.

It works without JavaScript.
"""

from people.pages.routes import routers_of

__all__ = ["routers_of"]
