"""A picture step by step."""

from __future__ import annotations

import base64
import json
import struct
import zlib
from typing import Any, Dict, List, Optional, Tuple

import numpy as np

from . import _core


class Explanation:
    """What one call did: `steps` (op, values, array after it), the `result`, and the `line` that replays it."""

    __slots__ = ("source", "steps", "line")

    def __init__(self, source: np.ndarray, steps: List[Tuple[str, Dict[str, Any], np.ndarray]], line: str):
        self.source = source
        self.steps = steps
        self.line = line

    @property
    def result(self) -> np.ndarray:
        return self.steps[-1][2] if self.steps else self.source

    def __repr__(self) -> str:
        lines = [f"source  {_shape(self.source)}"]
        for number, (op, values, after) in enumerate(self.steps, 1):
            lines.append(f"{number}. {op}  {_values(values)}")
            lines.append(f"   {_shape(after)}")
        return "\n".join(lines if self.steps else [*lines, "no step ran"])

    def _repr_html_(self) -> str:
        cells = [_cell("source", _shape(self.source), self.source)]
        cells += [_cell(f"{n}. {op}", _values(values), after) for n, (op, values, after) in enumerate(self.steps, 1)]
        return f"<div style='display:flex;flex-wrap:wrap;gap:12px'>{''.join(cells)}</div>"

    def show(self) -> None:
        """As a strip of pictures in a notebook, as text elsewhere."""
        try:
            from IPython import get_ipython
            from IPython.display import display
        except ImportError:
            get_ipython = None
        if get_ipython is not None and get_ipython() is not None:
            display(self)
        else:
            print(self)


def explain(core: _core.Recipe, array: np.ndarray, *arguments: Any) -> Explanation:
    line, pictures = core.explain(array, *arguments)
    steps = [(step["op"], step["values"], after) for step, after in zip(json.loads(line), pictures)]
    return Explanation(array, steps, line)


def _shape(array: np.ndarray) -> str:
    return "×".join(str(side) for side in (array.shape[1], array.shape[0], *array.shape[2:])) + f" {array.dtype}"


def _values(values: Dict[str, Any]) -> str:
    return ", ".join(f"{name} {round(v, 4) if isinstance(v, float) else v}" for name, v in values.items())


def _cell(title: str, text: str, array: np.ndarray) -> str:
    import html

    picture = base64.b64encode(png(array)).decode()
    return (
        f"<figure style='margin:0;max-width:200px'><img src='data:image/png;base64,{picture}' style='max-width:200px'>"
        f"<figcaption><b>{html.escape(title)}</b><br>{html.escape(text)}</figcaption></figure>"
    )


def png(array: np.ndarray, longest: int = 400) -> bytes:
    """A small PNG to look at: every n-th pixel of large pictures, floats stretched from their least to their greatest."""
    every = max(1, -(-max(array.shape[:2]) // longest))
    small = np.ascontiguousarray(array[::every, ::every])
    if small.dtype == np.uint16:
        small = (small >> 8).astype(np.uint8)
    elif small.dtype == np.float32:
        low, high = float(small.min()), float(small.max())
        if low >= 0 and high <= 1:
            low, high = 0.0, 1.0
        small = ((small - low) * (255 / max(high - low, 1e-12))).round().astype(np.uint8)
    channels = 1 if small.ndim == 2 else small.shape[2]
    height, width = small.shape[:2]
    rows = small.reshape(height, width * channels)
    data = np.concatenate([np.zeros((height, 1), np.uint8), rows], axis=1).tobytes()
    header = struct.pack(">IIBBBBB", width, height, 8, {1: 0, 2: 4, 3: 2, 4: 6}[channels], 0, 0, 0)
    parts = [b"\x89PNG\r\n\x1a\n"]
    for kind, body in ((b"IHDR", header), (b"IDAT", zlib.compress(data, 6)), (b"IEND", b"")):
        parts.append(struct.pack(">I", len(body)) + kind + body + struct.pack(">I", zlib.crc32(kind + body)))
    return b"".join(parts)
