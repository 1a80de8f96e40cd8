"""The layers of the app catalog: parts of its data under one licence each."""

from __future__ import annotations

from typing import Final, Literal, get_args

Layer = Literal["core", "sharealike"]
"""``core`` is permissive, ``sharealike`` asks for the same licence."""

LAYERS: Final[tuple[Layer, ...]] = get_args(Layer)
"""Every layer, the one that wins first."""
