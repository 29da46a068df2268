"""Six demos of the ways of streaming, and the lessons: `python streaming_examples.py`, or with a number.

Each demo is one function that reads from top to bottom. They use the public names of `stream_core`, and rich
where the lesson is about drawing. What they share (connecting, the closing figures, the menu) is at the end.
The lessons, which check themselves, are files of `stream_core/lessons/`.
"""

from __future__ import annotations

import os
import re
import signal
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

try:
    import readline  # noqa: F401 -- gives the menu's input its arrow keys
except ImportError:
    pass
try:
    from rich.cells import cell_len
    from rich.console import Console, Group
    from rich.live import Live
    from rich.panel import Panel
    from rich.progress import BarColumn, Progress
    from rich.table import Table
    from rich.text import Text as Styled

    from stream_core import (
        Comparison,
        Conversation,
        Finished,
        Reply,
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
        TurnResult,
        TurnStream,
        Usage,
        explain,
        fetch_reply,
        quiet_libraries,
        stream_reply,
        stream_turn,
    )
    from stream_core.core.numbers import counted, number
    from stream_core.lessons import Lesson
    from stream_core.lessons import load as load_lessons
    from stream_core.terminal.device.quiet_terminal import quiet_terminal, unechoed
    from stream_core.terminal.rows.figures import seconds
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
LESSONS: dict[str, Lesson] = {str(lesson.number): lesson for lesson in load_lessons()}
LAST = max(map(int, LESSONS))
STATES: dict[str, str] = {
    "complete": "completa",
    "cancelled": "cancelada",
    "interrupted": "interrumpida",
    "error": "sin respuesta",
    "max_tokens": "cortada",
    "refused": "rechazada",
}


def demo(title: str, *look: str) -> Callable[[Run], Run]:
    """Put a function into the menu."""

    def add(run: Run) -> Run:
        DEMOS.append(Demo(title, look, run))
        return run

    return add


# -- 1 -----------------------------------------------------------------------------------------


@demo(
    "Streaming básico",
    "Mira cómo el texto aparece a trozos: cada trozo es un delta que acaba de llegar por la red.",
    "Es el bucle más corto posible. El Markdown se ve tal cual viene (**, ##): darle forma es otra tarea.",
)
def basico(client: AsyncAnthropic, model: str, console: Console) -> None:
    """Text as it arrives."""
    question = {"role": "user", "content": "Describe las ventajas del streaming en tiempo real"}
    words = Words(console)  # quita las secuencias de escape y no parte palabras

    with stream_reply(client, model=model, max_tokens=1024, messages=[question]) as stream, stoppable(stream):
        for delta in stream:
            if isinstance(delta, Text):
                words.write(delta.text)
    words.end()

    close(console, stream)  # el final: completa, cancelada o con un fallo; lo que llegó está en stream.reply


# -- 2 -----------------------------------------------------------------------------------------


@demo(
    "Streaming con panel visual",
    "Mira el cursor ▊ al final del panel, que deja a la vista las líneas más nuevas; después, los efectos.",
    "Es Live y Panel de Rich, y lo que llega entra como texto: nada de lo que diga puede romper el panel.",
)
def panel_visual(client: AsyncAnthropic, model: str, console: Console) -> None:
    """Rich's own Live and Panel, safe and bounded."""
    question = {"role": "user", "content": "Escribe una historia corta sobre un robot"}
    sanitizer, text = Sanitizer(), ""

    def panel(state: str, cursor: str = "") -> Panel:
        rows = max(1, console.height - 10)  # más alto que la pantalla, Live no puede pintar
        lines = Styled(text + cursor).wrap(console, max(1, console.width - 4))
        above = [Styled("… (lo de antes ya no cabe)", "dim")] if len(lines) > rows else []
        return Panel(
            Styled("\n").join([*above, *lines[len(above) - rows :]]),
            title=Styled(f"🤖 Claude ({state})"),
            border_style="cyan",
        )

    with (
        Live(panel("Streaming"), console=console, refresh_per_second=12) as live,
        stream_reply(client, model=model, max_tokens=1024, messages=[question]) as stream,
        stoppable(stream),
    ):
        for delta in stream:
            if isinstance(delta, Text):
                text += sanitizer.feed(delta.text)
                live.update(panel("Streaming", "▊"))
        text += sanitizer.flush()
        live.update(panel(STATES[stream.reply.outcome or "cancelled"]))

    end_live(console)
    console.print(
        "Live pinta el panel entero en cada fotograma: lo que se sale por arriba se pierde, y al cambiar el "
        "tamaño quedan restos. Por eso el chat escribe cada línea una sola vez y solo repinta el final."
    )
    close(console, stream)
    if console.is_terminal:
        sentence = re.match(r".{1,200}?[.!?…](?=\s)", text, re.DOTALL)  # no una frase cortada
        efectos(console, sentence[0] if sentence else f"{text[:160]}…")


