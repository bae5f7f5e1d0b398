"""A database's address as libpq reads it, in the driver's words; what the driver would not follow is refused."""

import random
import re
import ssl
from collections.abc import Mapping
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path
from typing import Any, Final
from urllib.parse import quote, unquote

_DEFAULT_PORT: Final = 5432
_MOST_PORT: Final = 65535
# The driver takes these from its DSN, and they mean there what they mean to libpq.
_OF_THE_DRIVER: Final = frozenset(
    (
        *("passfile", "service", "krbsrvname", "gsslib"),
        *("sslmode", "sslcert", "sslkey", "sslpassword", "sslrootcert", "sslcrl", "sslnegotiation"),
        *("ssl_min_protocol_version", "ssl_max_protocol_version"),
    )
)
_OF_THE_SERVER: Final = frozenset(("application_name", "options"))
_OURS: Final = frozenset(
    ("host", "port", "user", "password", "dbname", "connect_timeout", "target_session_attrs", "load_balance_hosts")
)
_CLOSED: Final[Mapping[str, tuple[str, ...]]] = {
    "sslmode": ("disable", "allow", "prefer", "require", "verify-ca", "verify-full"),
    "target_session_attrs": ("any", "read-write", "read-only", "primary", "standby", "prefer-standby"),
    "load_balance_hosts": ("disable", "random"),
    # What the driver does unasked, and nothing else.
    "channel_binding": ("prefer", "disable"),
    "gssencmode": ("prefer", "disable"),
    "client_encoding": ("UTF8", "utf8", "UTF-8", "utf-8"),
}
_FILES: Final = ("sslrootcert", "sslcert", "sslkey", "sslcrl")
_SYSTEM: Final = "system"
_PLACE: Final = re.compile(r"(?:\[(?P<v6>[^\]]*)\]|(?P<name>[^:\[\]]*))(?::(?P<port>[0-9]*))?")

Place = tuple[str, int] | None
"""A host or the directory of a socket, with a port; None: where the environment or a service file says."""


@dataclass(frozen=True, slots=True)
class Address:
    places: tuple[Place, ...]
    user: str | None
    password: str | None
    database: str | None
    wanted: tuple[str | None, ...]
    """Values of `target_session_attrs`, to be tried one after the other at all places; None: nobody said."""
    is_shuffled: bool
    seconds: float | None
    """For each place, 0: without end; None: nobody said."""
    server_settings: Mapping[str, str]
    _of_the_driver: Mapping[str, str]

    @property
    def shown(self) -> str:
        """Where it is, without the password."""
        hosts = [f"{place[0]}:{place[1]}" if place else f"localhost:{_DEFAULT_PORT}" for place in self.places]
        return f"{','.join(hosts)}/{self.database or ''}"

    def in_turn(self) -> list[Place]:
        return random.sample(self.places, len(self.places)) if self.is_shuffled else list(self.places)

    def arguments(self) -> dict[str, Any]:
        """For the driver's `connect`, but for the place and what is wanted there."""
        given = dict(self._of_the_driver)
        tls: dict[str, Any] = {}
        if given.get("sslrootcert") == _SYSTEM:
            tls["ssl"] = _trusting_the_system(given)
        query = "&".join(f"{name}={quote(value, safe='')}" for name, value in given.items())
        return {
            "dsn": f"postgresql://?{query}" if query else None,
            "user": self.user,
            "password": self.password,
            "database": self.database,
            **tls,
        }

    def unreadable_file(self) -> str | None:
        """A file of certificates or keys that it names and nobody can read, as a complaint."""
        for name in _FILES:
            file = self._of_the_driver.get(name)
            if file and not (name == "sslrootcert" and file == _SYSTEM):
                try:
                    Path(file).open("rb").close()
                except OSError as error:
                    return f"{name}: cannot read {file}: {error.strerror}"
        return None


