"""A person's own pages, by the link that they were given: what this is for, their answers, change, withdraw.

`questions` is what is asked, in what words; `routes` is what is shown when. They work without JavaScript.
"""

from equality_monitoring.pages.routes import router

__all__ = ["router"]