def efectos(console: Console, text: str) -> None:
    """The second page: the same words in the closed frame of the chat, once with each of its effects."""
    from stream_core.config.options.appearance import Look
    from stream_core.config.options.effects import EFFECTS
    from stream_core.terminal.device.background import background_of
    from stream_core.terminal.screen import Screen

    console.print("\nY así lo pinta el chat, con cada efecto. Solo se anima lo que aún está abierto.")
    for name, effect in EFFECTS.items():
        console.print(f"\n/apariencia efecto {name}: {effect.summary}")
        reply, stats = Reply(), ReplyStats(time.monotonic())
        look = Look(frame="panel", effect=name)
        screen = Screen(look=look, background=background_of(os.environ))
        with quiet_terminal(), screen.reply_view(practice=False) as view:
            for word in re.findall(r"\S+\s*", text):
                delta = Text(word, 0, time.monotonic())
                reply.feed(delta)
                stats.feed(delta)
                view.feed(delta)
                time.sleep(0.03)
            last = Finished("end_turn", Usage(0, 0), time.monotonic())
            reply.feed(last)
            stats.feed(last)
            view.finish(reply, stats)


# -- 3 -----------------------------------------------------------------------------------------


@demo(
    "Streaming con barra de progreso",
    "Mira la barra: late mientras no hay nada que medir y luego dice qué parte de max_tokens se ha usado.",
    "Hasta el final los tokens son una estimación (≈): la API solo da la cuenta exacta al final.",
)
def barra_de_progreso(client: AsyncAnthropic, model: str, console: Console) -> None:
    """A progress bar that tells the truth."""
    question = {"role": "user", "content": "Explica cómo funciona la inteligencia artificial"}
    limit, figures_now = 1024, "Esperando el primer token…"
    progress = Progress(BarColumn(bar_width=None), expand=True)
    bar = progress.add_task("", total=None)  # sin total, la barra late

    with (
        Live(get_renderable=lambda: Group(progress, Styled(figures_now)), console=console),
        stream_reply(client, model=model, max_tokens=limit, messages=[question]) as stream,
        stoppable(stream),
    ):
        for delta in stream:
            stats = stream.stats
            if isinstance(delta, Text):
                tokens = stats.characters // 4  # una regla aproximada: unos cuatro caracteres por token
                elapsed = delta.at - stats.started
                writing = elapsed - (stats.time_to_first_text or 0)
                speed = f"≈{number(tokens / writing)} tok/s" if writing > 0.2 else "…"
                used = f"≈{number(tokens)}/{number(limit)} tokens"
                figures_now = (
                    f"{used} · {counted(stats.deltas, 'delta', 'deltas')} · {speed} · {seconds(elapsed)}"
                )
                progress.update(bar, total=limit, completed=tokens)
            elif isinstance(delta, Finished):
                tokens, speed = delta.usage.output_tokens, f"{number(stats.tokens_per_second or 0)} tok/s"
                used = f"{number(tokens)}/{number(limit)} tokens"
                deltas, total = counted(stats.deltas, "delta", "deltas"), seconds(stats.duration)
                figures_now = f"{used} · {deltas} · {speed} · {total}"
                progress.update(bar, total=limit, completed=tokens)

    end_live(console)
    if stream.reply.outcome == "complete":
        console.print("La última cifra ya es la cuenta de la API. max_tokens es un límite, no una meta.")
    close(console, stream)


