"""The command line: its flags and their help, in Spanish."""

from __future__ import annotations

import argparse
import sys
from collections.abc import Iterable, Sequence
from typing import Any, NoReturn

from stream_core.config.options.appearance import OPTIONS
from stream_core.config.options.limits import LIMITS
from stream_core.config.options.option import Option
from stream_core.config.options.thinking_options import THINKING_OPTIONS
from stream_core.core.numbers import number
from stream_core.core.sanitize import repair_surrogates
from stream_core.models.lines import DEFAULT_MODEL

from .program import command_line, versions
from .spanish_argparse import SpanishFormatter, SpanishParser, positive_count

DEFAULT_MAX_TOKENS = 8192
COPY_TO = ("equipo", "local")
"""The store of a team, and the file on this machine."""
_YES_OR_NO = argparse.BooleanOptionalAction


def parse_flags(argv: Sequence[str]) -> argparse.Namespace:
    """Parse the command line. Flags may stand among the words of the question; after `--` all are words.

    A flag that was not given is None: `config_file` or a default decides (`complete`).

    Raises:
        ConfigError: an unknown flag, an invalid value, or two flags that contradict each other.
        SystemExit: after `--help` and `--version`, which print and leave.
    """
    words = [repair_surrogates(word) for word in argv]
    end = words.index("--") if "--" in words else len(words)
    flags = flag_parser().parse_intermixed_args(_local_without_question(words[:end]))
    flags.question += words[end + 1 :]
    return flags


def _local_without_question(words: list[str]) -> list[str]:
    """`--local` takes the next word only if it is a file's name: `--local "¿Qué?"` asks the small model."""
    return [
        "--local=" if word == "--local" and not following.lower().endswith(".gguf") else word
        for word, following in zip(words, [*words[1:], ""], strict=False)
    ]


class _Version(argparse.Action):
    """Prints the versions and exits. They are looked up only then: that takes a while."""

    def __call__(self, parser: argparse.ArgumentParser, *_: object) -> NoReturn:
        sys.stdout.write(f"{versions()}\n")
        parser.exit()


class _Completion(argparse.Action):
    """Prints a script of completion for a shell and exits."""

    def __call__(self, parser: argparse.ArgumentParser, _: object, shell: Any, *__: object) -> NoReturn:
        from .completion import completion

        sys.stdout.write(completion(parser, shell, (*OPTIONS, *THINKING_OPTIONS, *LIMITS)))
        parser.exit()


