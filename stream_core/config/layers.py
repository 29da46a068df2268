"""The layers of configuration, merged: who decides where several say something.

    flag > role in force > environment > `.env` > `config.toml` > remembered in the chat > default

The instructions themselves (a system prompt or a role) come from the first of these that names one. A `.env`
has become part of the environment before. What is remembered is merged in `origin`.
"""

from __future__ import annotations

from argparse import Namespace
from collections.abc import Mapping
from decimal import Decimal
from pathlib import Path

from stream_core.core.errors import ConfigError
from stream_core.core.instructions import Instructions, variables
from stream_core.core.sanitize import one_line, sanitize_message
from stream_core.models.cost import limit

from . import config_file, preferences_file, roles
from .config_file import ConfigFile
from .connection import Connection
from .credentials import INSECURE_HTTP
from .flag_defaults import complete
from .options.limits import LIMITS
from .options.values import fold
from .origin import Origin, from_flags_and_env, merge
from .paths import Paths, resolve_path
from .preferences import REMEMBERED, Preferences
from .roles import Role
from .text_file import read_obeyed

CACHE = "STREAM_CORE_CACHE"
BUDGET, SYSTEM, MODEL = "STREAM_CORE_BUDGET", "STREAM_CORE_SYSTEM", "ANTHROPIC_MODEL"
VARIABLES: Mapping[str, str] = {
    **{option.field: option.variable for option in (*REMEMBERED, *LIMITS)},
    "model": MODEL,
    "budget": BUDGET,
    "insecure_http": INSECURE_HTTP,
    "cache": CACHE,
}
"""The variable of each flag that has one, by `dest`. That of the instructions is read here."""
_MOST = 1 << 20  # bytes of a file of instructions


def merge_layers(
    flags: Namespace, environ: Mapping[str, str], paths: Paths
) -> tuple[Instructions, dict[str, str]]:
    """Complete the flags, in place, with what the role, the file and the defaults say.

    Returns:
        The instructions, and who set each value that no flag and no variable did, by `dest`; that of the
        instructions, by any means, is under "system".

    Raises:
        ConfigError: a layer is wrong, or what they say contradicts itself.
    """
    file = config_file.load(paths.config_dir)
    instructions, source, role = _instructions(flags, environ, file, paths)
    sources = {"system": source} if source else {}
    from_role = head_values(role) if role is not None else {}
    for dest, value in from_role.items():
        if getattr(flags, dest) is None:
            setattr(flags, dest, value)
            sources[dest] = f"el rol «{instructions.role}»"
    others = {
        dest: value
        for dest, value in file.values.items()
        if getattr(flags, dest) is None and not environ.get(VARIABLES.get(dest, ""))
    }
    if flags.resume is not None:
        others.pop("resume_last", None)
    for dest in others:
        sources.setdefault(dest, config_file.NAME)
    complete(flags, others)
    if flags.debug and paths.data_dir is None:
        raise ConfigError(
            "--debug no tiene dónde escribir: no encuentro tu carpeta de datos. "
            "Indica una en STREAM_CORE_DATA_DIR."
        )
    return instructions, sources


def head_values(role: Role) -> dict[str, str]:
    """Return what the head of a role says, by the `dest` of the flag that says the same."""
    values = {"model": role.model, "effort": role.effort, "only_tools": role.tools}
    return {dest: value for dest, value in values.items() if value}


