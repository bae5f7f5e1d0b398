"""The one HTTP client for addresses that somebody else chose: sign-in providers, webhooks, whatever a URL names.

A name is resolved once, every address behind it has to be public or in a network that the operator allows, and
the connection goes to an address that was checked, under the name that was asked for: a name server that
changes its mind in between changes nothing. No redirects, no proxies, no cookies, no reused connections.
"""

import asyncio
import ipaddress
import re
import socket
import ssl
from collections.abc import Awaitable, Callable, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from functools import cache, partial
from ipaddress import IPv4Address, IPv4Network, IPv6Address, IPv6Network
from typing import Final, TypeAlias

import httpx
import structlog

from taskapi.settings import Network

log = structlog.stdlib.get_logger("taskapi.outbound")

Address: TypeAlias = IPv4Address | IPv6Address
Resolve: TypeAlias = Callable[[str, int], Awaitable[Sequence[str]]]

_SECONDS: Final = 10.0
_MAX_BYTES: Final = 64 * 1024
_PORTS: Final = {"https": 443, "http": 80}
_FIRST_FREE_PORT: Final = 1024
_HOST: Final = re.compile(r"[a-z0-9._-]{1,253}|[0-9a-f:.]{2,45}")

# The standard library's `is_global` says True for multicast, and for IPv6 that wraps an IPv4 address of any kind.
_SPECIAL_V4: Final = tuple(
    IPv4Network(network)
    for network in (
        "192.0.0.0/24",  # IETF assignments; one cloud's metadata service among them
        "192.88.99.0/24",  # 6to4 relays
        "168.63.129.16/32",  # public by its number, a cloud's host agent in fact
        "224.0.0.0/3",  # multicast, reserved, broadcast
    )
)
_UNICAST_V6: Final = IPv6Network("2000::/3")
_SPECIAL_V6: Final = tuple(
    IPv6Network(network)
    for network in (
        "2001::/23",  # IETF assignments: Teredo, ORCHID
        "2001:db8::/32",  # documentation
        "2002::/16",  # 6to4
        "3fff::/20",  # documentation
    )
)


class OutboundFailed(Exception):
    """No whole answer came. The message is for the log; what the other side said is in none."""


class OutboundTooSlow(OutboundFailed):
    """It took longer than we wait."""


class UrlNotAllowed(OutboundFailed):
    """The request was never sent."""


@dataclass(frozen=True, slots=True)
class Answer:
    status: int
    headers: httpx.Headers
    body: bytes
    complete: bool
    """Whether `body` is all of it; the rest was not read."""


# A name whose server is silent holds a thread for half a minute. The loop has four to six for all names: who has some
# webhooks with such names would keep everybody else's waiting.
_RESOLVERS: Final = ThreadPoolExecutor(200, thread_name_prefix="resolving")


async def resolve_by_system(host: str, port: int) -> Sequence[str]:
    look_up = partial(socket.getaddrinfo, host, port, type=socket.SOCK_STREAM)
    return [str(found[4][0]) for found in await asyncio.get_running_loop().run_in_executor(_RESOLVERS, look_up)]


@dataclass(frozen=True, slots=True)
class Outbound:
    allowed: Sequence[Network] = ()
    """Networks of the operator's own: reachable though not public, on any port, without TLS too."""
    resolve: Resolve = resolve_by_system
    seconds: float = _SECONDS

    async def send(
        self,
        method: str,
        url: str,
        *,
        headers: Mapping[str, str] | None = None,
        content: bytes | None = None,
        max_bytes: int = _MAX_BYTES,
    ) -> Answer:
        """One request, one answer, whatever its status. Raises OutboundFailed, and UrlNotAllowed before sending."""
        try:
            async with asyncio.timeout(self.seconds):
                target, addresses = await self._checked(url)
                return await _first_reachable(method, target, addresses, headers or {}, content, max_bytes)
        except TimeoutError:
            raise OutboundTooSlow(f"no answer within {self.seconds:g} seconds") from None

    async def check(self, url: str) -> None:
        """Raises UrlNotAllowed where `send` would. For whoever stores a URL; `send` checks again all the same."""
        try:
            async with asyncio.timeout(self.seconds):
                await self._checked(url)
        except TimeoutError:
            raise UrlNotAllowed("the name could not be resolved in time") from None

    async def _checked(self, url: str) -> tuple[httpx.URL, list[Address]]:
        target = _parsed(url)
        port = target.port or _PORTS[target.scheme]
        host = _ascii_host(target)
        addresses = await self._addresses(host, port)
        ours = all(any(address in network for network in self.allowed) for address in addresses)
        refused = [address for address in addresses if not (ours or self._is_allowed(address))]
        if refused:
            log.warning("ssrf.blocked", host=host, address=str(refused[0]))
            raise UrlNotAllowed(f"{host} leads to {refused[0]}, which is not public")
        if not ours and target.scheme != "https":
            raise UrlNotAllowed("only https, except to networks that the operator allows")
        if not ours and port != _PORTS["https"] and port < _FIRST_FREE_PORT:
            raise UrlNotAllowed(f"port {port} belongs to another protocol")
        return target, addresses

    async def _addresses(self, host: str, port: int) -> list[Address]:
        try:
            found = await self.resolve(host, port)
            addresses = [ipaddress.ip_address(text) for text in found]
        except (OSError, ValueError):
            raise UrlNotAllowed(f"{host} cannot be resolved") from None
        if not addresses:
            raise UrlNotAllowed(f"{host} has no address")
        return list(dict.fromkeys(addresses))

    def _is_allowed(self, address: Address) -> bool:
        return is_public(address) or any(address in network for network in self.allowed)


