"""What all tests stand on."""

from hypothesis import HealthCheck, settings

# How long an example takes is the machine's business: others use it too, and the first may import a library.
settings.register_profile("any machine", deadline=None, suppress_health_check=[HealthCheck.too_slow])
settings.load_profile("any machine")
