"""Python's garbage collector, in processes that read batches."""

import gc


def collect_seldom() -> None:
    """Let Python look for garbage seldom: for a process that reads batches and does nothing else.

    A batch is some hundred thousand objects, none of them in a circle, all gone with it. By default the collector goes through them
    every 700 objects, and from time to time through all that was ever imported: half of a projector's time, measured.
    """
    gc.collect()
    gc.freeze()
    gc.set_threshold(100_000, 50, 100)
