"""Scaling an image down to what the API takes, where Pillow is installed (extra `images`)."""

from __future__ import annotations

import io
from typing import Any

MOST_BYTES = 5 * 1024 * 1024 // 4 * 3
"""Bytes of an image: 5 MB in Base64 (https://platform.claude.com/docs/en/build-with-claude/vision)."""
MOST_SIDE = 8000
"""Pixels of a side."""

_SIDE = 1568  # pixels; the API would scale a larger one down to it
_QUALITIES = (85, 70, 50)


def is_too_large(size: int, pixels: tuple[int, int] | None) -> bool:
    """Whether the API refuses an image with these bytes and these pixels (None if unknown)."""
    return size > MOST_BYTES or (pixels is not None and max(pixels) > MOST_SIDE)


def scaled(data: bytes) -> bytes | None:
    """Return an image scaled down, as PNG or JPEG; None if Pillow is missing or cannot read it."""
    try:
        from PIL import Image, ImageOps
    except ImportError:
        return None
    try:
        with Image.open(io.BytesIO(data)) as opened:
            image: Any = ImageOps.exif_transpose(opened)
            image.thumbnail((_SIDE, _SIDE))
            return _written(image)
    except (OSError, ValueError, SyntaxError, Image.DecompressionBombError):
        return None


def _written(image: Any) -> bytes | None:
    if image.mode in ("RGBA", "LA", "P"):
        png = _as(image.convert("RGBA"), "PNG")
        if len(png) <= MOST_BYTES:
            return png
    whole = image.convert("RGB")
    written = (_as(whole, "JPEG", quality=quality) for quality in _QUALITIES)
    return next((jpeg for jpeg in written if len(jpeg) <= MOST_BYTES), None)


def _as(image: Any, form: str, **options: Any) -> bytes:
    written = io.BytesIO()
    image.save(written, form, **options)
    return written.getvalue()
