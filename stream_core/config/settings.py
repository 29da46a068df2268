"""The settings: flags, environment and `.env` files, read once into one frozen value.

Order: flag > environment > `.env` > what is remembered (look, thinking) > default. Nothing else in the
project reads the environment. A `.env` is read only beside the program in a checkout and in the user's
configuration directory, never in the working directory or its parents: there, anybody's `.env` could send the
key elsewhere (CVE-2026-21852).
"""

from __future__ import annotations

import os
from collections.abc import Iterable, Mapping, MutableMapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import date
from decimal import Decimal
from pathlib import Path
from urllib.parse import urlsplit

from stream_core.config.options.appearance import OPTIONS, Look
from stream_core.config.options.limits import Limits
from stream_core.config.options.option import Option
from stream_core.config.options.values import Value, yes_or_no
from stream_core.core.errors import ConfigError
from stream_core.core.redact import Redactor
from stream_core.core.sanitize import one_line
from stream_core.models.catalogue import BUILT_IN, DEFAULT_LINE, DEFAULT_MODEL, LINES, Catalogue, retired_on
from stream_core.models.cost import limit
from stream_core.models.model_list import ListedModel, choose_model, dated, find_listed, newest, on_the_list
from stream_core.models.thinking import ThinkingChoice

from . import credentials as access
from . import folders, preferences
from . import user_models as models_file
from .dotenv_file import read_env
from .flags import APP, DEFAULT_MAX_TOKENS, parse_flags
from .origin import Choices, Origin, decided, fields_of, told
from .today import read_today

DEFAULT_HOST = "api.anthropic.com"
_BUDGET = "STREAM_CORE_BUDGET"
_FULL_EXIT = "STREAM_CORE_FULL_EXIT"


