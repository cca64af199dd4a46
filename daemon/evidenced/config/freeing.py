"""Letting go of much, so that others have their turn meanwhile.

What nobody refers to any more Python frees in one go, together with all that is in it, and for so
long no other thread runs: of what ten thousand checks were read from that is some 50 ms.
"""


def free(held: list[object]) -> None:
    """Let go of each of these by itself; nothing else must hold together what they are in."""
    while held:
        held.pop()
