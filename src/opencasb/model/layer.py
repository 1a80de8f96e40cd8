"""The layers of the app catalog: parts of its data with one licence each."""

from __future__ import annotations

from typing import Final, Literal, get_args

Layer = Literal["core", "sharealike"]
"""``core`` is permissively licensed; ``sharealike`` must be passed on under the same licence."""

LAYERS: Final[tuple[Layer, ...]] = get_args(Layer)
"""Every layer, in order of precedence."""
