"""Six demos that teach the ways of streaming: `python streaming_examples.py`, or one at once with its number.

Each demo is one function that reads from top to bottom. They use the public names of `stream_core`, and rich
where the lesson is about drawing. What they share (connecting, the closing figures, the menu) is at the end.
"""

from __future__ import annotations

import os
import sys
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

try:
    from rich.console import Console
    from rich.live import Live
    from rich.panel import Panel
    from rich.progress import BarColumn, Progress, TextColumn
    from rich.table import Table
    from rich.text import Text as Styled

    from stream_core import (
        Conversation,
        Finished,
        ReplyStats,
        ReplyStream,
        RoundDone,
        Sanitizer,
        Settings,
        StreamCoreError,
        Text,
        ToolDone,
        ToolInput,
        ToolStarted,
        explain,
        fetch_reply,
        stream_reply,
        stream_turn,
    )
except ModuleNotFoundError as missing:
    sys.stderr.write(
        f"Falta el paquete «{missing.name}»: instala todo con "
        "«python3 -m venv .venv && .venv/bin/pip install -e .» y abre las demos con "
        "«.venv/bin/python streaming_examples.py».\n"
    )
    sys.exit(2)

if TYPE_CHECKING:
    from anthropic import AsyncAnthropic

Run = Callable[["AsyncAnthropic", str, Console], None]


@dataclass(frozen=True)
class Demo:
    """A demo of the menu: its title, the two lines that say what to look at, and what it runs."""

    title: str
    look: tuple[str, ...]
    run: Run


DEMOS: list[Demo] = []


def demo(title: str, *look: str) -> Callable[[Run], Run]:
    """Put a function into the menu."""

    def add(run: Run) -> Run:
        DEMOS.append(Demo(title, look, run))
        return run

    return add


# -- 1 -----------------------------------------------------------------------------------------


@demo(
    "Streaming Básico",
    "Mira cómo el texto aparece a trozos: cada trozo es un delta que acaba de llegar por la red.",
    "Es el bucle más corto posible; todo lo demás se construye encima de él.",
)
def basico(client: AsyncAnthropic, model: str, console: Console) -> None:
    """Text as it arrives."""
    question = {"role": "user", "content": "Describe las ventajas del streaming en tiempo real"}
    sanitizer = Sanitizer()  # lo que escribe un modelo puede llevar secuencias de escape: fuera

    with stream_reply(client, model=model, max_tokens=1024, messages=[question]) as stream:
        for delta in stream:
            if isinstance(delta, Text):
                console.out(sanitizer.feed(delta.text), end="", highlight=False)
    console.out(sanitizer.flush(), highlight=False)

    close(console, stream)


# -- 2 -----------------------------------------------------------------------------------------


@demo(
    "Streaming con Panel Visual",
    "Mira el cursor ▊ al final del panel, y cómo el panel conserva a la vista las líneas más nuevas.",
    "El texto entra como texto, nunca como marcado: un «[/dim]» en la respuesta no rompe nada.",
)
def panel_visual(client: AsyncAnthropic, model: str, console: Console) -> None:
    """Rich's own Live and Panel, safe and bounded."""
    question = {"role": "user", "content": "Escribe una historia corta sobre un robot"}
    sanitizer, text = Sanitizer(), ""

    def panel(state: str, cursor: str = "") -> Panel:
        rows = max(1, console.height - 4)  # Live no puede pintar más alto que la pantalla
        lines = Styled(text + cursor).wrap(console, max(1, console.width - 4))[-rows:]
        return Panel(Styled("\n").join(lines), title=Styled(f"🤖 Claude ({state})"), border_style="cyan")

    with (
        Live(panel("Streaming"), console=console, refresh_per_second=12) as live,
        stream_reply(client, model=model, max_tokens=1024, messages=[question]) as stream,
    ):
        for delta in stream:
            if isinstance(delta, Text):
                text += sanitizer.feed(delta.text)
                live.update(panel("Streaming", "▊"))
        text += sanitizer.flush()
        live.update(panel("Completado" if stream.reply.error is None else "Interrumpido"))

    console.print(
        "Live vuelve a pintar el panel entero en cada cuadro, y lo que se sale por arriba se pierde. El chat "
        "deja al final el texto completo, una sola vez, en el historial de la terminal."
    )
    close(console, stream)