def is_public(address: Address) -> bool:
    """Whether anybody on the internet would reach the same machine by it."""
    if isinstance(address, IPv4Address):
        return address.is_global and not any(address in network for network in _SPECIAL_V4)
    # Only what is plainly IPv6: addresses that wrap IPv4 ones (mapped, NAT64, 6to4, Teredo) are all outside of this.
    return address.is_global and address in _UNICAST_V6 and not any(address in network for network in _SPECIAL_V6)


def _parsed(url: str) -> httpx.URL:
    """Read by the parser of the HTTP client, so that what is checked is what will be requested."""
    try:
        target = httpx.URL(url)
        port = target.port
    except (httpx.InvalidURL, ValueError, TypeError):
        raise UrlNotAllowed("not a URL") from None
    if target.scheme not in _PORTS or (port is not None and not 0 < port < 2**16):
        raise UrlNotAllowed("not an https:// address")
    if not _HOST.fullmatch(_ascii_host(target)) or "\\" in url:
        raise UrlNotAllowed("no host name")
    if target.userinfo:
        raise UrlNotAllowed("a name or a password in the URL")
    return target.copy_with(fragment=None)


def _ascii_host(target: httpx.URL) -> str:
    """`target.host` is for people: what is looked up and what the certificate is for is the encoded name."""
    return target.raw_host.decode("ascii").lower()


async def _first_reachable(
    method: str,
    target: httpx.URL,
    addresses: Sequence[Address],
    headers: Mapping[str, str],
    content: bytes | None,
    max_bytes: int,
) -> Answer:
    failure: httpx.HTTPError | None = None
    for address in addresses:
        try:
            return await _exchange(method, target, address, headers, content, max_bytes)
        except httpx.ConnectError as error:  # nothing was sent: another address may do
            failure = error
        except httpx.HTTPError as error:
            failure = error
            break
    raise OutboundFailed(f"{_ascii_host(target)}: {type(failure).__name__}") from failure


async def _exchange(
    method: str,
    target: httpx.URL,
    address: Address,
    headers: Mapping[str, str],
    content: bytes | None,
    max_bytes: int,
) -> Answer:
    request = httpx.Request(
        method,
        target.copy_with(host=str(address)),
        # Nothing packed: a few bytes could unpack to more than fits in memory.
        headers={"Accept-Encoding": "identity", **headers, "Host": target.netloc.decode()},
        content=content,
        # The certificate has to be for the name, not for the address.
        extensions={"sni_hostname": _ascii_host(target), "timeout": {}},
    )
    # One transport for one request. A pool goes by address, and would hand a connection that was opened, and its
    # certificate checked, under one name to another name on the same address.
    async with httpx.AsyncHTTPTransport(verify=_tls(), trust_env=False) as transport:
        response = await transport.handle_async_request(request)
        try:
            return await _read(response, max_bytes)
        finally:
            await response.aclose()


async def _read(response: httpx.Response, max_bytes: int) -> Answer:
    body = bytearray()
    assert isinstance(response.stream, httpx.AsyncByteStream)
    async for chunk in response.stream:
        body += chunk
        if len(body) > max_bytes:
            break
    return Answer(response.status_code, response.headers, bytes(body[:max_bytes]), complete=len(body) <= max_bytes)


@cache
def _tls() -> ssl.SSLContext:
    """Authorities of SSL_CERT_FILE or SSL_CERT_DIR, where an operator has some of their own; else the usual ones."""
    return httpx.create_ssl_context()
