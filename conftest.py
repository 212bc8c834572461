"""Registers the plugins of a run; what they do is told in their modules."""

pytest_plugins = [
    "suites.plugin",
    "suites.concluding",
    "suites.stopping",
    "suites.parallel.plugin",
    "reports.html",
    "reports.secrecy",
    "reports.plugin",
    "reports.live",
]
