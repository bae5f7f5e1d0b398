"""Every setting, by concern; environment variables `TASKAPI_<NAME>` or lines in `.env`."""

import re
from email.utils import parseaddr
from enum import StrEnum
from ipaddress import IPv4Network, IPv6Network
from pathlib import Path
from typing import Annotated, Self
from urllib.parse import urlsplit

from pydantic import AliasChoices, Field, SecretStr, ValidationError, ValidationInfo, field_validator, model_validator
from pydantic_settings import BaseSettings, NoDecode, SettingsConfigDict

from taskapi import data_dir

Network = IPv4Network | IPv6Network
CommaSeparated = NoDecode

SECRET_KEY_MIN_BYTES = 32
# What stands beside the providers under /auth/oidc.
TAKEN_PROVIDER_NAMES = frozenset({"complete"})
_BUCKET = re.compile(r"[a-z0-9][a-z0-9.-]{1,61}[a-z0-9]")
_PROVIDER_NAME = re.compile(r"[a-z0-9](?:[a-z0-9-]{0,30}[a-z0-9])?")
# What documentation, examples and peers ship; a deployment that runs on one of these has no secret at all.
KNOWN_SECRET_KEYS = frozenset(
    {
        "changethis",
        "changeme",
        "secret",
        "secret-key",
        "your-secret-key",
        "insecure",
        "your-secret-key-for-production",
        "your-secret-key-change-in-production",
        "your-secret-key-here-change-in-production",
        "change-this-secret-key-in-production",
        "please-change-this-secret-key-in-production",
        "09d25e094faa6ca2556c818166b7a9563b93f7099f6f0f4caa6cf63b88e8d3e7",  # FastAPI's tutorial
    }
)


class Environment(StrEnum):
    DEVELOPMENT = "development"
    PRODUCTION = "production"


class Registration(StrEnum):
    OPEN = "open"
    INVITE = "invite"
    CLOSED = "closed"


class LogFormat(StrEnum):
    AUTO = "auto"
    CONSOLE = "console"
    JSON = "json"


class LogLevel(StrEnum):
    DEBUG = "debug"
    INFO = "info"
    WARNING = "warning"
    ERROR = "error"


class RateLimit(StrEnum):
    ON = "on"
    OFF = "off"


def _split(value: object) -> object:
    return [part.strip() for part in value.split(",") if part.strip()] if isinstance(value, str) else value


class _Concern(BaseSettings):
    model_config = SettingsConfigDict(
        env_prefix="TASKAPI_", env_file=".env", env_ignore_empty=True, extra="ignore", frozen=True
    )


def _unprefixed(name: str) -> AliasChoices:
    """Platforms give this variable without our prefix."""
    return AliasChoices(f"TASKAPI_{name}", name)


class DatabaseSettings(_Concern):
    url: str | None = Field(None, validation_alias=_unprefixed("DATABASE_URL"))
    """`postgresql://user:password@host:port/name`; absent: the embedded PostgreSQL of `make run`."""
    read_url: str | None = Field(None, validation_alias=_unprefixed("DATABASE_READ_URL"))
    """A standby for reads."""
    replica_max_lag: float = Field(10, gt=0, le=3600, validation_alias="TASKAPI_REPLICA_MAX_LAG_SECONDS")
    """Seconds a standby may be behind and still be read."""
    direct_url: str | None = Field(None, validation_alias=_unprefixed("DATABASE_DIRECT_URL"))
    """The same database past a pooler, where `url` leads through one in transaction mode."""
    pool_size: int = Field(10, ge=1, le=200, validation_alias="TASKAPI_DATABASE_POOL_SIZE")
    wait: float = Field(30, ge=0, le=600, validation_alias="TASKAPI_DATABASE_WAIT")
    """Seconds to wait for the server at start."""
    pool_timeout: float = Field(2, gt=0, le=60, validation_alias="TASKAPI_DATABASE_POOL_TIMEOUT")
    """Seconds a request may queue for a connection before it is told to come back (503)."""
    statement_timeout: float = Field(5, gt=0, le=600, validation_alias="TASKAPI_DATABASE_STATEMENT_TIMEOUT")
    """Seconds one statement may run."""

    @field_validator("url", "read_url", "direct_url")
    @classmethod
    def _use_asyncpg(cls, value: str | None) -> str | None:
        if not value:
            return None
        scheme, separator, rest = value.partition("://")
        if not separator or scheme.partition("+")[0] not in {"postgresql", "postgres"}:
            raise ValueError("must look like postgresql://user:password@host:5432/name")
        return f"postgresql+asyncpg://{rest}"

    @field_validator("direct_url")
    @classmethod
    def _is_a_second_way(cls, value: str | None, read: ValidationInfo) -> str | None:
        if value and not read.data.get("url", "faulty itself"):
            raise ValueError("is a second way to TASKAPI_DATABASE_URL, which is not set")
        return value

    @property
    def session_url(self) -> str | None:
        """For what keeps a server connection over transactions: LISTEN, and locks that a session holds."""
        return self.direct_url or self.url


