"""`Settings`: flags, environment and configuration files, read once into one frozen value.

Precedence: flag > environment > `.env` > `config.toml` > remembered choice > default; `layers` has the whole
of it. Nothing else in the project reads the environment.
"""

from __future__ import annotations

import os
from argparse import Namespace
from collections.abc import Iterable, Mapping, MutableMapping, Sequence
from copy import copy
from dataclasses import dataclass, field, replace
from datetime import date
from decimal import Decimal
from pathlib import Path
from typing import Any

from stream_core.core.errors import ConfigError
from stream_core.core.instructions import Instructions
from stream_core.core.sanitize import one_line
from stream_core.models.catalogue import BUILT_IN, Catalogue, retired_on
from stream_core.models.lines import DEFAULT_LINE, DEFAULT_MODEL, LINES
from stream_core.models.model_list import ListedModel, choose_model, dated, find_listed, newest, on_the_list

from . import config_file, preferences_file, user_models
from .connection import Connection
from .dotenv_file import add_env_files
from .flags import DEFAULT_MAX_TOKENS, parse_flags
from .invocation import Invocation
from .layers import MODEL, merge_layers, merge_preferences, read_budget, sources_of
from .options.appearance import OPTIONS
from .options.option import Option
from .options.values import Value
from .origin import Origin
from .paths import Paths
from .preferences import REMEMBERED, Preferences, fields_of
from .team_store import VARIABLE as TEAM_STORE
from .team_store import check_team_store
from .today import read_today
from .tool_options import ToolOptions
from .wire_options import WireOptions