def _instructions(
    flags: Namespace, environ: Mapping[str, str], file: ConfigFile, paths: Paths
) -> tuple[Instructions, str, Role | None]:
    """The instructions, who named them ("" for nobody), and their role, if they are one."""
    given = roles.read_params(flags.params or ())
    role, text, source, base = flags.role, flags.system, "--role", Path()
    if role is not None and text is not None:
        raise ConfigError("--role y --system no van juntas: un rol ya son indicaciones.")
    if role is None and text is not None:
        source = "--system"
    elif role is None and environ.get(SYSTEM):
        text, source = environ[SYSTEM], SYSTEM
    elif role is None:
        role, text, source = file.values.get("role"), file.values.get("system"), config_file.NAME
        base = file.path.parent if file.path is not None else base
        if role is not None and text is not None:
            raise ConfigError(f"{file.where('role')}: «role» y «system» no van juntas: deja una.")
    if role is not None and fold(role) in ("no", ""):
        role = None
    if given and role is None:
        raise ConfigError("-p rellena las variables de un rol: elige uno con --role.")
    if role is not None:
        loaded = roles.load(paths.config_dir, role)
        kept = roles.read_params(file.values.get("params", ()))
        # Values of the file may be meant for another role: what this one does not have is no error.
        kept = {name: value for name, value in kept.items() if name in variables(loaded.text)}
        return loaded.instructions({**kept, **given}, "-p {}=…"), source, loaded
    found = Instructions(read_text(text, source, base)) if text is not None else Instructions()
    return found, source if found or text is not None else "", None


def read_text(text: str, source: str, base: Path = Path()) -> str:
    """Return a system prompt as it was typed; `@file` reads it from a file, `@@` begins one with `@`.

    Args:
        text: what was typed.
        source: the flag, variable or command, for the sentence of an error.
        base: the folder that a relative path starts from.

    Raises:
        ConfigError: the file does not exist, cannot be read, or others may have written it.
    """
    if text.startswith("@@") or not text.startswith("@"):
        return sanitize_message(text.removeprefix("@"))
    file = base / resolve_path(source, text[1:].strip())
    found = read_obeyed(file, _MOST)
    if found is None:
        raise ConfigError(f"{source}: no existe el archivo «{one_line(str(file), 200)}».")
    if not found.strip():
        raise ConfigError(f"{source}: el archivo «{one_line(str(file), 200)}» está vacío.")
    return sanitize_message(found).strip("\n")


def read_budget(flag: str | None, environ: Mapping[str, str]) -> Decimal | None:
    """Return the budget in dollars, or None; the flag wins, an empty variable counts as unset.

    Raises:
        ConfigError: the amount is invalid; the hint names the flag or the variable.
    """
    name, text = ("--budget", flag) if flag is not None else (BUDGET, environ.get(BUDGET))
    if flag is None and not text:
        return None
    try:
        return limit(text or "")
    except ConfigError as error:
        raise ConfigError(f"{name}: {error.hint}") from None


def sources_of(
    flags: Namespace,
    environ: Mapping[str, str],
    connection: Connection,
    *,
    replays: bool,
    budget: Decimal | None,
    others: Mapping[str, str],
) -> dict[str, str]:
    """Return who set each value that is no option of a table: a flag, a variable; "" for nobody.

    Args:
        flags: as they were completed.
        environ: the environment.
        connection: the server that was chosen.
        replays: whether recordings are played.
        budget: the budget, or None.
        others: who set each value that no flag and no variable did, by `dest`.
    """
    candidates: dict[str, tuple[tuple[str, object], ...]] = {
        "model": (
            ("--model", flags.model is not None),
            (MODEL, environ.get(MODEL)),
        ),
        "max_tokens": (("--max-tokens", flags.max_tokens),),
        "budget": (("--budget", flags.budget is not None), (BUDGET, budget is not None)),
        "server": (
            ("--replay", replays),
            (others.get("practice", "--practice"), connection.practice_requested),
            ("ANTHROPIC_BASE_URL", connection.base_url),
        ),
        "save": (("--no-save", not flags.save),),
        "debug": (("--debug", flags.debug),),
    }
    found = {name: next((source for source, used in pairs if used), "") for name, pairs in candidates.items()}
    return {**found, **others}


def merge_preferences(
    flags: Namespace, environ: Mapping[str, str], paths: Paths, sources: Mapping[str, str]
) -> tuple[Preferences, Origin, list[str]]:
    """Return the preferences, who set them, and Spanish sentences about faults of their file."""
    remembered, problem = preferences_file.load(paths.config_dir)
    preferences, origin, invalid = merge(from_flags_and_env(vars(flags), environ, sources), remembered)
    notes = [f"En {preferences_file.NAME}: {note}" for note in invalid]
    return preferences, origin, [problem, *notes] if problem else notes