class SecuritySettings(_Concern):
    secret_key: SecretStr = SecretStr("")
    """At least 32 bytes; signs tokens and cursors."""
    access_token_minutes: int = Field(10, ge=1, le=60)
    refresh_token_idle_days: int = Field(14, ge=1, le=90)
    session_days: int = Field(90, ge=1, le=365)
    password_min_length: int = Field(12, ge=8, le=64)
    registration: Registration = Registration.OPEN
    rate_limit: RateLimit = RateLimit.ON
    rate_limit_per_minute: int = Field(6000, ge=1)
    """Requests of one user's sessions, and of each API token. A hundred a second lets a script import a project, and
    leaves most of even a small machine to others."""
    rate_limit_anonymous_per_minute: int = Field(1200, ge=1)
    """Requests of one address without a good token: a whole office may sign in behind it in the morning."""
    rate_limit_auth_per_minute: int = Field(300, ge=1)
    """Registrations, requests for mails and uses of their links, of one address: each costs a hash or a mail."""
    rate_limit_failures_per_minute: int = Field(10, ge=1)
    """Wrong passwords and codes from one address, and registrations of names that are taken. An office behind one
    address needs more: while it is reached, nobody there signs in."""
    redis_url: SecretStr | None = Field(None, validation_alias=_unprefixed("REDIS_URL"))
    """`redis://host:6379/0`: counts requests over all processes; absent: each counts its own."""
    cors_origins: Annotated[list[str], CommaSeparated] = []
    trusted_proxies: Annotated[list[Network], CommaSeparated] = []
    """Networks whose X-Forwarded-For is believed."""
    allowed_hosts: Annotated[list[str], CommaSeparated] = []
    """Host names this service answers to; empty: any."""
    metrics_token: SecretStr | None = None
    metrics_networks: Annotated[list[Network], CommaSeparated] = Field(
        default=[IPv4Network("127.0.0.0/8"), IPv6Network("::1/128")]
    )
    """Networks that may read /metrics without the token."""

    @field_validator("trusted_proxies", mode="before")
    @classmethod
    def _no_wildcard_proxy(cls, value: object) -> object:
        if "*" in str(value):
            raise ValueError("must name the proxies' networks: '*' would let anybody choose their address")
        return value

    @field_validator("cors_origins", "trusted_proxies", "allowed_hosts", "metrics_networks", mode="before")
    @classmethod
    def _from_commas(cls, value: object) -> object:
        return _split(value)

    @field_validator("redis_url")
    @classmethod
    def _is_redis(cls, value: SecretStr | None) -> SecretStr | None:
        if value is not None and not value.get_secret_value().startswith(("redis://", "rediss://")):
            raise ValueError("must look like redis://host:6379/0, or rediss:// for TLS")
        return value

    @field_validator("cors_origins")
    @classmethod
    def _no_wildcard_origin(cls, value: list[str]) -> list[str]:
        if any(origin in {"*", "null"} for origin in value):
            raise ValueError("must list exact origins: '*' with credentials opens the API to every site")
        return value


class ServerSettings(_Concern):
    host: str = Field("127.0.0.1", validation_alias=_unprefixed("HOST"))
    port: int = Field(8000, ge=0, le=65535, validation_alias=_unprefixed("PORT"))
    public_url: str | None = None
    """The address people use; links and HSTS follow it."""
    log_format: LogFormat = LogFormat.AUTO
    log_level: LogLevel = LogLevel.INFO
    shutdown_seconds: int = Field(25, ge=1, le=300)
    """How long running requests may take to end after SIGTERM."""
    drain_seconds: float | None = Field(None, ge=0, le=300)
    """How long the door stays open after SIGTERM; absent: 5 in production, else 0."""
    max_body_bytes: int = Field(1_048_576, ge=1024)
    max_connections_per_address: int = Field(2_000, ge=0)
    """Of one process; those of trusted proxies do not count, and 0 is any number. A house of some hundred people behind
    one address keeps six each, and an attacker with one address gets no further than this."""


