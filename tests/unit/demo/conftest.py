"""A demo cluster of the test's own."""

from __future__ import annotations

import pytest

from tests.support.demo_api import DemoApi


@pytest.fixture
def api() -> DemoApi:
    return DemoApi()
