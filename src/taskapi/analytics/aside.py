"""One thread for what computes longer than the event loop may be held: simulations and drawings.

One, so that the loop shares the interpreter with a single one of them however many are asked for, 5 ms at a time.
"""

import asyncio
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from typing import Final, ParamSpec, TypeVar

_P = ParamSpec("_P")
_T = TypeVar("_T")
_THREAD: Final = ThreadPoolExecutor(1, "analytics")


async def computed(function: Callable[_P, _T], *args: _P.args, **kwargs: _P.kwargs) -> _T:
    assert not kwargs
    return await asyncio.get_running_loop().run_in_executor(_THREAD, function, *args)