# -- 4 -----------------------------------------------------------------------------------------


@demo(
    "Conversación con streaming",
    "Mira los números de cada turno: la API no recuerda nada, así que cada petición lleva todo lo anterior.",
    "Pulsa Enter para usar la pregunta preparada, escribe la tuya o pon el número de otra demo.",
)
def conversacion(client: AsyncAnthropic, model: str, console: Console) -> None:
    """Several turns, and the context that grows with them."""
    prepared = ("Hola, me llamo Ada y estudio redes", "¿Cómo me llamo?", "¿Qué te he contado hasta ahora?")
    conversation = Conversation()
    growth = Table("Turno", "Mensajes enviados", "Tokens enviados", title="Así creció el contexto")

    for turn, suggestion in enumerate(prepared, 1):
        answer = typed(console, f"Tú [{suggestion}]: ")
        leaving = answer is None or answer.casefold() == "fin" or answer in choices()
        if leaving:
            break
        question = answer or suggestion
        messages = conversation.messages(question, model=model)
        words = Words(console)
        words.write("🤖 ")
        with (
            stream_reply(client, model=model, max_tokens=600, messages=messages) as stream,
            stoppable(stream),
        ):
            for delta in stream:
                if isinstance(delta, Text):
                    words.write(delta.text)
        words.end()
        conversation.add(question, stream.reply, model=model)  # también lo que quedó a medias
        tokens = stream.reply.usage.input_tokens
        growth.add_row(number(turn), number(len(messages)), number(tokens))
        sent = f"{counted(len(messages), 'mensaje', 'mensajes')} y {counted(tokens, 'token', 'tokens')}"
        figures(console, stream.stats, f"Turno {turn}: enviados {sent}. ")
        if stream.reply.outcome != "complete":
            break

    if growth.row_count:
        console.print(growth)
        ending(console, stream.reply.outcome, stream.reply.error, stream.reply.text)
    if answer in choices():
        raise Chosen(answer)


# -- 5 -----------------------------------------------------------------------------------------


@demo(
    "Streaming con herramientas",
    "Mira cómo llega, a trozos, la entrada de cada herramienta; luego la llamada, su resultado y su tiempo.",
    "Después Claude sigue escribiendo con los resultados delante: dos peticiones, una sola iteración.",
)
def herramientas(client: AsyncAnthropic, model: str, console: Console) -> None:
    """Tools: their input as it streams, their results, and the answer that goes on."""
    from stream_core.tools.calculator import calculate
    from stream_core.tools.clock import current_time

    question = {"role": "user", "content": "¿Cuánto es (1250 * 1.21) / 3, y qué hora es en Tokio?"}
    show = Words(console).write
    tools: list[Callable[..., str]] = [calculate, current_time]
    with (
        stream_turn(client, tools=tools, model=model, max_tokens=1024, messages=[question]) as stream,
        stoppable(stream),
    ):
        for delta in stream:
            match delta:
                case Text(text=text):
                    show(text)
                case ToolInput(partial_json="", name=name):  # el primero de cada llamada viene vacío
                    show(f"\n🔧 {name} ", "bold yellow")
                case ToolInput(partial_json=piece):
                    show(piece, "yellow")
                case ToolStarted(name=name):
                    show(f"\n⏳ {name} está en marcha", "dim")
                case ToolDone(name=name, content=content, is_error=failed, seconds=took):
                    show(
                        f"\n{'✗' if failed else '✓'} {name}: {content} ({number(took * 1000, 1)} ms)", "green"
                    )
                case RoundDone():
                    show("\n\n")
    console.print()

    turn_figures(console, stream.result)
    ending(console, stream.result.outcome, stream.result.reply.error, stream.result.text)


# -- 6 -----------------------------------------------------------------------------------------