# -- 3 -----------------------------------------------------------------------------------------


@demo(
    "Streaming con Barra de Progreso",
    "Mira la barra: late mientras no hay nada que medir y luego dice qué parte de max_tokens se ha usado.",
    "Hasta el final los tokens son una estimación (≈): la API solo da la cuenta exacta al final.",
)
def barra_de_progreso(client: AsyncAnthropic, model: str, console: Console) -> None:
    """A progress bar that tells the truth."""
    question = {"role": "user", "content": "Explica cómo funciona la inteligencia artificial"}
    limit = 1024
    columns = (BarColumn(), TextColumn("{task.fields[tokens]} · {task.fields[speed]} · {task.elapsed:.1f} s"))

    with (
        Progress(*columns, console=console) as progress,
        stream_reply(client, model=model, max_tokens=limit, messages=[question]) as stream,
    ):
        bar = progress.add_task("", total=None, tokens="esperando el primer token", speed="0 deltas")
        for delta in stream:
            stats = stream.stats
            if isinstance(delta, Text):
                tokens = stats.characters // 4  # una regla aproximada: unos cuatro caracteres por token
                seconds = delta.at - stats.started - (stats.time_to_first_text or 0)
                speed = f"≈{tokens / seconds:.0f} tok/s" if seconds > 0.2 else "…"
                shown = f"≈{tokens} de {limit} tokens"
                progress.update(bar, total=limit, completed=tokens, tokens=shown, speed=speed)
            elif isinstance(delta, Finished):
                used = delta.usage.output_tokens
                speed = f"{stats.tokens_per_second or 0:.0f} tok/s"
                shown = f"{used} de {limit} tokens"
                progress.update(bar, total=limit, completed=used, tokens=shown, speed=speed)

    console.print(
        "Una respuesta completa no tiene por qué llenar la barra: max_tokens es un límite, no una meta."
    )
    close(console, stream)


# -- 4 -----------------------------------------------------------------------------------------


@demo(
    "Conversación con Streaming",
    "Mira los números de cada turno: la API no recuerda nada, así que cada petición lleva todo lo anterior.",
    "Pulsa Enter para usar la pregunta preparada, escribe la tuya, o «fin» para acabar.",
)
def conversacion(client: AsyncAnthropic, model: str, console: Console) -> None:
    """Several turns, and the context that grows with them."""
    prepared = (
        "Hola, me llamo Ada y estudio redes",
        "¿Qué te he contado hasta ahora?",
        "Resúmelo en una frase",
    )
    conversation = Conversation()

    for suggestion in prepared:
        question = typed(console, f"Tú [{suggestion}]: ") or suggestion
        if question.casefold() == "fin":
            break
        messages = conversation.messages(question, model=model)
        sanitizer = Sanitizer()
        console.print("🤖 ", end="")
        with stream_reply(client, model=model, max_tokens=600, messages=messages) as stream:
            for delta in stream:
                if isinstance(delta, Text):
                    console.out(sanitizer.feed(delta.text), end="", highlight=False)
        console.out(sanitizer.flush(), highlight=False)
        conversation.add(question, stream.reply, model=model)  # también lo que quedó a medias

        sent = f"{len(messages)} mensaje{'s' * (len(messages) > 1)}"
        console.print(f"Contexto enviado: {sent}, {stream.reply.usage.input_tokens} tokens.", style="dim")
        close(console, stream)


# -- 5 -----------------------------------------------------------------------------------------