class ChangesSettings(_Concern):
    keep_days: int | None = Field(None, ge=1, le=36_500, validation_alias="TASKAPI_LOG_KEEP_DAYS")
    """How many days the change log tells what happened; absent: for ever."""
    stream_seconds: float = Field(3600, gt=0, le=86_400)
    """How long one stream lasts before its client is asked to come again, so that streams spread over processes."""
    streams_per_person: int = Field(20, ge=1)
    """Of one process."""


class MailSettings(_Concern):
    smtp_url: SecretStr | None = None
    """`smtp://user:password@host:587`, or `smtps://…:465`; absent: mails are printed, or in production wait."""
    sender: str = Field("taskapi <taskapi@localhost>", validation_alias="TASKAPI_MAIL_FROM")

    @field_validator("smtp_url")
    @classmethod
    def _is_smtp(cls, value: SecretStr | None) -> SecretStr | None:
        if value is None or not value.get_secret_value():
            return None
        try:
            parts = urlsplit(value.get_secret_value())
            is_good = parts.scheme in {"smtp", "smtps"} and parts.hostname and parts.port != 0
        except ValueError:  # it quotes what it takes for the port: the half of a password with a slash in it
            is_good = False
        if not is_good:
            raise ValueError("must look like smtp://user:password@host:587, with %2F for a / in the password")
        return value

    @field_validator("sender")
    @classmethod
    def _is_one_mailbox(cls, value: str) -> str:
        _, address = parseaddr(value)
        if "@" not in address or any(character in value for character in "\r\n"):
            raise ValueError("must look like taskapi <taskapi@example.org>")
        return value


class StorageSettings(_Concern):
    url: str | None = Field(None, validation_alias=_unprefixed("STORAGE_URL"))
    """`file:///srv/files` or `s3://bucket/prefix`; absent: `files` in the data directory."""
    endpoint: str | None = Field(None, validation_alias="TASKAPI_STORAGE_ENDPOINT")
    """Of an S3 that is not Amazon's."""
    region: str | None = Field(None, validation_alias="TASKAPI_STORAGE_REGION")
    access_key_id: str | None = Field(None, validation_alias="TASKAPI_STORAGE_ACCESS_KEY_ID")
    secret_access_key: SecretStr | None = Field(None, validation_alias="TASKAPI_STORAGE_SECRET_ACCESS_KEY")
    redirect_seconds: int = Field(0, ge=0, le=300, validation_alias="TASKAPI_STORAGE_REDIRECT_SECONDS")
    """For how long an address lets anybody read a file from S3, to which a download is sent. 0: files go by us."""
    redirect_endpoint: str | None = Field(None, validation_alias="TASKAPI_STORAGE_REDIRECT_ENDPOINT")
    """Where clients reach that S3; absent: where we do."""
    file_max_bytes: int = Field(50 * 1024**2, ge=1)
    """Of one attached file."""
    files_per_task: int = Field(200, ge=0)
    file_bytes_per_task: int = Field(1024**3, ge=0)
    file_bytes_per_project: int = Field(20 * 1024**3, ge=0)
    file_bytes_per_user: int = Field(20 * 1024**3, ge=0)
    """Of all files that one person has attached."""

    @field_validator("url")
    @classmethod
    def _is_a_place(cls, value: str | None) -> str | None:
        if value is None:
            return None
        url = urlsplit(value)
        is_local = url.scheme == "file" and not url.netloc and len(url.path) > 1
        is_bucket = url.scheme == "s3" and _BUCKET.fullmatch(url.netloc)
        if not (is_local or is_bucket) or url.query or url.fragment:
            raise ValueError("must look like file:///srv/taskapi/files or s3://bucket/prefix")
        return value

    @field_validator("endpoint", "redirect_endpoint")
    @classmethod
    def _is_an_address(cls, value: str | None) -> str | None:
        if value is not None and not value.startswith(("https://", "http://")):
            raise ValueError("must look like https://s3.example.org")
        return value

    @model_validator(mode="after")
    def _can_sign(self) -> Self:
        """A role of the machine is known to the store's library alone, which signs no such addresses."""
        if self.redirect_seconds:
            known = (self.region, self.access_key_id, self.secret_access_key)
            if not all(known) or not (self.url or "").startswith("s3://"):
                raise ValueError(
                    "TASKAPI_STORAGE_REDIRECT_SECONDS needs TASKAPI_STORAGE_URL=s3://…, TASKAPI_STORAGE_REGION, "
                    "TASKAPI_STORAGE_ACCESS_KEY_ID and TASKAPI_STORAGE_SECRET_ACCESS_KEY"
                )
        return self


