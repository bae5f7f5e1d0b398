"""Figures as Prometheus reads them."""

import re

import httpx


async def figure(client: httpx.AsyncClient, name: str) -> float:
    """One sample by its name and labels, 0 where there is none."""
    text = (await client.get("/metrics")).text
    found = re.search(rf"^{re.escape(name)} (\S+)$", text, re.MULTILINE)
    return float(found[1]) if found else 0.0