@dataclass(frozen=True, slots=True)
class Settings:
    """What the program was told, with its defaults.

    Attributes:
        model: the model to ask.
        line: the line whose newest model is wanted, where the person named none by its id; else "".
        system: the system prompt, or None.
        max_tokens: the most tokens a reply may have.
        question: a question from the command line (one-shot mode), or None.
        practice: whether the practice server answers.
        practice_asked: whether practice mode was asked for, not fallen back to for want of a credential.
        fault: a fault that the practice server is to play, as it was typed, or None.
        base_url: a server other than the SDK's default, or None.
        credential: where the credential comes from (a variable's name, a profile), or None. Never the
            credential itself.
        data_dir: where the program keeps its files, or None for nowhere.
        config_dir: where it looks for a `.env` and remembers what the person prefers, or None for nowhere.
        env_files: the `.env` files that are read, the stronger first; they need not exist.
        save: whether conversations and what is typed are kept in `data_dir`.
        go_on: whether to go on with the conversation last used.
        resume: the beginning of the id of the conversation to go on with, or None.
        where: whether only to say where the files are.
        debug: whether a log of the requests is written in `data_dir`.
        debug_content: whether what is said goes into it.
        redact: takes credentials out of a text, with `debug` also those of the environment; shows none.
        use_tools: whether the model may call tools.
        tools_file: a file with a person's own tools, or None.
        files: the folder whose files the model may ask to read, or None.
        web_search: whether the model may search the web, on the server.
        budget: dollars that may be spent before the person is asked, or None for no limit.
        tmux: whether the terminal is one of tmux.
        limits: how long is waited, and how often tried.
        mind: whether the model thinks, and how hard it tries.
        look: how the chat looks.
        origin: who decided what can be chosen, also `model`, `max_tokens` and `server`.
        models: what is known of the models, with what the person says of them.
        full_exit: whether the interpreter ends the process, module by module, however long it takes.
        today: the day by which models are retired: that of the start, also when a session lasts longer.
        listed: the models of the account's own list, or of the server's; nothing where it is not at hand.
        notes: Spanish sentences about what the files of the configuration say and cannot be used.
    """

    model: str = DEFAULT_MODEL
    line: str = ""
    system: str | None = None
    max_tokens: int = DEFAULT_MAX_TOKENS
    question: str | None = None
    practice: bool = False
    practice_asked: bool = False
    fault: str | None = None
    base_url: str | None = None
    credential: str | None = None
    data_dir: Path | None = None
    config_dir: Path | None = None
    env_files: tuple[Path, ...] = ()
    save: bool = True
    go_on: bool = False
    resume: str | None = None
    where: bool = False
    debug: bool = False
    debug_content: bool = False
    redact: Redactor = field(default_factory=Redactor, compare=False)
    use_tools: bool = True
    tools_file: Path | None = None
    files: Path | None = None
    web_search: bool = False
    budget: Decimal | None = None
    tmux: bool = False
    limits: Limits = field(default_factory=Limits)
    mind: ThinkingChoice = field(default_factory=ThinkingChoice)
    look: Look = field(default_factory=Look)
    origin: Origin = field(default_factory=Origin)
    models: Catalogue = BUILT_IN
    full_exit: bool = False
    today: date = field(default_factory=lambda: read_today(os.environ), compare=False)
    listed: tuple[ListedModel, ...] = ()
    notes: tuple[str, ...] = ()

    @property
    def server(self) -> str | None:
        """Host (and port) of the server when it is not the SDK's default, to be shown to the person."""
        if self.base_url is None or self.practice:
            return None
        parts = urlsplit(self.base_url)
        return None if parts.hostname == DEFAULT_HOST else parts.netloc

    @property
    def talks_to_anthropic(self) -> bool:
        """Whether the server is Anthropic's own, or the one for practice that speaks as it does."""
        return self.base_url is None or urlsplit(self.base_url).hostname == DEFAULT_HOST

    @property
    def priced(self) -> Catalogue:
        """The models with the prices that hold for who answers.

        Practice costs nothing and has no price; of what another server charges only the person knows.
        """
        if self.practice:
            return self.models.unpriced()
        return self.models if self.server is None else self.models.unpriced(keep_own=True)

    @property
    def preferences_file(self) -> Path | None:
        """The file of what is remembered, or None for nowhere; it need not exist."""
        return self.config_dir / preferences.NAME if self.config_dir is not None else None

    @property
    def models_file(self) -> Path | None:
        """The file of what the person says of models, or None for nowhere; it need not exist."""
        return self.config_dir / models_file.NAME if self.config_dir is not None else None

    @classmethod
    def load(
        cls,
        argv: Sequence[str],
        environ: MutableMapping[str, str],
        *,
        program_dir: Path | None = None,
        today: date | None = None,
    ) -> Settings:
        """Read flags, environment and `.env` files. What a `.env` adds is put into `environ` for the SDK.

        Raises:
            ConfigError: a value that cannot be used; its `hint` is the Spanish sentence for the person.
            SystemExit: after `--help` and `--version`, which print and leave.
        """
        flags = parse_flags(argv)
        config_dir = folders.config_dir(environ, APP)  # before a `.env` is read: one cannot point to another
        env_files = folders.env_files(config_dir, program_dir)
        for file in env_files:
            for name, value in read_env(file).items():
                environ.setdefault(name, value)  # one that is set to nothing stays so: it was told so
        data_dir = folders.data_dir(environ, APP)
        if flags.where:  # also when something else is wrong: that may be what is looked for
            return cls(
                where=True,
                data_dir=data_dir,
                config_dir=config_dir,
                env_files=env_files,
                today=today or read_today({}),
            )
        if flags.debug and data_dir is None:
            raise ConfigError(
                "--debug no tiene dónde escribir: no encuentro tu carpeta de datos. "
                "Indica una en STREAM_CORE_DATA_DIR."
            )
        asked = bool(flags.practice)
        base_url = None if asked else access.base_url(environ.get("ANTHROPIC_BASE_URL", ""))
        credential = None if asked else access.credential(environ)
        practice = asked or (base_url is None and credential is None)
        if flags.fault is not None and not practice:
            raise ConfigError(
                "--fault ensaya fallos en modo práctica y ahora respondería un servidor de verdad: "
                "añade --practice."
            )
        models, wrong = models_file.load(config_dir, BUILT_IN)
        remembered, problem = preferences.load(config_dir)
        choices, origin, notes = decided(told(vars(flags), environ), remembered)
        settings = cls(
            system=flags.system,
            max_tokens=flags.max_tokens or DEFAULT_MAX_TOKENS,
            question=" ".join(flags.question) if flags.question else None,
            practice=practice,
            practice_asked=asked,
            fault=flags.fault,
            base_url=base_url,
            credential=credential,
            data_dir=data_dir,
            config_dir=config_dir,
            env_files=env_files,
            save=flags.save,
            go_on=flags.go_on,
            resume=flags.resume,
            debug=flags.debug,
            debug_content=flags.debug_content,
            redact=Redactor.of(environ) if flags.debug else Redactor(),
            use_tools=flags.use_tools,
            tools_file=folders.named("--tools", flags.tools) if flags.tools else None,
            files=folders.named("--files", flags.files) if flags.files else None,
            web_search=flags.web_search and flags.use_tools,
            budget=_budget(flags.budget, environ),
            tmux=bool(environ.get("TMUX")),
            limits=choices.limits,
            mind=choices.mind,
            look=choices.look,
            models=models,
            full_exit=_full_exit(environ),
            today=today or read_today(environ),
            notes=(*filter(None, [problem]), *(f"En {preferences.NAME}: {note}" for note in notes), *wrong),
        )
        model = flags.model if flags.model is not None else environ.get("ANTHROPIC_MODEL") or None
        settings = settings._starting_with(model)
        origin = origin.also(
            model="--model" if flags.model is not None else "ANTHROPIC_MODEL" if model else "",
            max_tokens="--max-tokens" if flags.max_tokens else "",
            budget="--budget" if flags.budget is not None else _BUDGET if settings.budget is not None else "",
            server="--practice" if asked else "ANTHROPIC_BASE_URL" if base_url else "",
        )
        return replace(settings, origin=origin)

    def with_list(self, models: Iterable[ListedModel]) -> Settings:
        """Give the settings with the server's own list of models."""
        return replace(self, listed=tuple(dated(model, self.today) for model in models))

    @property
    def outdated(self) -> date | None:
        """Since when the model is retired that stands for its line, as far as is known; None if it is not.

        Practice never expires, and of another server's models the catalogue knows nothing.
        """
        if not self.line or self.practice or not self.talks_to_anthropic:
            return None
        listed = find_listed(self.listed, self.model)
        return None if listed and listed.answers else retired_on(self.model, self.today, self.models)

    def _starting_with(self, name: str | None) -> Settings:
        """Give the settings with the model that was told at the start, or the default.

        One that stands for a line may be retired by now: it is taken all the same, and `outdated` tells.
        """
        line = DEFAULT_LINE if name is None else name.strip().lower()
        if line not in LINES:
            return self.with_model(name or "")
        model = DEFAULT_MODEL
        if name is not None:
            model = newest(line, (), self.models, self.today) if self.talks_to_anthropic else name
        return replace(self, model=model, line=line, origin=self.origin.choosing("model"))

    def with_model(self, name: str) -> Settings:
        """Give the settings with another model.

        Raises:
            ConfigError: it is no name of a model, that of one that is retired, or not on the account's list.
        """
        model, line = _model(name), name.strip().lower()
        if self.talks_to_anthropic:
            whose = "del modo práctica" if self.practice else "de tu cuenta"
            model = choose_model(model, self.listed, self.models, self.today, whose=whose)
        else:  # its list need not be whole
            model = on_the_list(model, self.listed, self.models, self.today)
        line = line if line in LINES else ""
        return replace(self, model=model, line=line, origin=self.origin.choosing("model"))

    def with_budget(self, budget: Decimal | None) -> Settings:
        """Give the settings with another budget, in dollars; None for no limit."""
        return replace(self, budget=budget, origin=self.origin.choosing("budget"))

    def choose(self, option: Option, value: Value) -> tuple[Settings, str]:
        """Choose something about the look or the thinking and remember it.

        Returns:
            The settings with it, and a Spanish sentence when the file was not to be had as usual, else "".
        """
        choices = Choices(self.look, self.mind).changed({option.field: value})
        origin = self.origin.choosing(option.field)
        settings = replace(self, look=choices.look, mind=choices.mind, origin=origin)
        return settings, preferences.change(self.config_dir, {option.name: value})

    def forget_look(self) -> tuple[Settings, str]:
        """Forget all that was chosen about the look; what flags and variables say holds.

        Returns:
            As `choose`.
        """
        origin = replace(self.origin, chosen=self.origin.chosen - fields_of(OPTIONS))
        problem = preferences.change(self.config_dir, {option.name: None for option in OPTIONS})
        return replace(self, look=Choices().changed(origin.told).look, origin=origin), problem


def _model(name: str) -> str:
    if not name or not name.isascii() or not name.isprintable() or " " in name or len(name) > 200:
        raise ConfigError(
            f"«{one_line(name, 60)}» no sirve como nombre de modelo. Por ejemplo: {DEFAULT_MODEL}."
        )
    return name


def _budget(flag: str | None, environ: Mapping[str, str]) -> Decimal | None:
    """What may be spent; the flag is stronger, an empty variable says nothing."""
    name, told = ("--budget", flag) if flag is not None else (_BUDGET, environ.get(_BUDGET))
    if flag is None and not told:
        return None
    try:
        return limit(told or "")
    except ConfigError as error:
        raise ConfigError(f"{name}: {error.hint}") from None


def _full_exit(environ: Mapping[str, str]) -> bool:
    told = environ.get(_FULL_EXIT) or "no"
    full = yes_or_no(told)
    if full is None:
        raise ConfigError(f"{_FULL_EXIT}: «{one_line(told, 40)}» no es sí ni no.")
    return bool(full)
