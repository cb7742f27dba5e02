"""Fixtures for the tests of the portal."""

from __future__ import annotations

import pytest

pytest.register_assert_rewrite("tests.portal.browser")

from tests.portal.browser import chromium, new_visit, page, serving, visit  # noqa: E402, F401 -- fixtures
from tests.portal.sites import as_, built_house, read_site, site  # noqa: E402, F401 -- fixtures
