"""A learner's own page: what they have learned, and the codes with which they show it. It works without JavaScript."""

from learning.pages.routes import router

__all__ = ["router"]
