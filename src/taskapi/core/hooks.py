"""Hooks: what others do in the transaction of a domain that must not know them. `background.connect` says who."""

from collections.abc import Awaitable, Callable
from typing import Final, Generic, ParamSpec

P = ParamSpec("P")


class Hook(Generic[P]):
    """Calls whoever was connected to it, in their order.

    One that nobody was connected to raises: what should follow would not, and nobody would notice.
    """

    def __init__(self, when: str) -> None:
        self.when: Final = when
        self._calls: tuple[Callable[P, Awaitable[None]], ...] = ()

    def connect(self, *calls: Callable[P, Awaitable[None]]) -> None:
        self._calls = calls

    @property
    def is_connected(self) -> bool:
        return bool(self._calls)

    async def __call__(self, *args: P.args, **kwargs: P.kwargs) -> None:
        if not self._calls:
            raise RuntimeError(f"Nobody was told what to do when {self.when}: call background.connect() at the start")
        for call in self._calls:
            await call(*args, **kwargs)
