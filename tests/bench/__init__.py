"""How fast the suite is, how much it keeps in memory, and how soon it finds a flaw: ratios within one run.

What depends on a machine is measured beside what the machine does without the suite.
"""