@demo(
    "Ver ventajas del streaming",
    "Mira la misma pregunta dos veces: primero sin streaming (verás una espera en blanco), luego con él.",
    "Cada fila de la tabla final lleva la cifra que la sostiene, medida aquí y ahora.",
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
    ending(console, without.reply.outcome, without.reply.error, without.reply.text)
    sanitizer = Sanitizer()
    beginning = sanitizer.feed(without.reply.text[:200]) + sanitizer.flush()
    console.print(
        Styled(
            f"{beginning}…\n[{counted(len(without.reply.text), 'carácter', 'caracteres')}, todos de golpe]\n",
            "dim",
        )
    )

    seen: list[tuple[float, int]] = []  # cuándo había cuántos caracteres a la vista
    words = Words(console)
    with stream_reply(client, **request) as stream, stoppable(stream):
        for delta in stream:
            if isinstance(delta, Text):
                words.write(delta.text)
                seen.append((delta.at - stream.stats.started, stream.stats.characters))
    words.end()

    if stream.reply.outcome in ("complete", "max_tokens"):
        console.print(comparison(without.stats, stream.stats, seen))
    close(console, stream)


def comparison(without: ReplyStats, streamed: ReplyStats, seen: list[tuple[float, int]]) -> Table:
    """The aspects of the first guide, each with what was measured of it and nothing else."""
    total, half = without.duration or 0, (streamed.duration or 0) / 2
    by_half = counted(max((count for at, count in seen if at <= half), default=0), "carácter", "caracteres")
    first, pause = streamed.time_to_first_text or 0, max(streamed.gaps, default=0)
    table = Table("Aspecto", "Sin streaming", "Con streaming", title="Comparación, medida ahora mismo")
    table.add_row("Experiencia", f"texto a los {seconds(total)}", f"texto a los {seconds(first)}")
    table.add_row("Tiempo total", seconds(total), seconds(streamed.duration))
    table.add_row("Atención", "a mitad, 0 caracteres", f"a mitad, {by_half}")
    table.add_row("Transparencia", "1 aviso, al final", counted(streamed.deltas, "delta", "deltas"))
    table.add_row("Cancelación", "no se midió", "no se midió: prueba Esc")
    table.add_row(
        "Comodidad",
        f"{seconds(total)} sin novedad",
        f"como mucho {seconds(max(first, pause))} sin novedad",
    )
    table.add_row("Complejidad", "1 llamada", f"1 bucle, {counted(streamed.deltas, 'vuelta', 'vueltas')}")
    return table


# -- what the demos share ----------------------------------------------------------------------


class Words:
    """Writes text as it arrives: without escape sequences, and with line breaks between words."""

    def __init__(self, console: Console) -> None:
        self._console, self._sanitizer = console, Sanitizer()
        self._column, self._word = 0, ""

    def write(self, text: str, style: str = "") -> None:
        """Write the next piece."""
        for piece in re.split(r"(\s)", self._sanitizer.feed(text)):
            if piece.isspace():
                self._column, self._word = (0 if piece == "\n" else self._column + cell_len(piece)), ""
                self._put(piece, style)
            elif piece:
                self._add(piece, style)

    def end(self) -> None:
        """End the text, and its line."""
        self.write(self._sanitizer.flush())
        self._put("\n")
        self._column, self._word = 0, ""

    def _add(self, piece: str, style: str) -> None:
        width, before = self._console.width, cell_len(self._word)
        self._word += piece
        whole = cell_len(self._word)
        fits = self._column + whole - before < width  # in the last column the cursor would stand on the edge
        if not fits and self._console.is_terminal and before < self._column and whole < width:
            # The beginning of the word is at the edge already: it moves down with the rest.
            back = f"\x1b[{before}D\x1b[K" if before else ""
            self._put(f"{back}\n{self._word}", style)
            self._column = whole
            return
        self._put(piece, style)
        self._column = (self._column + whole - before) % max(1, width)

    def _put(self, text: str, style: str = "") -> None:
        self._console.out(text, style=style or None, end="", highlight=False)


class Chosen(Exception):
    """A demo was left for another choice of the menu."""

    def __init__(self, choice: str) -> None:
        self.choice = choice


class DemoFailed(Exception):
    """A demo met a failure, or was cancelled, and has told it; `code` is the exit code for that."""

    def __init__(self, code: int) -> None:
        self.code = code


@contextmanager
def stoppable(stream: ReplyStream | TurnStream | Comparison) -> Iterator[None]:
    """While a reply streams, let Ctrl+C and Esc cancel it: the loop ends by itself, what arrived is kept."""
    before = signal.signal(signal.SIGINT, lambda *_: stream.cancel())
    try:
        with quiet_terminal(stream.cancel):
            yield
    finally:
        signal.signal(signal.SIGINT, before)


def end_live(console: Console) -> None:
    """End the last row of a Live, which it leaves open where there is no terminal."""
    if not console.is_terminal:
        console.print()


def close(console: Console, stream: ReplyStream) -> None:
    """End a demo: its figures, and how the reply ended when it is not complete."""
    figures(console, stream.stats)
    ending(console, stream.reply.outcome, stream.reply.error, stream.reply.text)


def figures(console: Console, stats: ReplyStats, label: str = "") -> None:
    """The three figures every demo ends with."""
    first = seconds(stats.time_to_first_text)
    total = seconds(stats.duration)
    console.print(
        f"{label}Primer texto: {first} · total: {total} · deltas: {number(stats.deltas)}", style="bold"
    )


def turn_figures(console: Console, result: TurnResult) -> None:
    """The figures of each request of a turn, and of the whole of it."""
    for number, entry in enumerate(result.rounds, 1):
        figures(console, entry.stats, f"Petición {number}. ")
    if result.ending is not None:
        whole = result.ending.at - result.started
        console.print(f"El turno entero, con las herramientas: {seconds(whole)}", style="bold")


def ending(console: Console, outcome: str | None, error: StreamCoreError | None, text: str) -> None:
    """Go on after a reply that is complete; otherwise tell what happened and go back to the menu."""
    if outcome == "cancelled":
        kept = (
            f"se conservan los {counted(len(text), 'carácter', 'caracteres')} que llegaron"
            if text
            else "no había llegado texto"
        )
        console.print(f"Cancelada por ti: {kept}.", style="yellow")
        raise DemoFailed(130)
    if error is not None:
        kept = " Lo que llegó queda arriba." if text else ""
        console.print(f"⚠ {explain(error)}{kept}", style="yellow")
        raise DemoFailed(1)
    if outcome == "refused":
        console.print("⚠ Claude no quiso responder a esto.", style="yellow")
        raise DemoFailed(1)
    if outcome == "max_tokens":
        console.print("La respuesta llegó al máximo de tokens y quedó cortada.", style="yellow")


def typed(console: Console, prompt: str) -> str | None:
    """Read a line; "" where nobody can type, None at the end of input (Ctrl+D)."""
    if sys.stdin is None or sys.stdin.closed or not (sys.stdin.isatty() and sys.stdout.isatty()):
        console.print(prompt)
        return ""
    try:
        return input(prompt).strip()
    except EOFError:
        console.print()
        return None


def wait_for_key(console: Console) -> None:
    """Leave the person time to read: wait for a key before the menu comes again."""
    with unechoed(by_key=True) as terminal, suppress(KeyboardInterrupt, OSError):
        if terminal is not None:
            console.print("\nPulsa una tecla para volver al menú.", style="dim")
            os.read(terminal, 1)


@contextmanager
def connected(settings: Settings, console: Console) -> Iterator[AsyncAnthropic]:
    """A client for Claude, for another server, or for the practice server when there is no key."""
    with ExitStack() as stack:
        with console.status("Preparando la conexión…"):
            from stream_core import open_client, practice_server  # not above: the SDK takes a while to load

            if settings.connection.practice:
                pace = 1 / settings.wire.speed
                client = open_client(base_url=stack.enter_context(practice_server(place="demos", pace=pace)))
            else:
                to_other_server = settings.connection.credential is not None
                client = open_client(base_url=settings.connection.base_url, send_credential=to_other_server)
        yield client


def run(number: int, settings: Settings, console: Console) -> int:
    """Run one demo; give 0, 1 when it failed, 130 when it was cancelled."""
    chosen = DEMOS[number - 1]
    console.rule(f"{number}. {chosen.title}")
    for line in chosen.look:
        console.print(line, style="dim")
    console.print()
    try:
        with connected(settings, console) as client:
            chosen.run(client, settings.model, console)
    except DemoFailed as failed:
        return failed.code
    except KeyboardInterrupt:
        console.print("\nDemo cancelada.", style="yellow")
        return 130
    return 0


def run_lesson(lesson: Lesson, console: Console) -> int:
    """Run a lesson; give 0, 1 when one of its checks failed, 130 when it was left."""
    from stream_core.lessons.running import run

    return run(lesson, console, stoppable)


def menu(settings: Settings, console: Console) -> int:
    """Offer the demos until the person leaves."""
    while True:
        offer(console)
        try:
            choice = input("Elige un número: ").strip()
        except KeyboardInterrupt:
            console.print("\n¡Hasta pronto!")
            return 130
        except (EOFError, RuntimeError):  # the latter when stdin is closed from the start
            console.print("\n¡Hasta pronto!")
            return 0
        while choice in choices() and choice != "0":
            choice = follow(choice, settings, console)
        if choice == "0":
            console.print("¡Hasta pronto!")
            return 0
        if choice:
            shown = Sanitizer().feed(choice)[:20]
            console.print(f"«{shown}» no está en el menú: elige un número del 0 al {LAST}.")


def offer(console: Console) -> None:
    """Show what can be chosen."""
    console.print("\n🎬 Demos de streaming", style="bold")
    for number, entry in enumerate(DEMOS, 1):
        console.print(f"  {number}. {entry.title}")
    console.print("\n🎓 Lecciones que se comprueban solas", style="bold")
    for lesson in LESSONS.values():
        console.print(f"  {lesson.number}. {lesson.title}")
    console.print("\n  0. Salir")


def choices() -> list[str]:
    """What can be typed at the menu."""
    return ["0", *(str(number) for number in range(1, len(DEMOS) + 1)), *LESSONS]


def follow(choice: str, settings: Settings, console: Console) -> str:
    """Run what was chosen and let it be read; give what was chosen in it, or "" for the menu."""
    try:
        if start(choice, settings, console) != 130:
            wait_for_key(console)
    except Chosen as other:
        return other.choice
    return ""


def start(choice: str, settings: Settings, console: Console) -> int:
    """Run the demo or the lesson of a number; give its exit code."""
    return run_lesson(LESSONS[choice], console) if choice in LESSONS else run(int(choice), settings, console)


def main(argv: list[str] = sys.argv[1:]) -> int:
    """Run the menu, or the demo whose number is given."""
    console = Console(markup=False, highlight=False, emoji=False)
    flags = [word for word in argv if word == "--practice"]
    words = [word for word in argv if word != "--practice"]
    numbers = [*(str(n) for n in range(1, len(DEMOS) + 1)), *LESSONS]
    if words and (len(words) > 1 or words[0] not in numbers):
        sys.stderr.write(f"Uso: python streaming_examples.py [1-{LAST}] [--practice]\n")
        return 2
    if words and words[0] in LESSONS:  # which have a server of their own, and need no settings
        with quiet_libraries():
            return run_lesson(LESSONS[words[0]], console)
    try:
        settings = Settings.load(flags, os.environ, program_dir=Path(__file__).resolve().parent)
    except StreamCoreError as error:
        sys.stderr.write(explain(error) + "\n")
        return 2
    if settings.connection.practice:
        console.print("Modo práctica: respuestas preparadas, no responde ninguna IA.", style="yellow")
    if settings.connection.practice and not settings.connection.practice_requested:
        console.print(
            "ANTHROPIC_API_KEY no encontrada: escríbela en tu archivo .env para hablar con Claude.",
            style="yellow",
        )
    with quiet_libraries():
        if not words:
            return menu(settings, console)
        choice = words[0]
        while choice != "0":
            try:
                return start(choice, settings, console)
            except Chosen as other:
                choice = other.choice
    return 0


if __name__ == "__main__":
    sys.exit(main())
