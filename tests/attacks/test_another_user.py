"""Promises about another user of the machine, as that user: no file of ours opens, practice answers 401."""

from __future__ import annotations

import json
import os
import subprocess
import sys
import tempfile
from contextlib import closing
from pathlib import Path
from typing import Any

import pytest

from stream_core.core.conversation import Turn
from stream_core.practice.server import PracticeServer
from stream_core.store.journal import Journal
from stream_core.store.protocol import FOLDER, PendingTurn
from stream_core.store.sqlite import SqliteStore

pytestmark = pytest.mark.skipif(
    sys.platform == "win32" or os.geteuid() != 0, reason="only root can become another user"
)
NOBODY = 65534
PROGRAM = """
import encodings.idna, json, os, socket, sys
os.setgroups([])
os.setgid(65534)
os.setuid(65534)
host, port, *names = sys.argv[1:]
opened = []
for name in names:
    for flags in (os.O_RDONLY, os.O_WRONLY):
        try:
            os.close(os.open(name, flags))
            opened.append(name)
        except (PermissionError, IsADirectoryError):
            pass
answers = []
for path in ("/v1/messages", "/key/v1/messages"):
    with socket.create_connection((host, int(port)), timeout=30) as client:
        # A body is announced and never sent: the answer does not wait for it.
        head = f"POST {path} HTTP/1.1\\r\\nhost: {host}:{port}\\r\\ncontent-length: 1000000000\\r\\n\\r\\n"
        client.sendall(head.encode())
        answers.append(client.recv(4096).split(b"\\r\\n")[0].decode())
print(json.dumps([os.geteuid(), opened, answers]))
"""


def as_nobody(*arguments: str) -> Any:
    """Run `PROGRAM`, which becomes a user who has nothing once its interpreter is loaded."""
    command = [sys.executable, "-I", "-S", "-c", PROGRAM, *arguments]
    done = subprocess.run(command, cwd="/", env={}, capture_output=True, check=False)
    assert done.returncode == 0, done.stderr.decode()
    return json.loads(done.stdout)


def test_another_user_opens_no_file_of_ours_and_gets_401_before_a_body_is_read() -> None:
    before = os.umask(0)
    try:
        with tempfile.TemporaryDirectory() as place, PracticeServer(pace=0, remember=True) as server:
            Path(place).chmod(0o777)  # only the files themselves keep others out
            data = Path(place) / "datos"
            turn = Turn("¿Qué?", "Esto.", "complete", "m")
            with closing(SqliteStore(data)) as store:
                store.end_turn(store.begin_turn(None, turn.question, model="m", at=1.0), turn, at=2.0)
                journal = Journal(data / FOLDER)
                journal.begin("k", PendingTurn("a1234567", turn, 1.0, None))
                files = [str(file) for file in data.rglob("*")]
                assert len(files) >= 4
                user, opened, answers = as_nobody("127.0.0.1", str(server.port), str(data), *files)
                journal.close()
            assert (user, opened) == (NOBODY, [])
            assert [answer.split()[1] for answer in answers] == ["401", "401"]
            assert server.requests == []
    finally:
        os.umask(before)
