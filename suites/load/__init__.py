"""The contract under load: users of Locust ask all at once what a run asks in turn, and the same code judges answers.

Only :mod:`suites.load.master`, :mod:`suites.load.swarm` and :mod:`suites.load.worker` import Locust, before anything
else: it replaces the blocking calls of the standard library in its process, and must do so in no other run.
"""
