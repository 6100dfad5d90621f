"""Python's garbage collector, where what it goes through is no garbage."""

import gc
from collections.abc import Iterator
from contextlib import contextmanager


@contextmanager
def loading() -> Iterator[None]:
    """What is loaded meanwhile stays to the process's end: Python looks for no garbage in it, neither meanwhile nor afterwards.

    It would go through all that is there again and again: a sixth of what a start takes, measured.
    """
    gc.disable()
    try:
        yield
    finally:
        gc.freeze()
        gc.enable()


def collect_seldom() -> None:
    """Let Python look for garbage seldom: for a process that reads batches and does nothing else.

    A batch is some hundred thousand objects, none of them in a circle, all gone with it. By default the collector goes through them
    every 700 objects, and from time to time through all that was ever imported: half of a projector's time, measured.
    """
    gc.collect()
    gc.freeze()
    gc.set_threshold(100_000, 50, 100)
