"""Addresses: whose a request comes from, as far as it can be believed, and whose count as one."""

import ipaddress

from taskapi.settings import Network

_CUSTOMER_PREFIX = 64


def network_of(address: str | None) -> str:
    """What one customer is counted by: an IPv4 address, or the /64 of IPv6 in which they choose addresses freely."""
    if address is not None and address.isascii() and ":" not in address:
        return address
    try:
        parsed = ipaddress.IPv6Address(address or "")
    except ValueError:
        return "unknown"
    if parsed.ipv4_mapped is not None:  # what a server that listens on :: sees of everybody on IPv4
        return str(parsed.ipv4_mapped)
    return str(ipaddress.IPv6Network((parsed, _CUSTOMER_PREFIX), strict=False))


def behind_proxies(client: tuple[str, int], forwarded: str, proxies: list[Network]) -> tuple[str, int]:
    """The right-most address of X-Forwarded-For that no trusted proxy speaks for; what is left of it is hearsay."""
    if not is_within(client[0], proxies):
        return client
    for hop in reversed([part.strip() for part in forwarded.split(",") if part.strip()]):
        if _parse(hop) is None:
            return client
        client = (hop, 0)
        if not is_within(hop, proxies):
            break
    return client


def is_within(address: str, networks: list[Network]) -> bool:
    parsed = _parse(address)
    return parsed is not None and any(parsed in network for network in networks)


def _parse(text: str) -> ipaddress.IPv4Address | ipaddress.IPv6Address | None:
    try:
        parsed = ipaddress.ip_address(text)
    except ValueError:
        return None
    return (parsed.ipv4_mapped if isinstance(parsed, ipaddress.IPv6Address) else None) or parsed