@demo(
    "Streaming con Herramientas",
    "Mira cómo llega, a trozos, la entrada de cada herramienta; luego la llamada, su resultado y su tiempo.",
    "Después Claude sigue escribiendo con los resultados delante: dos peticiones, una sola iteración.",
)
def herramientas(client: AsyncAnthropic, model: str, console: Console) -> None:
    """Tools: their input as it streams, their results, and the answer that goes on."""
    from stream_core.tools.calculator import calculate
    from stream_core.tools.clock import current_time

    question = {"role": "user", "content": "¿Cuánto es (1250 * 1.21) / 3, y qué hora es en Tokio?"}
    sanitizer = Sanitizer()

    def show(text: str, style: str = "") -> None:
        console.print(Styled(sanitizer.feed(text), style), end="")

    with stream_turn(
        client, tools=[calculate, current_time], model=model, max_tokens=1024, messages=[question]
    ) as stream:
        for delta in stream:
            match delta:
                case Text(text=text):
                    show(text)
                case ToolInput(partial_json="", name=name):
                    show(f"\n🔧 {name} ", "bold yellow")
                case ToolInput(partial_json=piece):
                    show(piece, "yellow")
                case ToolStarted(name=name):
                    show(f"\n⏳ {name} está en marcha", "dim")
                case ToolDone(name=name, content=content, is_error=failed, seconds=seconds):
                    show(f"\n{'✗' if failed else '✓'} {name}: {content} ({seconds * 1000:.1f} ms)", "green")
                case RoundDone():
                    show("\n\n")
    console.print()

    for round_ in stream.result.rounds:
        figures(console, round_.stats)
    failure(console, stream.result.reply.error)


# -- 6 -----------------------------------------------------------------------------------------


@demo(
    "Ver Ventajas del Streaming",
    "Mira la misma pregunta dos veces: primero sin streaming (verás una espera en blanco), luego con él.",
    "La tabla del final no opina: cada fila sale de lo que se acaba de medir aquí.",
)
def ventajas(client: AsyncAnthropic, model: str, console: Console) -> None:
    """The same question with and without streaming, measured."""
    request: dict[str, Any] = {
        "model": model,
        "max_tokens": 1024,
        "messages": [{"role": "user", "content": "Describe las ventajas del streaming en tiempo real"}],
    }
    with console.status("Sin streaming: esperando la respuesta entera…"):
        without = fetch_reply(client, **request)
    console.print(f"Sin streaming: {len(without.reply.text)} caracteres, todos de golpe.")

    seen: list[tuple[float, int]] = []  # cuándo había cuántos caracteres a la vista
    sanitizer = Sanitizer()
    with stream_reply(client, **request) as stream:
        for delta in stream:
            if isinstance(delta, Text):
                console.out(sanitizer.feed(delta.text), end="", highlight=False)
                seen.append((delta.at - stream.stats.started, stream.stats.characters))
    console.out(sanitizer.flush(), highlight=False)

    for reply in (without.reply, stream.reply):
        if reply.outcome not in ("complete", "max_tokens"):
            failure(console, reply.error)
            return
    console.print(comparison(without.stats, stream.stats, seen))
    close(console, stream)


def comparison(without: ReplyStats, streamed: ReplyStats, seen: list[tuple[float, int]]) -> Table:
    """The table of the first guide, each claim with the figure that bears it."""
    half = (streamed.duration or 0) / 2
    by_half = max((characters for at, characters in seen if at <= half), default=0)
    table = Table("Aspecto", "Sin streaming", "Con streaming", title="Comparación, medida ahora mismo")
    blank, first = without.time_to_first_text or 0, streamed.time_to_first_text or 0
    table.add_row("Experiencia", f"Espera larga: {blank:.2f} s", f"Respuesta inmediata: {first:.2f} s")
    table.add_row("Tiempo total", f"{without.duration or 0:.2f} s", f"{streamed.duration or 0:.2f} s")
    table.add_row("Engagement", "Bajo: a mitad, 0 caracteres", f"Alto: a mitad, {by_half} caracteres")
    table.add_row("Transparencia", "No: 1 aviso, al final", f"Sí: {streamed.deltas} deltas a la vista")
    table.add_row("Cancelación", "No: nada que conservar", "Sí: en cualquier delta, y se queda lo que llegó")
    table.add_row("UX", "Básica: todo o nada", "Moderna: se lee mientras se escribe")
    table.add_row("Complejidad", "Baja: una llamada", "Media: un bucle y un final que mirar")
    return table


# -- what the demos share ----------------------------------------------------------------------


class DemoFailed(Exception):
    """A demo met a failure and has told it."""


def close(console: Console, stream: ReplyStream) -> None:
    """End a demo: its figures, or what failed."""
    figures(console, stream.stats)
    failure(console, stream.reply.error)


