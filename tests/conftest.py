"""What all tests stand on."""

import os
import tempfile
from collections.abc import Iterator

import pytest
from hypothesis import HealthCheck, settings

from engine.data.sources.openml import CACHE_VARIABLE
from engine.files import journal

# How long an example takes is the machine's business: others use it too, and the first may import a library.
settings.register_profile("any machine", deadline=None, suppress_health_check=[HealthCheck.too_slow])
settings.load_profile("any machine")


@pytest.fixture(scope="session", autouse=True)
def own_state() -> Iterator[None]:
    """No test, nor a program that it starts, keeps anything where a person's own work and data are."""
    with tempfile.TemporaryDirectory(prefix="state-", ignore_cleanup_errors=True) as folder:
        os.environ[journal.ENVIRONMENT_VARIABLE] = folder
        os.environ[CACHE_VARIABLE] = os.path.join(folder, "cache")
        yield
        del os.environ[journal.ENVIRONMENT_VARIABLE], os.environ[CACHE_VARIABLE]
