"""The child of `LocalServer`: reads a JSON line with what to serve, writes its URL, ends with its stdin."""

from __future__ import annotations

import json
import os
import sys
import threading

_CONTEXT = 8192  # tokens; it bounds the memory beside the model's own
_BATCH = 512
_MOST_TOKENS = 400  # of a reply of the included model


def main() -> None:
    """Serve until stdin ends."""
    order = json.loads(sys.stdin.readline())
    threading.Thread(target=_end_with_stdin, daemon=True).start()
    import xllamacpp

    params = xllamacpp.CommonParams()
    params.model.path = order["file"]
    params.model_alias = {order["name"]}
    params.api_keys = [order["key"]]
    params.hostnames, params.port = ["127.0.0.1"], 0
    params.n_ctx, params.n_parallel, params.n_batch = _CONTEXT, 1, _BATCH
    params.cpuparams.n_threads = params.cpuparams_batch.n_threads = order["threads"]
    if order[
        "included"
    ]:  # a tiny model wanders off: near its likeliest words, without repeats, and not for long
        params.sampling.temp, params.sampling.top_p, params.sampling.penalty_repeat = 0.2, 0.9, 1.15
        params.n_predict = _MOST_TOKENS
    params.endpoint_slots, params.warmup = True, False
    server = xllamacpp.Server(params)
    sys.stdout.write(f"{server.listening_address}\n")
    sys.stdout.flush()
    threading.Event().wait()


def _end_with_stdin() -> None:
    while os.read(sys.stdin.fileno(), 1024):
        pass
    os._exit(0)


if __name__ == "__main__":
    main()