def flag_parser() -> argparse.ArgumentParser:
    """Return the parser of the command line, which knows every flag."""
    parser = SpanishParser(
        prog="streaming_chatbot.py",
        usage=f"{command_line()} [opciones] [pregunta]",
        description="Habla con Claude desde la terminal y mira llegar la respuesta. Sin pregunta abre "
        "el chat; con ella (o con texto por una tubería) responde y termina.",
        epilog="Sin clave de API funciona en modo práctica, con respuestas preparadas. Las variables que "
        "lee están explicadas en .env.example. Códigos de salida: 0 bien, 1 falló la respuesta, 2 falta o "
        "sobra algo en lo pedido, 130 cancelado.",
        allow_abbrev=False,
        add_help=False,
        formatter_class=SpanishFormatter,
    )
    words = parser.add_argument_group("argumentos")
    words.add_argument("question", nargs="*", metavar="pregunta", help="lo que quieres preguntar")
    options = parser.add_argument_group("opciones")
    options.add_argument(
        "-m",
        "--model",
        metavar="MODELO",
        help=f"elige el modelo, por nombre o con sonnet, opus, haiku o fable (por defecto, {DEFAULT_MODEL})",
    )
    options.add_argument(
        "-s",
        "--system",
        metavar="TEXTO",
        help="da indicaciones a Claude para toda la conversación; @archivo las lee de un archivo",
    )
    options.add_argument(
        "--role", metavar="ROL", help="usa las indicaciones guardadas con ese nombre en tu carpeta de roles"
    )
    options.add_argument(
        "-p",
        "--param",
        dest="params",
        action="append",
        metavar="NOMBRE=VALOR",
        help="rellena una variable del rol, como «idioma=inglés»; se puede repetir",
    )
    options.add_argument(
        "--compare",
        metavar="MODELOS",
        help="hace la pregunta a varios modelos a la vez, como «sonnet,haiku» o «haiku:esfuerzo=bajo,haiku»",
    )
    options.add_argument(
        "-a",
        "--attach",
        action="append",
        metavar="ARCHIVO",
        help="manda un archivo con la pregunta: texto, PDF o imagen; se puede repetir",
    )
    options.add_argument(
        "--chunked",
        action="store_true",
        default=None,
        help="envía por partes un texto largo (con -a o por la tubería); las respuestas salen seguidas",
    )
    options.add_argument(
        "--max-tokens",
        type=positive_count,
        metavar="N",
        help=f"limita los tokens de cada respuesta (por defecto, {number(DEFAULT_MAX_TOKENS)})",
    )
    options.add_argument("--practice", action=_YES_OR_NO, help="usa el modo práctica: sin clave y sin IA")
    options.add_argument(
        "--local",
        nargs="?",
        const="",
        metavar="ARCHIVO.gguf",
        help="habla con un modelo pequeño en esta máquina, sin clave, o con el de ese archivo",
    )
    options.add_argument(
        "--fault",
        metavar="FALLO",
        help="ensaya un fallo en modo práctica, como «corte» o «corte:12» (en el chat, /fallos los muestra)",
    )
    options.add_argument(
        "--insecure-http",
        action=_YES_OR_NO,
        help="permite que la clave viaje sin cifrar a un servidor http:// de otro equipo",
    )
    _add_saving(parser)
    _add_tools(parser)
    _add_money(parser)
    _add_debug(parser)
    _add_wire(parser)
    _add_cache(parser)
    _add_options(parser, "aspecto del chat (se cambia también dentro, con /apariencia)", OPTIONS)
    _add_options(
        parser, "cuánto piensa (se cambia también dentro, con /pensar y /esfuerzo)", THINKING_OPTIONS
    )
    _add_options(parser, "esperas, reintentos y tamaños", LIMITS)
    options.add_argument(
        "--completion",
        action=_Completion,
        metavar="SHELL",
        help="escribe lo que bash, zsh o fish necesita para completar las opciones con el tabulador",
    )
    options.add_argument(
        "--version", action=_Version, nargs=0, help="muestra la versión y las de Python y el SDK"
    )
    options.add_argument("-h", "--help", action="help", help="muestra esta ayuda")
    return parser


def _add_saving(parser: argparse.ArgumentParser) -> None:
    """Add the flags that save a conversation or reopen one."""
    group = parser.add_argument_group("tus conversaciones (se guardan solas, en tu equipo)")
    group.add_argument(
        "-c", "--continue", dest="resume_last", action=_YES_OR_NO, help="sigue la última conversación"
    )
    group.add_argument(
        "-r", "--resume", metavar="ID", help="sigue la conversación con ese id, o la única que empiece así"
    )
    group.add_argument(
        "--save",
        action=_YES_OR_NO,
        help="guarda lo que dices y lo que tecleas; con --no-save, nada",
    )
    group.add_argument(
        "--migrate-store",
        metavar="DESTINO",
        help="copia las conversaciones de esta máquina al almacén de tu equipo (equipo) o al revés (local), "
        "y termina",
    )
    group.add_argument("--where", action="store_true", help="muestra dónde está cada archivo y termina")


