"""The gateway of `deploy/` as a real HAProxy, before practice servers."""

from __future__ import annotations

import hashlib
import shutil
import socket
import subprocess
import tempfile
import time
import urllib.request
from collections.abc import Iterator, Mapping
from contextlib import ExitStack, contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path
from urllib.parse import urlsplit

from support.paths import ROOT

HAPROXY = shutil.which("haproxy") or shutil.which("haproxy", path="/usr/sbin:/usr/local/sbin")
"""Where it is installed, or None."""

DEPLOY = ROOT / "deploy"
PEOPLE = {"ana": "token-of-ana", "luis": "token-of-luis"}
NONE: Mapping[str, str] = {}
KEY_OF_TEAM = "sk-ant-key-of-the-team"

_UPSTREAM = """
listen {name} from streams
    bind "unix@${{GATEWAY_RUN}}/{name}.sock" mode 600
    no log
    retries 0
    http-request set-path {prefix}%[path]
    http-request set-header host {host}
    http-request set-header x-api-key {key}
    option httpchk
    http-check send meth GET uri {prefix}/v1/models?limit=1 ver HTTP/1.1 hdr host {host} hdr x-api-key {key} hdr anthropic-version 2023-06-01
    http-check expect rstatus ^(200|429)$
    server api {host} check inter {check_ms} fall 2 rise 1
"""  # noqa: E501


@dataclass(frozen=True, slots=True)
class Gateway:
    """A running gateway.

    Attributes:
        url: of its door, on loopback.
        metrics: of its figures.
        log: the file that it writes a line a request to.
    """

    url: str
    metrics: str
    log: Path

    def lines(self, text: str) -> list[str]:
        """The lines of the log that hold a text."""
        return [line for line in self.log.read_text().splitlines() if text in line]


def policy() -> str:
    """The `backend upstreams` of the file that people are given, without its servers."""
    section = (DEPLOY / "upstreams.cfg").read_text().split("\nresolvers ")[0]
    return "\n".join(line for line in section.splitlines() if not line.strip().startswith("server ")) + "\n"


def upstreams(urls: Mapping[str, str], check_ms: int) -> str:
    """A file in the form of `upstreams.cfg` for these servers, by name."""
    text = policy()
    for name in urls:
        text += f'    server {name} "unix@${{GATEWAY_RUN}}/{name}.sock" track {name}/api\n'
    for name, url in urls.items():
        place = urlsplit(url)
        text += _UPSTREAM.format(
            name=name, prefix=place.path, host=place.netloc, key=KEY_OF_TEAM, check_ms=check_ms
        )
    return text


@contextmanager
def gateway(
    urls: Mapping[str, str], check_ms: int = 600_000, variables: Mapping[str, str] = NONE
) -> Iterator[Gateway]:
    """Run the gateway before these servers; it is ready when it is given.

    Args:
        urls: base URLs by name.
        check_ms: between two health checks; the first comes within that time, too.
        variables: `GATEWAY_…` to set.
    """
    assert HAPROXY is not None
    with ExitStack() as stack:
        folder = Path(stack.enter_context(tempfile.TemporaryDirectory()))
        (folder / "upstreams.cfg").write_text(upstreams(urls, check_ms))
        hashes = {name: hashlib.sha256(token.encode()).hexdigest() for name, token in PEOPLE.items()}
        (folder / "people.map").write_text("".join(f"{hashes[name]} {name}\n" for name in PEOPLE))
        door, metrics = stack.enter_context(_listening()), stack.enter_context(_listening())
        log = folder / "log"
        files = [
            argument
            for path in (DEPLOY / "haproxy.cfg", folder / "upstreams.cfg")
            for argument in ("-f", path)
        ]
        with log.open("wb") as written:
            process = subprocess.Popen(
                [HAPROXY, "-db", *map(str, files)],
                stdin=subprocess.DEVNULL,
                stdout=written,
                stderr=written,
                pass_fds=[door.fileno(), metrics.fileno()],
                env={
                    "GATEWAY_BIND": f"fd@{door.fileno()}",
                    "GATEWAY_METRICS_BIND": f"fd@{metrics.fileno()}",
                    "GATEWAY_PEOPLE": str(folder / "people.map"),
                    "GATEWAY_RUN": str(folder),
                    **variables,
                },
            )
        stack.callback(process.wait)
        stack.callback(process.kill)
        running = Gateway(_url(door), _url(metrics), log)
        _wait_until_up(running, process)
        yield running


def _listening() -> socket.socket:
    """A socket that HAProxy inherits: nobody else can take its port in between."""
    sock = socket.socket()
    sock.bind(("127.0.0.1", 0))
    sock.listen(1024)
    return sock


def _url(sock: socket.socket) -> str:
    return f"http://127.0.0.1:{sock.getsockname()[1]}"


def _wait_until_up(running: Gateway, process: subprocess.Popen[bytes]) -> None:
    for _ in range(400):
        if process.poll() is not None:
            raise AssertionError(f"haproxy ended: {running.log.read_text()}")
        with suppress(OSError):
            if "haproxy_server_status" in figures(running):
                return
        time.sleep(0.025)
    raise AssertionError(f"haproxy is not ready: {running.log.read_text()}")


def figures(running: Gateway) -> str:
    """The metrics, as Prometheus reads them."""
    with urllib.request.build_opener(urllib.request.ProxyHandler({})).open(
        f"{running.metrics}/metrics", timeout=5
    ) as got:
        text: str = got.read().decode()
    return text


def is_up(running: Gateway, name: str) -> bool:
    """Whether the gateway takes an upstream for alive."""
    return f'haproxy_server_status{{proxy="upstreams",server="{name}",state="UP"}} 1' in figures(running)
