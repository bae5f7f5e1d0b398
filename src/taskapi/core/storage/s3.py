"""Files in a bucket of S3, or of whatever speaks like it."""

from collections.abc import AsyncIterator, Iterable, Mapping, Sequence
from datetime import timedelta
from typing import TYPE_CHECKING, Final
from urllib.parse import quote

from taskapi.core.clock import utc_now
from taskapi.core.storage.errors import ObjectMissing
from taskapi.core.storage.signing import Signer
from taskapi.core.storage.storage import Storage, StoredObject
from taskapi.settings import StorageSettings

if TYPE_CHECKING:
    from obstore import ObjectMeta
    from obstore.store import ClientConfig, RetryConfig, S3Config, S3Store

_AT_ONCE: Final = 1000
"""As many as S3 lists, or deletes, at a time."""
_NOTHING: Final = "probes/nothing"


class S3Storage(Storage):
    """What the settings leave open comes from the environment's AWS_ variables, or from the machine's role."""

    part_bytes = 5 * 1024 * 1024  # the smallest that S3 takes

    def __init__(self, bucket: str, prefix: str, settings: StorageSettings) -> None:
        self._bucket, self._prefix, self._settings = bucket, prefix, settings

    def address(self, key: str, said: Mapping[str, str]) -> str | None:
        settings = self._settings
        if not settings.redirect_seconds:
            return None
        self._require(key)
        assert settings.region
        assert settings.access_key_id
        assert settings.secret_access_key
        signer = Signer(settings.region, settings.access_key_id, settings.secret_access_key.get_secret_value())
        host = settings.redirect_endpoint or settings.endpoint or f"https://s3.{settings.region}.amazonaws.com"
        path = quote("/".join(filter(None, (self._bucket, self._prefix, key))), safe="/-_.~")
        parameters = {f"response-{name.lower()}": value for name, value in said.items()}
        return signer.signed(f"{host.rstrip('/')}/{path}", parameters, at=utc_now(), seconds=settings.redirect_seconds)

    async def delete(self, keys: Iterable[str]) -> None:
        from obstore import delete_async

        doomed = list(keys)
        for first in range(0, len(doomed), _AT_ONCE):
            await self._ask(delete_async(self.store, doomed[first : first + _AT_ONCE]))

    async def list(self, prefix: str) -> AsyncIterator[StoredObject]:
        from obstore import list as listing

        pages = listing(self.store, prefix, chunk_size=_AT_ONCE)

        async def page() -> Sequence["ObjectMeta"]:
            async for some in pages:
                return some
            return ()

        while some := await self._ask(page()):
            for found in some:
                yield StoredObject(found["path"], found["size"], found["last_modified"])

    async def _settle(self, key: str) -> None:
        """S3 keeps what it has said to have."""

    async def _reach(self) -> None:
        from obstore import head_async

        try:
            await self._ask(head_async(self.store, _NOTHING))
        except ObjectMissing:
            return

    def _open(self) -> "S3Store":
        from obstore.store import S3Store

        known: S3Config = {}
        if self._settings.endpoint:
            known["endpoint"] = self._settings.endpoint
        if self._settings.region:
            known["region"] = self._settings.region
        if self._settings.access_key_id:
            known["access_key_id"] = self._settings.access_key_id
        if self._settings.secret_access_key:
            known["secret_access_key"] = self._settings.secret_access_key.get_secret_value()
        client: ClientConfig = {
            "allow_http": (self._settings.endpoint or "").startswith("http://"),
            "connect_timeout": timedelta(seconds=2),
            "timeout": timedelta(seconds=30),
        }
        retry: RetryConfig = {"max_retries": 3, "retry_timeout": timedelta(seconds=4)}
        return S3Store(
            self._bucket, prefix=self._prefix or None, config=known, client_options=client, retry_config=retry
        )
