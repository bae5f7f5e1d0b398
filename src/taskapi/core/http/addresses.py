"""Addresses: whose a request comes from, as far as it can be believed, and whose count as one."""

import ipaddress
import re
from typing import Final

from taskapi.settings import Network

UNKNOWN: Final = ("unknown", 0)
_CUSTOMER_PREFIX: Final = 64
_WITH_PORT: Final = re.compile(r"(?:\[(?P<v6>[0-9A-Fa-f:.]+)\]|(?P<v4>[0-9.]+))(?::[0-9]{1,5})?")


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
    """The right-most address of X-Forwarded-For that no trusted proxy speaks for; what is left of it is hearsay.

    A proxy that names its client by no address (RFC 7239 has `unknown` and names of its own making) has one all the
    same: whoever that is counts as nobody we know, and never as the proxy, which may be local.
    """
    if not is_within(client[0], proxies):
        return client
    for hop in reversed([part.strip() for part in forwarded.split(",") if part.strip()]):
        address = _address_in(hop)
        if address is None:
            return UNKNOWN
        client = (address, 0)
        if not is_within(address, proxies):
            break
    return client


def is_within(address: str, networks: list[Network]) -> bool:
    parsed = _parse(address)
    return parsed is not None and any(parsed in network for network in networks)


def _address_in(hop: str) -> str | None:
    """Some proxies add the port: `192.0.2.1:4711`, `[2001:db8::1]:4711`, and some the brackets alone."""
    found = _WITH_PORT.fullmatch(hop)
    address = (found["v6"] or found["v4"]) if found else hop
    return address if _parse(address) is not None else None


def _parse(text: str) -> ipaddress.IPv4Address | ipaddress.IPv6Address | None:
    try:
        parsed = ipaddress.ip_address(text)
    except ValueError:
        return None
    return (parsed.ipv4_mapped if isinstance(parsed, ipaddress.IPv6Address) else None) or parsed
