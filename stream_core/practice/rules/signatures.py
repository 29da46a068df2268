"""Thinking that is sent back: unchanged, to the same model, in the same conversation."""

from __future__ import annotations

from stream_core.practice.catalogue import Model
from stream_core.practice.refusal import invalid
from stream_core.practice.request import Body
from stream_core.practice.signing import thoughts

_ELSEWHERE = (
    "The block is bound to a different conversation. Remove the block, or set "
    '`thinking.block_binding.prefix_mismatch_behavior` to "drop_block".'
)
_CHANGED = {
    "system": "The `system` prompt differs from the one this block was created with.",
    "tools": "The `tools` differ from the ones this block was created with.",
    "messages": "The messages before this block differ from the ones it was created with.",
}


def check(body: Body, model: Model) -> None:
    for where, block, conversation in thoughts(body):
        hidden = block["type"] == "redacted_thinking"
        signature = block["data" if hidden else "signature"]
        field = f"Invalid `{'data' if hidden else 'signature'}` in `{block['type']}` block"
        if not conversation.is_own(signature, "" if hidden else block["thinking"]):
            raise invalid(f"{where}: {field}")
        changed = conversation.changed(signature) if model.binds_thinking else None
        if changed is not None:
            raise invalid(f"{where}: {field}. {_ELSEWHERE} {_CHANGED[changed]}")
