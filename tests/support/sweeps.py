"""Sweeps, run when a test wants them."""

from fastapi import FastAPI

from taskapi.background import SWEEPS
from taskapi.core.work.sweeps import run_to_its_end


async def sweep(app: FastAPI, name: str) -> None:
    """As the worker does it, whoever holds the lock."""
    found = next(one for one in SWEEPS if one.name == name)
    await run_to_its_end(app.state.parts.database, found)
