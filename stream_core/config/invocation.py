"""`Invocation`: the task and the modes of one run of the program."""

from __future__ import annotations

from argparse import Namespace
from collections.abc import Mapping
from dataclasses import dataclass, field

from stream_core.core.redact import Redactor

from .options.variables import yes_variable

_OF_TERMINAL = ("TERM", "TMUX", "STY", "XTERM_VERSION", "COLORFGBG", "VISUAL", "EDITOR")
_FULL_EXIT = "STREAM_CORE_FULL_EXIT"


@dataclass(frozen=True, slots=True)
class Invocation:
    """The task and the modes of one run.

    Attributes:
        question: a question from the command line (one-shot mode), or None.
        chunked: whether a long text is sent in parts, with a request for each.
        compare: the models that answer the question together, as they were typed, or None.
        attach: the files that go with it, or with the first message of the chat, as they were typed.
        resume_last: whether to continue the conversation that was used last.
        resume: the start of the id of the conversation to continue, or None.
        show_paths: whether only to print where the files are (`--where`).
        copy_to: where only to copy the saved conversations (`--migrate-store`), one of `COPY_TO`; or None.
        save: whether conversations and typed lines are saved.
        fault: the fault that the practice server plays, as it was typed, or None.
        debug: whether a log of the requests is written.
        debug_content: whether the log includes what is said.
        redact: removes credentials from a text, those of the environment too. Its `repr` shows none.
        terminal: the variables that say what the terminal is (`TERM`, `TMUX`…) and which editor opens there.
        full_exit: whether the interpreter shuts down module by module, however long that takes.
    """

    question: str | None = None
    compare: str | None = None
    attach: tuple[str, ...] = ()
    chunked: bool = False
    resume_last: bool = False
    resume: str | None = None
    show_paths: bool = False
    copy_to: str | None = None
    save: bool = True
    fault: str | None = None
    debug: bool = False
    debug_content: bool = False
    redact: Redactor = field(default_factory=Redactor, compare=False)
    terminal: Mapping[str, str] = field(default_factory=dict)
    full_exit: bool = False

    @property
    def resumes(self) -> bool:
        """Whether a saved conversation is to go on."""
        return self.resume is not None or self.resume_last

    @classmethod
    def read(cls, flags: Namespace, environ: Mapping[str, str]) -> Invocation:
        """Read the invocation from flags and environment.

        Raises:
            ConfigError: `STREAM_CORE_FULL_EXIT` is neither yes nor no.
        """
        return cls(
            question=" ".join(flags.question) if flags.question else None,
            compare=flags.compare,
            attach=tuple(flags.attach or ()),
            chunked=bool(flags.chunked),
            resume_last=flags.resume_last,
            resume=flags.resume,
            copy_to=flags.migrate_store,
            save=flags.save and not flags.replay,  # a replay is nothing that anybody said
            fault=flags.fault,
            debug=flags.debug,
            debug_content=flags.debug_content,
            redact=Redactor.of(environ),
            terminal={name: environ[name] for name in _OF_TERMINAL if environ.get(name)},
            full_exit=yes_variable(environ, _FULL_EXIT),
        )
