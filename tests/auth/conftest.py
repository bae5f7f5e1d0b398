"""The mails of a test, and somebody who gets them."""

from typing import Any

import pytest
from fastapi import FastAPI

from tests.support.factory import Factory, Person
from tests.support.mailbox import Mailbox


@pytest.fixture
def mailbox(app: FastAPI, tables: Any) -> Mailbox:
    return Mailbox(app, tables)


@pytest.fixture
async def ana(make: Factory) -> Person:
    return await make.user("ana")