def _add_tools(parser: argparse.ArgumentParser) -> None:
    """Add the flags of the tools."""
    group = parser.add_argument_group("herramientas de Claude (en el chat, /herramientas)")
    group.add_argument(
        "--files", metavar="CARPETA", help="permite que Claude te pida leer archivos de texto de esa carpeta"
    )
    group.add_argument("--tools", metavar="ARCHIVO", help="carga herramientas tuyas de un archivo de Python")
    group.add_argument(
        "--web-search", action=_YES_OR_NO, help="permite que Claude busque en la web (se cobra)"
    )
    group.add_argument(
        "--only-tools",
        metavar="NOMBRES",
        help="enciende solo las que nombres, separadas por comas; «no», ninguna",
    )
    group.add_argument(
        "--use-tools",
        action="store_true",
        default=None,
        help="enciende las herramientas (lo están por defecto)",
    )
    group.add_argument(
        "--no-tools",
        dest="use_tools",
        action="store_false",
        default=None,
        help="apaga las herramientas",
    )


def _add_money(parser: argparse.ArgumentParser) -> None:
    """Add the budget; its value is parsed together with that of its variable, in `settings`."""
    group = parser.add_argument_group("lo que cuesta")
    group.add_argument(
        "--budget",
        metavar="DÓLARES",
        help="pone un límite al gasto: avisa al 80 %% y, al llegar, pregunta antes de seguir",
    )


def _add_debug(parser: argparse.ArgumentParser) -> None:
    """Add the flags of the debug log."""
    group = parser.add_argument_group("si algo va mal (para ti o para quien te ayude)")
    group.add_argument(
        "--debug",
        action=_YES_OR_NO,
        help="anota en un archivo qué pasó con cada petición y cuándo: sin tu clave y sin lo que se dice",
    )
    group.add_argument(
        "--debug-content",
        action=_YES_OR_NO,
        help="con --debug, anota además lo que se dice; la clave, nunca",
    )


def _add_wire(parser: argparse.ArgumentParser) -> None:
    """Add the flags of recordings; their values are parsed in `wire_options`."""
    group = parser.add_argument_group("grabar y reproducir lo que llega (en el chat, /grabar)")
    group.add_argument(
        "--record", metavar="ARCHIVO", help="graba cada respuesta con sus tiempos, byte a byte y sin tu clave"
    )
    group.add_argument(
        "--replay",
        metavar="ARCHIVO",
        action="append",
        help="reproduce una grabación, sin clave y sin gastar; varias, una tras otra",
    )
    group.add_argument(
        "--replay-speed",
        metavar="VECES",
        help="elige la velocidad: x2, el doble; x0.1, diez veces más despacio",
    )
    group.add_argument(
        "--replay-step", action="store_true", help="va paso a paso: cada evento espera a la barra espaciadora"
    )
    group.add_argument(
        "--replay-cut", metavar="N", help="corta la primera respuesta tras N eventos, como si se fuera la red"
    )


def _add_cache(parser: argparse.ArgumentParser) -> None:
    """Add the flags of the cache of answers."""
    group = parser.add_argument_group("respuestas guardadas (en el chat, /cache)")
    group.add_argument(
        "--cache", action=_YES_OR_NO, help="contesta lo ya preguntado con la respuesta guardada, sin gastar"
    )
    group.add_argument(
        "--cache-live", action=_YES_OR_NO, help="hace lo mismo, pero al ritmo con que llegó la primera vez"
    )


def _add_options(parser: argparse.ArgumentParser, title: str, chosen: Iterable[Option]) -> None:
    """Add a flag for each option of a table; `origin` parses its value together with that of its variable."""
    group = parser.add_argument_group(title)
    for option in chosen:
        if option.on_or_off:
            action = argparse.BooleanOptionalAction
            verb = "elige" if option.summary.startswith("si ") else "muestra"
            group.add_argument(option.flag, dest=option.field, action=action, help=f"{verb} {option.summary}")
        else:
            description = f"elige {option.summary}: {option.possible}"
            group.add_argument(option.flag, dest=option.field, metavar=option.name.upper(), help=description)