def figures(console: Console, stats: ReplyStats) -> None:
    """The three figures every demo ends with."""
    first = f"{stats.time_to_first_text:.2f} s" if stats.time_to_first_text is not None else "—"
    total = f"{stats.duration:.2f} s" if stats.duration is not None else "—"
    console.print(f"Primer texto: {first} · total: {total} · deltas: {stats.deltas}", style="bold")


def failure(console: Console, error: StreamCoreError | None) -> None:
    """Tell what failed, if something did, and go back to the menu."""
    if error is not None:
        console.print(f"⚠ {explain(error)} Lo que llegó queda arriba.", style="yellow")
        raise DemoFailed


def typed(console: Console, prompt: str) -> str:
    """What the person types; nothing where nobody can type."""
    console.print(prompt, end="")
    if sys.stdin is not None and not sys.stdin.closed and sys.stdin.isatty():
        return sys.stdin.readline().strip()
    console.print()
    return ""


@contextmanager
def connected(settings: Settings, console: Console) -> Iterator[AsyncAnthropic]:
    """A client for Claude, for another server, or for the practice server when there is no key."""
    with ExitStack() as stack:
        with console.status("Preparando la conexión…"):
            from stream_core import open_client, practice_server  # not above: the SDK takes a while to load

            if settings.practice:
                settings = replace(settings, base_url=stack.enter_context(practice_server()))
            client = open_client(settings)
        yield client


def run(number: int, settings: Settings, console: Console) -> int:
    """Run one demo; give 0, 1 when it failed, 130 when it was cancelled."""
    chosen = DEMOS[number - 1]
    console.rule(f"{number}. {chosen.title}")
    for line in chosen.look:
        console.print(line, style="dim")
    try:
        with connected(settings, console) as client:
            chosen.run(client, settings.model, console)
    except DemoFailed:
        return 1
    except KeyboardInterrupt:
        console.print("\nDemo cancelada.", style="yellow")
        return 130
    return 0


def menu(settings: Settings, console: Console) -> int:
    """Offer the demos until the person leaves."""
    while True:
        console.print("\n🎬 Demos de streaming", style="bold")
        for number, entry in enumerate(DEMOS, 1):
            console.print(f"  {number}. {entry.title}")
        console.print("  0. Salir")
        try:
            choice = input("Elige una demo: ").strip()
        except KeyboardInterrupt:
            console.print("\n¡Hasta pronto!")
            return 130
        except (EOFError, RuntimeError):  # the latter when stdin is closed from the start
            console.print("\nNo hay quien elija: ¡hasta pronto!")
            return 0
        if choice == "0":
            console.print("¡Hasta pronto!")
            return 0
        if choice in [str(number) for number in range(1, len(DEMOS) + 1)]:
            run(int(choice), settings, console)
        elif choice:
            console.print(Styled(f"No hay una demo «{choice[:20]}»: elige un número del 0 al {len(DEMOS)}."))


def main(argv: list[str]) -> int:
    """Run the menu, or the demo whose number is given."""
    console = Console(markup=False, highlight=False, emoji=False)
    flags = [word for word in argv if word == "--practice"]
    words = [word for word in argv if word != "--practice"]
    if words and (len(words) > 1 or words[0] not in [str(n) for n in range(1, len(DEMOS) + 1)]):
        sys.stderr.write(f"Uso: python streaming_examples.py [1-{len(DEMOS)}] [--practice]\n")
        return 2
    try:
        settings = Settings.load(flags, os.environ, program_dir=Path(__file__).resolve().parent)
    except StreamCoreError as error:
        sys.stderr.write(explain(error) + "\n")
        return 2
    if settings.practice and not settings.practice_asked:
        if not sys.stdout.isatty():
            sys.stderr.write("ANTHROPIC_API_KEY no encontrada. Ponla en .env o usa --practice.\n")
            return 2
        console.print(
            "ANTHROPIC_API_KEY no encontrada: ponla en .env para hablar con Claude.", style="yellow"
        )
    if settings.practice:
        console.print("Modo práctica: respuestas preparadas, no responde ninguna IA.", style="yellow")
    return run(int(words[0]), settings, console) if words else menu(settings, console)


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
