"""Previews of one image, drawn by a process of their own: from its standard input, to its standard output.

A decoder that is handed a malicious file runs here, with nothing of the service: no settings, no connections, no
imports of ours, a bounded memory and time, and no files to write. This file is run as a program and never imported
by others.
"""

import io
import resource
import sys
from typing import Final

MAX_PIXELS: Final = 50_000_000
SIZES: Final = (320, 1280)
"""The longest side of each preview, in the order they are written; none is larger than the image."""
_FORMATS: Final = ("PNG", "JPEG", "GIF", "WEBP")
_MEMORY: Final = 1536 * 1024**2
_CPU_SECONDS: Final = 20
_QUALITY: Final = 80


def _confine() -> None:
    for what, most in (
        (resource.RLIMIT_AS, _MEMORY),
        (resource.RLIMIT_CPU, _CPU_SECONDS),
        (resource.RLIMIT_FSIZE, 0),
        (resource.RLIMIT_CORE, 0),
    ):
        resource.setrlimit(what, (most, most))


def _draw(content: bytes) -> list[bytes]:
    from PIL import Image, ImageOps  # noqa: PLC0415 - once the limits hold

    Image.MAX_IMAGE_PIXELS = MAX_PIXELS
    image = Image.open(io.BytesIO(content), formats=_FORMATS)
    if image.width * image.height > MAX_PIXELS:
        raise ValueError("too many pixels")
    # Of a JPEG no more is decoded than the larger preview needs.
    image.draft("RGB", (SIZES[-1], SIZES[-1]))
    upright = ImageOps.exif_transpose(image)
    picture = upright.convert("RGBA" if upright.has_transparency_data else "RGB")
    drawn = []
    for longest in reversed(SIZES):
        picture.thumbnail((longest, longest))
        # A new image, which has nothing of what the first one told beside its pixels.
        clean = Image.frombytes(picture.mode, picture.size, picture.tobytes())
        out = io.BytesIO()
        clean.save(out, "WEBP", quality=_QUALITY)
        drawn.append(out.getvalue())
    return drawn[::-1]


def main() -> None:
    _confine()
    for preview in _draw(sys.stdin.buffer.read()):
        sys.stdout.buffer.write(len(preview).to_bytes(4, "big") + preview)
    sys.stdout.buffer.flush()


if __name__ == "__main__":
    main()