@lru_cache(maxsize=32)
def read(url: str) -> Address:
    """Raises ValueError, which names the part and no password."""
    _, _, rest = url.partition("://")
    rest, _, query = rest.partition("?")
    authority, _, path = rest.partition("/")
    credentials, _, hosts = authority.rpartition("@")
    user, _, password = credentials.partition(":")
    given = _parameters(query)
    return Address(
        places=_places(hosts, given),
        user=given.get("user") or unquote(user) or None,
        password=given.get("password") or unquote(password) or None,
        database=given.get("dbname") or unquote(path) or None,
        wanted=_wanted(given.get("target_session_attrs")),
        is_shuffled=given.get("load_balance_hosts") == "random",
        seconds=_seconds(given.get("connect_timeout")),
        server_settings={name: given[name] for name in sorted(_OF_THE_SERVER & given.keys())},
        _of_the_driver=_tls({name: given[name] for name in sorted(_OF_THE_DRIVER & given.keys())}),
    )


def _parameters(query: str) -> dict[str, str]:
    given: dict[str, str] = {}
    for part in filter(None, query.split("&")):
        name, separator, value = (unquote(text) for text in part.partition("="))
        if not separator:
            raise ValueError(f"the parameter {name!r} has no value")
        if name not in _OF_THE_DRIVER | _OF_THE_SERVER | _OURS | _CLOSED.keys():
            raise ValueError(f"the parameter {name!r} is not one of libpq's that taskapi knows")
        if name in _CLOSED and value not in _CLOSED[name]:
            raise ValueError(f"{name}={value} is not possible: it can be {', '.join(_CLOSED[name])}")
        given[name] = value
    return given


def _places(authority: str, given: Mapping[str, str]) -> tuple[Place, ...]:
    """The parameters `host` and `port` are stronger than what stands before the path."""
    names, ports = zip(*(_host_and_port(unquote(part)) for part in authority.split(",")), strict=True)
    if "host" in given:
        names, ports = tuple(given["host"].split(",")), ports if any(ports) else ("",)
    if "port" in given:
        ports = tuple(given["port"].split(","))
    if not any(names) and not any(ports):
        return (None,)
    if len(ports) not in {1, len(names)}:
        raise ValueError(f"there are {len(names)} hosts and {len(ports)} ports")
    numbers = [_port(port) for port in ports]
    return tuple((name or "localhost", numbers[index % len(numbers)]) for index, name in enumerate(names))


def _host_and_port(part: str) -> tuple[str, str]:
    if part.startswith("/"):
        return part, ""
    found = _PLACE.fullmatch(part)
    if not found:
        raise ValueError(f"{part!r} is no host")
    return found["v6"] or found["name"] or "", found["port"] or ""


def _port(number: str) -> int:
    if not number:
        return _DEFAULT_PORT
    if not number.isdecimal() or not 0 < int(number) <= _MOST_PORT:
        raise ValueError(f"{number!r} is no port")
    return int(number)


def _seconds(number: str | None) -> float | None:
    if number is None:
        return None
    if not re.fullmatch(r"-?[0-9]+", number):
        raise ValueError(f"connect_timeout={number} is no number of seconds")
    return max(0.0, float(number))


def _wanted(given: str | None) -> tuple[str | None, ...]:
    return ("standby", "any") if given == "prefer-standby" else (given,)


def _tls(given: Mapping[str, str]) -> Mapping[str, str]:
    if given.get("sslrootcert") != _SYSTEM:
        return given
    mode = given.get("sslmode", "verify-full")
    if mode != "verify-full":
        raise ValueError(f"sslmode={mode} is too weak for sslrootcert=system: it wants verify-full")
    return {**given, "sslmode": mode}


def _trusting_the_system(given: dict[str, str]) -> ssl.SSLContext:
    """libpq's `sslrootcert=system`, which the driver takes for a file; what is taken care of leaves `given`."""
    context = ssl.create_default_context()
    for name in ("sslrootcert", "sslmode"):
        given.pop(name, None)
    if certificate := given.pop("sslcert", None):
        context.load_cert_chain(certificate, given.pop("sslkey", None), given.pop("sslpassword", ""))
    return context
