"""Settings that all tests share."""

from hypothesis import HealthCheck, settings

# how fast a machine draws and checks is no finding of a test
settings.register_profile("tests", deadline=None, suppress_health_check=[HealthCheck.too_slow])
settings.load_profile("tests")
