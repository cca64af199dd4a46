"""How the process of a daemon is set up, so that nothing in Python itself holds its loop up."""

import gc
import sys

SWITCH = 0.0002
"""Seconds that a thread may keep Python's lock from the loop, which waits for it; 5 ms as built.

The loop gives the lock away in each call of the system, several for a look: while a thread reads a
large configuration, it waits so long for each of them.
"""

THRESHOLDS = (700, 1, 10_000)
"""How many new objects, then collections, bring each generation of the garbage collector in.

What a look leaves behind has no cycles and goes by itself, so the collector finds next to nothing;
but a full collection among the objects of ten thousand checks holds the loop for some 50 ms.
"""


def tune() -> None:
    """Call it once what the daemon starts with is in memory: the collector need not go there."""
    sys.setswitchinterval(SWITCH)
    gc.collect()
    gc.freeze()
    gc.set_threshold(*THRESHOLDS)
