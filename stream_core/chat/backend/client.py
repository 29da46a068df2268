"""Loading the client behind the prompt, since importing the SDK takes seconds."""

from __future__ import annotations

import asyncio
import threading
from collections.abc import Callable
from concurrent.futures import Future
from contextlib import ExitStack
from typing import TYPE_CHECKING

from stream_core.chat.process.collector import resting_collector
from stream_core.config.program import command_line
from stream_core.config.settings import Settings
from stream_core.config.wire_options import WireOptions
from stream_core.core.errors import ConfigError, StreamCoreError
from stream_core.core.sanitize import one_line
from stream_core.models.model_list import ListedModel
from stream_core.streaming import event_loop
from stream_core.texts.file_errors_es import why_not_read

if TYPE_CHECKING:
    from anthropic import AsyncAnthropic

    from stream_core.practice.lab import Lab
    from stream_core.practice.replay import Replay
    from stream_core.practice.scenarios import Place
    from stream_core.practice.stepper import Stepper


_MOMENT_SECONDS = 0.3  # leaves time for a question that was waiting to be sent


class Backend:
    """Opens the client once, on the event loop's thread; starts the server of practice or of a local model.

    Args:
        settings: which server, and how.
        place: where the person is, for what practice mode suggests.

    Attributes:
        lab: the faults that the practice server plays; None outside practice mode.
        replay: the recordings that it plays instead of its prepared replies, or None.
        stepper: lets the events of a recording through one by one; None if they come by themselves.

    Raises:
        ConfigError: the fault in the settings does not exist, or a recording cannot be played.
    """

    def __init__(self, settings: Settings, place: Place = "chat") -> None:
        self.stepper = _stepper(settings.wire)
        self.replay = _replay(settings.wire, self.stepper)
        self.lab = _lab(settings.invocation.fault) if settings.connection.practice else None
        self._settings, self._place = settings, place
        self._opening: Future[AsyncAnthropic] | None = None
        self._resources = ExitStack()

    def warm(self, then: Callable[[], None] | None = None) -> None:
        """Start loading unless that has started already; returns at once.

        Args:
            then: called once, on a thread of its own, a moment after loading has finished.
        """
        if self._opening is None:
            self._opening = event_loop.submit(self._open())
        if then is not None:
            timer = threading.Timer(_MOMENT_SECONDS, then)
            timer.daemon = True
            self._opening.add_done_callback(lambda _: timer.start())

    @property
    def ready(self) -> bool:
        """Whether `client` would return at once."""
        return self._opening is not None and self._opening.done()

    def client(self) -> AsyncAnthropic:
        """Return the client once it is loaded; a signal handler that raises ends the wait.

        Raises:
            StreamCoreError: it cannot be opened with these settings.
        """
        self.warm()
        assert self._opening is not None
        try:
            return self._opening.result()
        except StreamCoreError:
            self._opening = None  # the next question retries
            raise

    def list_models(self, patience: float | None = None) -> Future[tuple[ListedModel, ...]]:
        """Start fetching the server's list of models; cancelling the future cancels the fetch.

        Args:
            patience: timeout in seconds once the client is loaded; None for the default.

        Returns:
            A future of the list; it raises a `StreamCoreError` if the fetch fails.
        """
        self.warm()
        assert self._opening is not None
        return event_loop.submit(self._list_models(self._opening, patience))

    def close(self) -> None:
        """Stop the server that this program has started; the connections end with the process."""
        if self.ready or self._settings.connection.local is not None:
            self._resources.close()

    async def _open(self) -> AsyncAnthropic:
        connection = self._settings.connection
        base_url = connection.base_url
        if connection.practice:
            from stream_core.practice.server import PracticeServer

            server = self._resources.enter_context(
                PracticeServer(
                    lab=self.lab,
                    replay=self.replay,
                    pace=1 / self._settings.wire.speed,
                    place=self._place,
                    program=command_line(),
                )
            )
            base_url = server.base_url
        api_key = None
        if connection.local is not None:
            from .local_server import LocalServer

            local = self._resources.enter_context(LocalServer(connection.local))
            base_url, api_key = await asyncio.to_thread(local.start), local.key
        with resting_collector():
            # These would be loaded with the first question.
            from stream_core.chat.reply import runner  # noqa: F401

            if self._place == "chat":
                from stream_core.chat.reply import live_presenter  # noqa: F401
            from stream_core.sdk.client import open_client
        return open_client(
            base_url=base_url,
            api_key=api_key,
            send_credential=connection.credential is not None,
            insecure_http=connection.insecure_http,
            max_reply_bytes=self._settings.preferences.limits.reply_size << 20,
        )

    async def _list_models(
        self, opening: Future[AsyncAnthropic], patience: float | None
    ) -> tuple[ListedModel, ...]:
        try:
            # Cancelling the fetch of the list must not cancel loading the client.
            client = await asyncio.shield(asyncio.wrap_future(opening))
        except StreamCoreError:
            self._opening = None  # the next question retries
            raise
        from stream_core.sdk.model_list import list_models

        return tuple(await list_models(client, patience=patience))


def _lab(fault: str | None) -> Lab:
    from stream_core.practice.lab import Lab, parse

    lab = Lab()
    if fault is not None:
        try:
            lab.arm(parse(fault))
        except ValueError as wrong:
            raise ConfigError(f"--fault: {wrong}") from None
    return lab


def _stepper(wire: WireOptions) -> Stepper | None:
    if not (wire.replay and wire.step):
        return None
    from stream_core.practice.stepper import Stepper

    return Stepper()


def _replay(wire: WireOptions, stepper: Stepper | None) -> Replay | None:
    if not wire.replay:
        return None
    from stream_core.core.recording import BadRecording
    from stream_core.practice.replay import Replay

    try:
        return Replay(wire.replay, cut=wire.cut, stepper=stepper)
    except BadRecording as error:
        raise ConfigError(f"--replay: {one_line(str(error), 400)}") from None
    except OSError as error:
        name = one_line(str(error.filename or wire.replay[0]), 200)
        raise ConfigError(f"--replay: no se puede leer «{name}»: {why_not_read(error)}.") from None