@dataclass(frozen=True, slots=True)
class Settings:
    """Everything the user configured, with defaults for the rest.

    Attributes:
        invocation: what this run was asked to do.
        connection: which server answers, and the source of its credential.
        paths: where the user's files are.
        preferences: the look, the thinking and the limits.
        tools: which tools the model is offered.
        wire: what is recorded and replayed.
        instructions: the system prompt or the role in force. It changes during a session.
        without_role: the settings of this start without its role; None if it has none.
        max_tokens: the maximum tokens of a reply.
        models: what is known of the models, including the user's own file.
        notes: Spanish sentences about values in configuration files that are invalid.
        origin: who set each value, also `model`, `max_tokens`, `budget` and `server`.
        model: the model to ask. This field and those below change during a session.
        line: the line whose newest model is wanted (`sonnet`), or "" where the user named a model by its id.
        budget: dollars that may be spent before the user is asked, or None for no limit.
        listed: the models of the server's own list; empty until it has been fetched.
        today: the date that decides which models are retired: that of the start, however long the session.
    """

    invocation: Invocation = field(default_factory=Invocation)
    connection: Connection = field(default_factory=Connection)
    paths: Paths = field(default_factory=Paths)
    preferences: Preferences = field(default_factory=Preferences)
    tools: ToolOptions = field(default_factory=ToolOptions)
    wire: WireOptions = field(default_factory=WireOptions)
    instructions: Instructions = field(default_factory=Instructions)
    without_role: Settings | None = field(default=None, compare=False, repr=False)
    max_tokens: int = DEFAULT_MAX_TOKENS
    models: Catalogue = BUILT_IN
    notes: tuple[str, ...] = ()
    origin: Origin = field(default_factory=Origin)
    model: str = DEFAULT_MODEL
    line: str = ""
    budget: Decimal | None = None
    listed: tuple[ListedModel, ...] = ()
    today: date = field(default_factory=lambda: read_today(os.environ), compare=False)

    @classmethod
    def load(
        cls,
        argv: Sequence[str],
        environ: MutableMapping[str, str],
        *,
        program_dir: Path | None = None,
        today: date | None = None,
    ) -> Settings:
        """Read flags, environment and configuration files.

        Args:
            argv: the command line without the program's name.
            environ: the environment; variables that only a `.env` sets are added to it, for the SDK.
            program_dir: the folder of the program; in a checkout its `.env` is read.
            today: the date that decides which models are retired; None for that of the system.

        Raises:
            ConfigError: an invalid value; its `hint` is the Spanish sentence for the user.
            SystemExit: after `--help` and `--version`, which print and exit.
        """
        return cls.read(parse_flags(argv), environ, program_dir=program_dir, today=today)

    @classmethod
    def read(
        cls,
        flags: Namespace,
        environ: MutableMapping[str, str],
        *,
        program_dir: Path | None = None,
        today: date | None = None,
    ) -> Settings:
        """Read environment and configuration files under flags that `parse_flags` has read.

        Args:
            flags: completed in place.
            environ: the environment, as in `load`.
            program_dir: the folder of the program, as in `load`.
            today: the date that decides which models are retired; None for that of the system.

        Raises:
            ConfigError: an invalid value; its `hint` is the Spanish sentence for the user.
        """
        paths = Paths.for_config(environ, program_dir)
        in_env_files = add_env_files(paths.env_files, environ)
        paths = replace(paths.with_data_dir(environ), team_store=environ.get(TEAM_STORE, "").strip() or None)
        if flags.where:  # before anything else can fail: these files may be what has to be repaired
            invocation = Invocation(show_paths=True)
            return cls(invocation=invocation, paths=paths, today=today or read_today({}))
        check_team_store(paths.team_store)
        day = today or read_today(environ)
        bare = copy(flags)
        base = cls(paths=paths, today=day, origin=Origin(in_env_files=in_env_files))
        settings = base._merged(flags, environ)
        if settings.instructions.role and not settings.invocation.question:
            bare.role, bare.system, bare.params = "no", None, None
            settings = replace(settings, without_role=base._merged(bare, environ))
        return settings

    def _merged(self, flags: Namespace, environ: Mapping[str, str]) -> Settings:
        """Merge flags, which are completed in place, with environment and configuration files."""
        instructions, sources = merge_layers(flags, environ, self.paths)
        connection = Connection.read(flags, environ)
        models, model_notes = user_models.load(self.paths.config_dir, BUILT_IN)
        preferences, origin, notes = merge_preferences(flags, environ, self.paths, sources)
        settings = replace(
            self,
            invocation=Invocation.read(flags, environ),
            connection=connection,
            preferences=preferences,
            tools=ToolOptions.read(flags),
            wire=WireOptions.read(flags, environ),
            instructions=instructions,
            max_tokens=flags.max_tokens or DEFAULT_MAX_TOKENS,
            models=models,
            notes=(*notes, *model_notes),
            origin=origin,
            budget=read_budget(flags.budget, environ),
        )
        model = flags.model if flags.model is not None else environ.get(MODEL) or None
        if connection.local is not None and flags.model is None:
            model = connection.local.name
        settings = settings._with_first_model(model)  # at the start nobody chose it in the chat
        sources = sources_of(
            flags,
            environ,
            connection,
            replays=bool(settings.wire.replay),
            budget=settings.budget,
            others=sources,
        )
        origin = replace(origin.with_sources(**sources), in_env_files=self.origin.in_env_files)
        return replace(settings, origin=origin)

    @property
    def system(self) -> str | None:
        """The system prompt of a request, or None."""
        return self.instructions.system

    @property
    def priced(self) -> Catalogue:
        """The models with the prices of the server that answers.

        Practice costs nothing and has no prices; those of another server only the user knows.
        """
        if self.connection.practice:
            return self.models.unpriced()
        return self.models if self.connection.server is None else self.models.unpriced(keep_own=True)

    @property
    def outdated(self) -> date | None:
        """The date on which the model that stands for its line was retired, as far as is known; else None.

        Practice never expires, and the catalogue knows nothing of another server's models.
        """
        connection = self.connection
        if not self.line or connection.practice or not connection.talks_to_anthropic:
            return None
        listed = find_listed(self.listed, self.model)
        return None if listed and listed.answers else retired_on(self.model, self.today, self.models)

    def with_list(self, models: Iterable[ListedModel]) -> Settings:
        """Return the settings with the server's own list of models."""
        return replace(self, listed=tuple(dated(model, self.today) for model in models))

    def with_model(self, name: str) -> Settings:
        """Return the settings with another model, chosen in the chat.

        Raises:
            ConfigError: the name is malformed, or its model is retired or not on the account's list.
        """
        model, line = _checked_name(name), name.strip().lower()
        if self.connection.talks_to_anthropic:
            whose = "del modo práctica" if self.connection.practice else "de tu cuenta"
            model = choose_model(model, self.listed, self.models, self.today, whose=whose)
        else:  # the list of another server may be incomplete
            model = on_the_list(model, self.listed, self.models, self.today)
        line = line if line in LINES else ""
        return replace(self, model=model, line=line, origin=self.origin.with_choice("model"))

    def with_budget(self, budget: Decimal | None) -> Settings:
        """Return the settings with another budget in dollars, chosen in the chat; None for no limit."""
        return replace(self, budget=budget, origin=self.origin.with_choice("budget"))

    def with_instructions(self, instructions: Instructions) -> Settings:
        """Return the settings with other instructions, chosen in the chat."""
        return replace(self, instructions=instructions, origin=self.origin.with_choice("system"))

    def with_saved_instructions(self, instructions: Instructions) -> Settings:
        """Return the settings for a reopened conversation: with its instructions, unless a flag gave some."""
        if not instructions or self.origin.decided_by.get("system") in ("--system", "--role"):
            return self
        origin = self.origin.decided({"system"}, "la conversación")
        return replace(self, instructions=instructions, origin=origin)

    def choose(self, option: Option, value: Value) -> tuple[Settings, str]:
        """Change an option of the look or the thinking, and remember it.

        Returns:
            The new settings, and "" or a Spanish sentence that the file of preferences was not written.
        """
        preferences = self.preferences.changed({option.field: value})
        settings = replace(self, preferences=preferences, origin=self.origin.with_choice(option.field))
        return settings, preferences_file.change(self.paths.config_dir, {option.name: value})

    def saved(self, values: Mapping[str, Any]) -> tuple[Settings, str]:
        """Write values into `config.toml`, by its keys, and forget them where the chat remembered them.

        Returns:
            The new settings, in which that file decides the values, and a Spanish sentence if it could not be
            written, else "".
        """
        if problem := config_file.change(self.paths.config_file, values):
            return self, problem
        kept = {key for key, value in values.items() if value is not None}
        options = [option for option in REMEMBERED if option.flag[2:] in kept]
        problem = preferences_file.change(self.paths.config_dir, {option.name: None for option in options})
        fields = {*(key.replace("-", "_") for key in kept), *fields_of(options)}
        fields |= {"system"} if "role" in kept else set()
        return replace(self, origin=self.origin.decided(fields, config_file.NAME)), problem

    def forget_look(self) -> tuple[Settings, str]:
        """Forget every choice about the look, so that only flags and variables count.

        Returns:
            The new settings, and "" or a Spanish sentence that the file of preferences was not written.
        """
        origin = replace(self.origin, chosen=self.origin.chosen - fields_of(OPTIONS))
        problem = preferences_file.change(self.paths.config_dir, {option.name: None for option in OPTIONS})
        preferences = replace(self.preferences, look=Preferences().changed(origin.overrides).look)
        return replace(self, preferences=preferences, origin=origin), problem

    def _with_first_model(self, name: str | None) -> Settings:
        """Return the settings with the model named at the start, or the default.

        A model that stands for a line may be retired by now: it is accepted, and `outdated` says so.
        """
        line = DEFAULT_LINE if name is None else name.strip().lower()
        if line not in LINES:
            return self.with_model(name or "")
        model = DEFAULT_MODEL
        if name is not None:
            anthropic = self.connection.talks_to_anthropic
            model = newest(line, (), self.models, self.today) if anthropic else name
        return replace(self, model=model, line=line, origin=self.origin.with_choice("model"))


def _checked_name(name: str) -> str:
    if not name or not name.isascii() or not name.isprintable() or " " in name or len(name) > 200:
        raise ConfigError(
            f"«{one_line(name, 60)}» no sirve como nombre de modelo. Por ejemplo: {DEFAULT_MODEL}."
        )
    return name
