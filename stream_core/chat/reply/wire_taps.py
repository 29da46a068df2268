"""The listeners of a session on the wire: each gets the events of every request."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING

from stream_core.core.errors import ConfigError
from stream_core.core.numbers import counted, number
from stream_core.core.sanitize import one_line
from stream_core.core.store_errors import StoreError
from stream_core.texts.file_errors_es import why_not_written

if TYPE_CHECKING:
    from stream_core.core.trace import Trace
    from stream_core.core.wire import WireEvent, WireRecorder
    from stream_core.files.recorder import Recorder


class WireTaps:
    """The listeners on the wire.

    Args:
        redact: takes credentials out of a text.

    Attributes:
        recording: the recording that is being written, or None.
        redact: takes credentials out of a text.
        beside: the wire of each reply of a comparison, by the names of those that answered, in their order;
            empty where the last reply was none of a comparison.
    """

    def __init__(self, redact: Callable[[str], str]) -> None:
        self.recording: Recorder | None = None
        self.redact = redact
        self.beside: Sequence[tuple[str, Trace]] = ()
        self._announced = False  # that the recording failed

    @cached_property
    def trace(self) -> Trace:
        """The wire of the last reply."""
        from stream_core.core.trace import Trace

        return Trace()

    def forget(self) -> None:
        """Forget the last reply: it belongs to a conversation that is left."""
        if "trace" in self.__dict__:
            self.trace.begin()
        self.beside = ()

    def listener(self, *others: WireRecorder | None) -> WireRecorder:
        """The recorder of the next exchange: tells everybody who listens, and others."""
        self.trace.begin()
        self.beside = ()
        listeners = [each for each in (self.trace, self.recording, *others) if each is not None]

        def tell(event: WireEvent) -> None:
            for listener in listeners:
                listener(event)

        return tell

    def start_recording(self, file: Path, *, replace: bool = False) -> None:
        """Record from now on; a recording that is being written ends.

        Raises:
            ConfigError: it cannot be written; the hint is a Spanish sentence.
        """
        from stream_core.files.recorder import Recorder

        shown = one_line(str(file), 300)
        try:
            recording = Recorder(file, redact=self.redact, replace=replace)
        except FileExistsError:
            raise ConfigError(f"{shown} ya existe: no grabo encima. Elige otro nombre o bórralo.") from None
        except StoreError:
            raise ConfigError(
                f"{shown} es un enlace, es de otra persona o no es un archivo: no lo toco."
            ) from None
        except OSError as error:
            raise ConfigError(f"No se puede grabar en {shown}: {why_not_written(error)}.") from None
        self.stop_recording()
        self.recording, self._announced = recording, False

    def stop_recording(self) -> str:
        """End the recording; return a Spanish sentence about it, or "" where there was none."""
        recording, self.recording = self.recording, None
        if recording is None:
            return ""
        recording.close()
        return self.problem(recording) or f"Grabado en {_about(recording)}."

    @property
    def status(self) -> str:
        """A Spanish sentence about the recording; "" where there is none."""
        return f"Grabando en {_about(self.recording)}." if self.recording is not None else ""

    def pending_notices(self) -> list[str]:
        """Return the Spanish sentence that the recording failed, once."""
        recording = self.recording
        if self._announced or recording is None or recording.problem is None:
            return []
        self._announced = True
        return [self.problem(recording)]

    def problem(self, recording: Recorder) -> str:
        """A Spanish sentence about the failure of a recording; "" where it did not fail."""
        if recording.problem is None:
            return ""
        why = why_not_written(recording.problem)
        return f"La grabación {one_line(str(recording.path), 300)} se quedó a medias: {why}."


class HeldTaps(WireTaps):
    """Listeners of a stream that arrives beside another one; its events are recorded after that other one.

    A recording holds one attempt after another, each with its own times.
    """

    def __init__(self, redact: Callable[[str], str]) -> None:
        super().__init__(redact)
        self._held: list[WireEvent] = []

    def listener(self, *others: WireRecorder | None) -> WireRecorder:
        """The recorder of the exchange, which tells others as well."""
        return super().listener(self._held.append, *others)

    def record(self, recording: Recorder | None) -> None:
        """Write what was held back into a recording, if there is one."""
        held, self._held = self._held, []
        if recording is not None:
            for event in held:
                recording(event)


def _about(recording: Recorder) -> str:
    asked = counted(recording.requests, "petición", "peticiones")
    return f"{one_line(str(recording.path), 300)}: {asked}, {number(recording.size / 1000, 1)} kB"
