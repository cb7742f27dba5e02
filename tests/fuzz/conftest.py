"""The houses of the tests of the command line."""

from __future__ import annotations

from tests.cni.conftest import *  # noqa: F403 -- fixtures
