"""A holder's own page of their passport: what it holds, who may look, their moves. It works without JavaScript."""

from mobility.pages.routes import router

__all__ = ["router"]
