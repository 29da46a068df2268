"""The tools: one file each, plain annotated functions whose name, signature and docstring the model gets.

No tool knows of the SDK; `loader` brings a person's own. May import `texts` and `core`; `loader` also `sdk`.
"""

from __future__ import annotations

from stream_core.core.tool_call import asks_first, must_ask

__all__ = ["asks_first", "must_ask"]
