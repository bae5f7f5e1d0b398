"""Stored files as answers: whole or one range of them, and never as a page of this origin, whatever is in them."""

import re
from collections.abc import AsyncIterator, Callable, Mapping
from dataclasses import dataclass
from typing import Final
from urllib.parse import quote

from starlette.requests import Request
from starlette.responses import RedirectResponse, Response, StreamingResponse

from taskapi.core import context
from taskapi.core.errors import AppError
from taskapi.core.http import preconditions
from taskapi.core.http.answers import NO_STORE

# Drawn by the browser itself, without scripts; all else is saved.
SHOWN_INLINE: Final = frozenset({"image/png", "image/jpeg", "image/gif", "image/webp", "application/pdf"})
_RANGE: Final = re.compile(r"bytes=(\d{0,18})-(\d{0,18})")
_SANDBOX: Final = "sandbox; default-src 'none'; frame-ancestors 'none'"


class RangeNotSatisfiable(AppError):
    """The range begins behind the end of the file, whose size `Content-Range` tells."""

    status, code, title = 416, "range_not_satisfiable", "The file does not have that range"


@dataclass(frozen=True, slots=True)
class Download:
    name: str
    size: int
    media_type: str
    etag: str
    """Strong: the same bytes have it, and no others."""
    inline: bool = False

    def headers(self) -> dict[str, str]:
        how = "inline" if self.inline and self.media_type in SHOWN_INLINE else "attachment"
        return {
            "ETag": self.etag,
            "Accept-Ranges": "bytes",
            "Content-Type": self.media_type,
            "Content-Disposition": f"{how}; filename*=UTF-8''{quote(self.name, safe='')}",
            "Content-Security-Policy": _SANDBOX,
        }


async def answer(
    request: Request,
    file: Download,
    read: Callable[[int, int], AsyncIterator[bytes]],
    address: Callable[[Mapping[str, str]], str | None],
) -> Response:
    """`read` gives so many bytes from an offset on. The first are here before the answer says that all is well.

    `address` says where somebody else gives the file with such headers, if anybody does. Who asks about it, or has it,
    is answered here.
    """
    headers = file.headers()
    unread = preconditions.not_modified(request, Response(status_code=200, headers={"ETag": file.etag}))
    if unread.status_code != 200:  # noqa: PLR2004 - OK
        return unread
    if not request.scope.get(context.HEAD_ALONE) and (elsewhere := address(_kept(headers))) is not None:
        return RedirectResponse(elsewhere, 302, {"Cache-Control": NO_STORE})
    wanted = _range(request, file)
    first, last = wanted or (0, file.size - 1)
    length = last - first + 1
    headers["Content-Length"] = str(length)
    if wanted is not None:
        headers["Content-Range"] = f"bytes {first}-{last}/{file.size}"
    status = 200 if wanted is None else 206
    if request.scope.get(context.HEAD_ALONE) or not length:
        return Response(status_code=status, headers=headers)
    pieces = read(first, length)
    begin = await anext(pieces)
    return StreamingResponse(_from(begin, pieces), status, headers)


def _kept(headers: Mapping[str, str]) -> dict[str, str]:
    """What makes a file harmless wherever it comes from, as far as S3 lets it be told."""
    named = ("Content-Type", "Content-Disposition")
    return {**{name: headers[name] for name in named}, "Cache-Control": "private, no-cache"}


async def _from(begin: bytes, pieces: AsyncIterator[bytes]) -> AsyncIterator[bytes]:
    yield begin
    async for piece in pieces:
        yield piece


def _range(request: Request, file: Download) -> tuple[int, int] | None:
    """The first and the last byte that are wanted. None: all, also where several ranges are, or of another version."""
    found = _RANGE.fullmatch(request.headers.get("range", "").strip())
    if found is None or request.headers.get("if-range", file.etag) != file.etag:
        return None
    start, end = found.groups()
    if not start and not end:
        return None
    first, last = (int(start), int(end or file.size)) if start else (max(0, file.size - int(end)), file.size)
    if start and end and last < first:  # no range at all (RFC 9110 §14.1.1)
        return None
    if first >= file.size:
        raise RangeNotSatisfiable(f"The file has {file.size} bytes", headers={"Content-Range": f"bytes */{file.size}"})
    return first, min(last, file.size - 1)
