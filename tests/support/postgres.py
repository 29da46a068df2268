"""A real PostgreSQL server on a socket in a temporary folder, run by an unprivileged user."""

from __future__ import annotations

import os
import pwd
import shutil
import signal
import subprocess
import tempfile
import time
from collections.abc import Sequence
from contextlib import suppress
from importlib.util import find_spec
from pathlib import Path
from typing import Any

PEOPLE = ("ana", "luis")
DATABASE = "team"
_TABLES = "conversations, turns, pieces, spent, receipts, files, attached"


def missing() -> str | None:
    """The reason why there is no server here, or None."""
    if _program("initdb") is None or _program("postgres") is None:
        return "PostgreSQL's initdb is not on this machine"
    return None if find_spec("psycopg") else "psycopg is not installed"


def _program(name: str) -> str | None:
    places = sorted(map(str, Path("/usr/lib/postgresql").glob("*/bin")), reverse=True)
    return shutil.which(name, path=os.pathsep.join([*places, os.environ.get("PATH", "")]))


def _identity() -> dict[str, Any]:
    """Whom the server runs as: it refuses to be root."""
    if os.geteuid() != 0:
        return {}
    for name in ("postgres", "nobody"):
        with suppress(KeyError):
            user = pwd.getpwnam(name)
            return {"user": user.pw_uid, "group": user.pw_gid, "extra_groups": []}
    raise RuntimeError("no unprivileged user")


class Server:
    """A server of its own, without people but the administrator `postgres`, until `set_up`.

    Args:
        durable: whether it waits for the disk, as in earnest.
        folder: where it keeps everything; its path must be short. None for a temporary one.
        options: further options of `postgres`.
    """

    def __init__(
        self, *, durable: bool = False, folder: Path | None = None, options: Sequence[str] = ()
    ) -> None:
        quick = "/dev/shm" if not durable and os.access("/dev/shm", os.W_OK) else None
        self.folder = folder or Path(tempfile.mkdtemp(prefix="pg-", dir=quick))
        self.folder.mkdir(exist_ok=True)
        self.folder.chmod(0o755)
        self._as = _identity()
        if "user" in self._as:
            os.chown(self.folder, self._as["user"], self._as["group"])
        self.data = self.folder / "data"
        self._run(
            "initdb",
            "-D",
            str(self.data),
            "-U",
            "postgres",
            "-A",
            "trust",
            "-E",
            "UTF8",
            "--locale=C.UTF-8",
            "--no-sync",
        )
        speed = (
            []
            if durable
            else ["-c", "fsync=off", "-c", "synchronous_commit=off", "-c", "full_page_writes=off"]
        )
        self._options = ["-c", "shared_buffers=32MB", "-c", "listen_addresses=", *speed, *options]
        self._process: subprocess.Popen[bytes] | None = None
        self.start()

    def _run(self, program: str, *arguments: str) -> None:
        done = subprocess.run(
            [str(_program(program)), *arguments],
            capture_output=True,
            cwd=self.folder,
            check=False,
            **self._as,
        )
        assert done.returncode == 0, done.stderr.decode()

    def start(self) -> None:
        """Start it and wait until it answers."""
        with (self.folder / "log").open("ab") as log:
            self._process = subprocess.Popen(
                [str(_program("postgres")), "-D", str(self.data), "-k", str(self.folder), *self._options],
                stdin=subprocess.DEVNULL,
                stdout=log,
                stderr=log,
                cwd=self.folder,
                start_new_session=True,
                **self._as,
            )
        import psycopg

        for _ in range(1200):
            with suppress(psycopg.OperationalError):
                psycopg.connect(self.url("postgres", "postgres")).close()
                return
            if self._process.poll() is not None:
                break
            time.sleep(0.05)
        raise AssertionError((self.folder / "log").read_text())

    def kill(self) -> None:
        """End it at once and with all its processes, as a loss of power does but for the disk's cache."""
        assert self._process is not None
        with suppress(ProcessLookupError):
            os.killpg(self._process.pid, signal.SIGKILL)
        for _ in range(400):  # its children are processes of the same group or notice that it is gone
            if not _left(self.data):
                break
            time.sleep(0.025)
        self._process.wait()
        (self.data / "postmaster.pid").unlink(missing_ok=True)

    def start_if_down(self) -> None:
        """Start it again if it has ended by itself."""
        if self._process is not None and self._process.poll() is not None:
            (self.data / "postmaster.pid").unlink(missing_ok=True)
            self.start()

    def stop(self) -> None:
        """End it and remove its files."""
        if self._process is not None and self._process.poll() is None:
            self._process.send_signal(signal.SIGQUIT)
            self._process.wait()
        shutil.rmtree(self.folder, ignore_errors=True)

    def url(self, person: str, database: str = DATABASE) -> str:
        """The URL for a person."""
        return f"postgresql://{person}@/{database}?host={self.folder}"

    def admin(self, *statements: str, database: str = DATABASE) -> list[Any]:
        """Run statements as the administrator; returns the rows of the last one."""
        import psycopg

        with psycopg.connect(self.url("postgres", database), autocommit=True) as connection:
            rows: list[Any] = []
            for statement in statements:
                cursor = connection.execute(statement)
                rows = cursor.fetchall() if cursor.description else []
            return rows

    def set_up(self) -> None:
        """Create the people and the tables."""
        from stream_core.store.postgres.session import Session

        self.admin(
            f"CREATE DATABASE {DATABASE}",
            *(f"CREATE ROLE {name} LOGIN" for name in PEOPLE),
            database="postgres",
        )
        Session(self.url("postgres"), 0).close()

    def empty(self) -> None:
        """Delete all that was said."""
        tables = ", ".join(f"stream_core.{table}" for table in _TABLES.split(", "))
        self.admin(f"TRUNCATE {tables}")


def _left(data: Path) -> bool:
    """Whether a process of the server still runs."""
    for place in Path("/proc").glob("[0-9]*/cwd"):
        with suppress(OSError):
            if place.readlink() == data:
                return True
    return False
