"""Tests that need a program that not every machine has: skipped with a reason, or failed under REQUIRE_ALL=1."""

import os

import pytest


def need(present: object, reason: str) -> None:
    if present:
        return
    if os.environ.get("REQUIRE_ALL"):
        pytest.fail(reason)
    pytest.skip(reason)
