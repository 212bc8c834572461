"""Sound services, each with one use of a freedom that the page leaves, by family.

They can be put on top of one another in any number and order, so that one changes what the others leave it and takes
nothing for granted.
"""

from targets.embedded.variations import accepted, checks, headers, order, pacing, refusals, spelling

__all__ = ["accepted", "checks", "headers", "order", "pacing", "refusals", "spelling"]
