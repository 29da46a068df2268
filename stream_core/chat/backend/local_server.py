"""A model on this machine: llama.cpp's server as a child, on a loopback port, with a key of its own."""

from __future__ import annotations

import json
import os
import secrets
import subprocess
import sys
import threading
from contextlib import suppress
from types import TracebackType

from stream_core.config.local_model import LocalModel
from stream_core.core.errors import ConfigError
from stream_core.core.sanitize import one_line

_MOST_THREADS = 4
_END_SECONDS = 2.0


class LocalServer:
    """The child. It ends with this program, however this program ends: its standard input closes then.

    Attributes:
        key: the credential of the server, unknown to other users of this machine.
    """

    def __init__(self, model: LocalModel) -> None:
        self.key = secrets.token_urlsafe(24)
        self._model = model
        self._lock = threading.Lock()
        self._process: subprocess.Popen[bytes] | None = None

    def start(self) -> str:
        """Start it and wait until the model is loaded, which takes from a second to minutes.

        Returns:
            Its base URL.

        Raises:
            ConfigError: the model cannot be loaded.
        """
        with self._lock:
            self._process = process = subprocess.Popen(
                [sys.executable, "-m", "stream_core.chat.backend.local_server_main"],
                stdin=subprocess.PIPE,
                stdout=subprocess.PIPE,
                stderr=subprocess.DEVNULL,
                start_new_session=True,  # Ctrl+C is for the chat
            )
        assert process.stdin is not None and process.stdout is not None
        order = {
            "file": str(self._model.file),
            "name": self._model.name,
            "included": self._model.included,
            "key": self.key,
            "threads": min(_MOST_THREADS, max(1, _cores() // 2)),
        }
        with suppress(OSError):  # it has ended already
            process.stdin.write(json.dumps(order).encode() + b"\n")
            process.stdin.flush()
        line = process.stdout.readline().decode(errors="replace").strip()
        if not line.startswith("http://127.0.0.1:"):
            raise ConfigError(
                f"El modelo «{one_line(self._model.file.name, 80)}» no se ha podido cargar: el archivo no "
                "está entero, es de un tipo que llama.cpp no conoce, o no cabe en la memoria."
            )
        return line

    def __enter__(self) -> LocalServer:
        return self

    def __exit__(
        self, exc_type: type[BaseException] | None, exc: BaseException | None, tb: TracebackType | None
    ) -> None:
        with self._lock:
            process = self._process
        if process is None:
            return
        assert process.stdin is not None and process.stdout is not None
        with suppress(OSError):
            process.stdin.close()
        process.stdout.close()
        try:
            process.wait(_END_SECONDS)
        except subprocess.TimeoutExpired:  # it is in the middle of loading
            process.kill()
            process.wait()


def _cores() -> int:
    return len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1
