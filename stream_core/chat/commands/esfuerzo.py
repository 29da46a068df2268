"""`/esfuerzo`: show and change the model's effort."""

from __future__ import annotations

from stream_core.chat.commands import Command

from ._thinking_option import completing, option_named, running

_OPTION = option_named("esfuerzo")

COMMAND = Command(
    name="esfuerzo",
    summary="elige cuánto se esfuerza el modelo, de bajo a máximo",
    usage=f"«/esfuerzo» dice cuál hay y «/esfuerzo bajo» lo cambia. Puede ser {_OPTION.possible}.",
    brief="elige cuánto se esfuerza",
    run=running(_OPTION),
    order=52,
    bare=False,
    argument="[nivel]",
    complete=completing(_OPTION),
    known_as=("effort",),
    related=("reasoning", "razonamiento", "esmero"),
)