class ImportSettings(_Concern):
    max_bytes: int = Field(100 * 1024 * 1024, ge=1024, le=10 * 1024**3, validation_alias="TASKAPI_IMPORT_MAX_BYTES")
    """Of one file."""


class NotificationSettings(_Concern):
    keep_days: int = Field(90, ge=1, le=3650, validation_alias="TASKAPI_NOTIFICATIONS_KEEP_DAYS")
    """After how many days what was read goes from the inbox; what nobody reads goes after a year at the earliest."""


class OutboundSettings(_Concern):
    allowed_networks: Annotated[list[Network], CommaSeparated] = Field(
        [], validation_alias="TASKAPI_OUTBOUND_ALLOWED_NETWORKS"
    )
    """Networks that are not public, and that requests of ours may go to all the same."""

    @field_validator("allowed_networks", mode="before")
    @classmethod
    def _from_commas(cls, value: object) -> object:
        return _split(value)


class OidcProvider(_Concern):
    """One OpenID provider; the variables carry its name: `TASKAPI_OIDC_<NAME>_ISSUER` and so on."""

    issuer: str = Field(pattern=r"^https?://[^\s?#]+$")
    """Exactly as the provider writes it in its tokens."""
    client_id: str = Field(min_length=1)
    client_secret: SecretStr = Field(min_length=1)
    name: str = ""
    """What people see on the button."""

    @classmethod
    def prefix(cls, name: str) -> str:
        return f"TASKAPI_OIDC_{name.upper().replace('-', '_')}_"

    @classmethod
    def named(cls, name: str) -> Self:
        if not _PROVIDER_NAME.fullmatch(name):
            raise ValueError(f"{name!r} must be lower-case letters, digits and hyphens: it stands in addresses")
        if name in TAKEN_PROVIDER_NAMES:
            raise ValueError(f"{name!r} cannot be a provider's name: it is an address of the service's own")
        try:
            provider = cls(_env_prefix=cls.prefix(name))
        except ValidationError as error:
            faulty = ", ".join(f"{cls.prefix(name)}{str(fault['loc'][0]).upper()}" for fault in error.errors())
            raise ValueError(f"for {name}, check {faulty}") from None
        return provider if provider.name else provider.model_copy(update={"name": name.replace("-", " ").title()})


class OidcSettings(_Concern):
    providers: Annotated[dict[str, OidcProvider], CommaSeparated] = Field({}, validation_alias="TASKAPI_OIDC_PROVIDERS")
    """By name. The variable lists the names; each has variables of its own."""

    @field_validator("providers", mode="before")
    @classmethod
    def _read_each(cls, value: object) -> object:
        names = _split(value)
        return {name: OidcProvider.named(name) for name in names} if isinstance(names, list) else names


class FirstAdminSettings(_Concern):
    username: str = Field("admin", validation_alias="TASKAPI_ADMIN_USERNAME")
    email: str | None = Field(None, validation_alias="TASKAPI_ADMIN_EMAIL")
    password: SecretStr | None = Field(None, validation_alias="TASKAPI_ADMIN_PASSWORD")


class Settings(_Concern):
    """Read once by main, worker, cli and alembic, and passed to the rest."""

    environment: Environment = Environment.DEVELOPMENT
    data_dir: Path = Field(default_factory=lambda: Path(data_dir.default()))
    database: DatabaseSettings = Field(default_factory=DatabaseSettings)
    security: SecuritySettings = Field(default_factory=SecuritySettings)
    server: ServerSettings = Field(default_factory=ServerSettings)
    changes: ChangesSettings = Field(default_factory=ChangesSettings)
    mail: MailSettings = Field(default_factory=MailSettings)
    storage: StorageSettings = Field(default_factory=StorageSettings)
    imports: ImportSettings = Field(default_factory=ImportSettings)
    notifications: NotificationSettings = Field(default_factory=NotificationSettings)
    outbound: OutboundSettings = Field(default_factory=OutboundSettings)
    oidc: OidcSettings = Field(default_factory=OidcSettings)
    first_admin: FirstAdminSettings = Field(default_factory=FirstAdminSettings)

    @property
    def drain_seconds(self) -> float:
        """As set; else long enough for load balancers to look, and nothing for whoever presses Ctrl-C."""
        if self.server.drain_seconds is not None:
            return self.server.drain_seconds
        return 5 if self.environment is Environment.PRODUCTION else 0
