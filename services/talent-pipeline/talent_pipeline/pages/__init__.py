"""A candidate's own pages, by the link that they were given: where I am, whose move it is, withdraw, what I permit.

`words` is what each state is called to a candidate; `routes` is what is shown when. They work without JavaScript.
"""

from talent_pipeline.pages.routes import router

__all__ = ["router"]
