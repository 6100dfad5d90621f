"""A learner's own page: what they have learned, the codes with which they show it, what they say of a course. It works without
JavaScript."""

from learning.pages.routes import router

__all__ = ["router"]
