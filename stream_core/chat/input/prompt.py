"""The line editor: one message, however many lines it has."""

from __future__ import annotations

from asyncio import AbstractEventLoop, get_running_loop
from collections.abc import Callable
from contextlib import ExitStack, suppress
from functools import partial
from typing import Any

from prompt_toolkit import PromptSession
from prompt_toolkit.application.current import get_app
from prompt_toolkit.buffer import Buffer
from prompt_toolkit.data_structures import Size
from prompt_toolkit.document import Document
from prompt_toolkit.enums import EditingMode
from prompt_toolkit.filters import Condition
from prompt_toolkit.formatted_text import StyleAndTextTuples
from prompt_toolkit.history import History
from prompt_toolkit.input import Input
from prompt_toolkit.input.typeahead import get_typeahead, store_typeahead
from prompt_toolkit.key_binding import KeyPress
from prompt_toolkit.layout import Window
from prompt_toolkit.layout.controls import SearchBufferControl
from prompt_toolkit.layout.menus import CompletionsMenu
from prompt_toolkit.layout.processors import BeforeInput, TabsProcessor
from prompt_toolkit.layout.screen import Screen
from prompt_toolkit.lexers import DynamicLexer, SimpleLexer
from prompt_toolkit.output import create_output
from prompt_toolkit.search import SearchDirection
from prompt_toolkit.styles import DynamicStyle

from stream_core.chat.signals.interrupts import ended_by_signal
from stream_core.chat.signals.suspension import Action, Suspension
from stream_core.config.options.themes import Theme
from stream_core.core.sanitize import repair_surrogates, sanitize

from .bindings import answer_bindings, message_bindings
from .choice import Choice
from .completion import CommandCompleter, mentioned_word
from .graphemes import StandIns, WholeGraphemes, keep_whole
from .menu import show_menu_in
from .prompt_styles import asking, menu_style, style_of

LABEL = "Tú: "
_ESC_SECONDS, _SLOW_ESC_SECONDS = 0.1, 0.5  # until an escape is the key itself, and begins no other

_MENU_ROWS = 30
"""Rows kept for the menu below the prompt, where the window has them; more commands than that scroll."""

_LEFT_ROWS = 6
"""Rows above the prompt that the menu leaves to the conversation; in a low window, half of it."""


class DraftCleared(KeyboardInterrupt):
    """Ctrl+C that threw away what was being typed."""


class CutLineError(Exception):
    """A line was so long that the terminal has dropped its end."""


def menu_height(rows: int) -> int:
    """Rows of the menu in a window of so many: the last lines of the conversation stay in sight."""
    return max(1, min(_MENU_ROWS, max(rows - 1 - _LEFT_ROWS, rows // 2)))


def _kept_by(change: Callable[[str], str]) -> Callable[[Buffer], None]:
    """Return what changes the text of a buffer as soon as it has changed."""

    def keep(buffer: Buffer) -> None:
        if buffer.text.isascii() or (changed := change(buffer.text)) == buffer.text:
            return
        buffer.document = Document(changed, len(change(buffer.document.text_before_cursor)))

    return keep


def _offers(document: Document) -> bool:
    """Whether completions are offered without being asked for: of commands, and of paths after an `@`."""
    return document.text.startswith("/") or bool(mentioned_word(document.text_before_cursor))


def _search_words(control: SearchBufferControl) -> str:
    backward = control.searcher_search_state.direction == SearchDirection.BACKWARD
    return f"Buscar {'hacia atrás' if backward else 'hacia delante'}: "


def _columns(screen: Screen, row: int) -> int:
    """The last column of a row in which something is written, from zero."""
    cells = screen.data_buffer[row]
    return max((x for x, cell in cells.items() if cell.char.strip()), default=0)


class Prompt:
    """Asks for a message.

    `on_first_drawing` is called when the prompt is first on screen, `edited` with a draft for the editor.
    """

    def __init__(
        self,
        completer: CommandCompleter,
        history: History,
        on_first_drawing: Callable[[], None],
        colours: Callable[[], Theme],
        jobs: Suspension,
        keyboard: Input | None = None,
        vi_keys: Callable[[], bool] = lambda: False,
        *,
        rewraps: bool = True,
        edited: Callable[[str], str | None] = lambda draft: None,
    ) -> None:
        output = create_output()
        # Asking where the cursor is costs a second on a terminal that does not answer, and is not needed.
        output.enable_cpr = False  # type: ignore[attr-defined]
        stand_ins, write = StandIns(), output.write
        output.write = lambda data: stand_ins.write(data, write, output.write_raw)  # type: ignore[method-assign]
        self._session: PromptSession[str] = PromptSession(
            lambda: [(style_of(colours().you), LABEL)],
            input=keyboard,
            output=output,
            history=history,
            multiline=True,
            key_bindings=message_bindings(jobs, len(LABEL), edited),
            prompt_continuation=lambda width, line, wrapped: " " * width,
            completer=completer,
            input_processors=[
                TabsProcessor(char1=" ", char2=" "),
                WholeGraphemes(stand_ins, len(LABEL)),
            ],
            complete_while_typing=Condition(lambda: _offers(get_app().current_buffer.document)),
            style=DynamicStyle(lambda: menu_style(colours())),
            lexer=DynamicLexer(lambda: SimpleLexer(style_of(colours().question))),
        )
        # What nobody sees is sent, and left out where it is drawn; in a search it would only be in the way.
        self._session.default_buffer.on_text_changed += _kept_by(repair_surrogates)
        self._session.search_buffer.on_text_changed += _kept_by(sanitize)
        for container in self._session.layout.walk():
            if isinstance(container, CompletionsMenu) and isinstance(container.content, Window):
                show_menu_in(container.content)
        for control in self._session.layout.find_all_controls():
            if isinstance(control, SearchBufferControl):
                control.input_processors = [BeforeInput(partial(_search_words, control))]
        self._vi_keys, self._rewraps, self._colours = vi_keys, rewraps, colours
        self._stood = 0  # the cursor
        self._session.default_buffer.on_cursor_position_changed += self._keep_whole
        self._size: Size | None = None  # of the terminal when the prompt was drawn
        self._drawing: Size | None = None  # for which it is being drawn: one drawing has one size
        get_size = output.get_size
        output.get_size = lambda: self._drawing or get_size()  # type: ignore[method-assign]
        erase = self._session.app.renderer.erase

        def erase_all(leave_alternate_screen: bool = True) -> None:
            self._go_above_what_wrapped()
            erase(leave_alternate_screen)

        self._session.app.renderer.erase = erase_all  # type: ignore[method-assign]
        self._jobs = jobs
        self._on_first_drawing: Callable[[], None] | None = on_first_drawing
        self._ahead: list[KeyPress] = []
        self._answers: PromptSession[str] | None = None  # without the history, and what belongs to messages
        self._session.app.before_render += self._erase_if_resized
        self._session.app.after_render += self._drawn

    def ask(self, draft: str = "") -> str:
        """Read a message, which begins as `draft`.

        Raises:
            EOFError: Ctrl+D on an empty line, or the terminal is gone.
            DraftCleared: Ctrl+C on a draft.
            KeyboardInterrupt: Ctrl+C on an empty line.
        """
        # The line editor would take these before it has its history, in which an arrow finds nothing then.
        self._ahead = get_typeahead(self._session.input)
        rows = self._session.app.output.get_size().rows
        self._session.reserve_space_for_menu = menu_height(rows)
        vi = self._vi_keys()
        self._session.editing_mode = EditingMode.VI if vi else EditingMode.EMACS
        # Esc and then P, X or O begin a sequence, too, which a terminal sends at once.
        self._session.app.ttimeoutlen = _ESC_SECONDS if vi else _SLOW_ESC_SECONDS
        try:
            return self._prompt(self._session, draft=draft)
        except KeyboardInterrupt:
            draft = self._session.default_buffer.text
            if draft.strip():
                self._session.history.append_string(draft)  # the arrow up brings it back
            if draft:
                raise DraftCleared from None
            raise
        finally:
            store_typeahead(self._session.input, self._ahead)  # none, but when nothing was drawn

    def answer(self, question: str, mark: str = "") -> str:
        """Read the answer to a question of the program. Raises as `ask`; the answer is not remembered.

        Args:
            question: what is asked.
            mark: stands before it in reverse video, which no text of a model has on this screen.
        """
        if self._answers is None:
            self._answers = PromptSession(
                input=self._session.input,
                output=self._session.app.output,
                key_bindings=answer_bindings(self._jobs),
            )
            self._answers.app.ttimeoutlen = self._answers.app.timeoutlen = _ESC_SECONDS
        output = self._answers.output

        def asked() -> StyleAndTextTuples:
            return asking(question, mark, output.get_size().columns, self._colours())

        return self._prompt(self._answers, asked)

    def choose(self, choice: Choice) -> str:
        """Read the key that answers a question; returns its word. Raises as `ask`; it keeps other keys."""
        return self._prompt(choice.session(self._session.input, self._session.app.output, self._jobs))

    def _prompt(
        self, session: PromptSession[str], *question: Callable[[], StyleAndTextTuples], draft: str = ""
    ) -> str:
        app = session.app

        def soon(action: Action) -> None:
            with suppress(RuntimeError):  # the prompt ended in this moment
                if app.loop is not None:
                    app.loop.call_soon_threadsafe(action)

        def come_back() -> None:
            app.renderer.erase()  # also what was there when the program was stopped by force
            app.input.raw_mode().__enter__()  # what it finds is put back by the one that is entered already
            app.invalidate()

        def report(loop: AbstractEventLoop, context: dict[str, Any]) -> None:
            if not ended_by_signal(context.get("exception")):
                app._handle_exception(loop, context)

        def begin() -> None:
            parts.enter_context(taking_part)
            get_running_loop().set_exception_handler(report)

        with self._jobs.holding(), ExitStack() as parts:
            taking_part = self._jobs.taking_part(app.renderer.erase, come_back, reads=True, when=soon)
            return session.prompt(*question, default=draft, pre_run=begin, set_exception_handler=False)

    def interject(self, show: Callable[[], None]) -> None:
        """Show something above the prompt, from any thread; does nothing without a prompt."""
        app = self._session.app

        # The line editor's own way to do this would echo what is typed in that moment, and take an Enter for
        # a newline.
        def above() -> None:
            if app.is_running and not app.is_done:
                app.renderer.erase()
                show()
                app.invalidate()

        if (loop := app.loop) is not None:
            with suppress(RuntimeError):  # the prompt ended in this moment
                loop.call_soon_threadsafe(above)

    def _keep_whole(self, buffer: Buffer) -> None:
        self._stood = keep_whole(buffer, self._stood)

    def _go_above_what_wrapped(self) -> None:
        """Before erasing: go to where the prompt begins if a narrower window has wrapped its rows.

        The editor erases from as many rows up as it has drawn, and would leave a copy of the others.
        """
        app = self._session.app
        screen, size = app.renderer.last_rendered_screen, app.output.get_size()
        narrower = self._size is not None and size.columns < self._size.columns
        if screen is None or not (narrower and self._rewraps):
            return
        cursor = screen.get_cursor_position(app.layout.current_window)
        wrapped = sum(_columns(screen, y) // size.columns for y in range(cursor.y))
        app.output.cursor_up(wrapped + cursor.x // size.columns)

    def _erase_if_resized(self, app: object) -> None:
        # A key may be drawn before the signal of the new size is handled.
        renderer, size = self._session.app.renderer, self._session.app.output.get_size()
        if renderer.last_rendered_screen is not None and size != self._size:
            renderer.erase()
        self._drawing = size

    def _drawn(self, app: object) -> None:
        self._size, self._drawing = self._drawing, None
        if self._on_first_drawing is not None:
            begin, self._on_first_drawing = self._on_first_drawing, None
            begin()
        loop = self._session.app.loop
        if self._ahead and loop is not None:
            keys, self._ahead = self._ahead, []
            loop.call_soon(self._type, keys)

    def _type(self, keys: list[KeyPress]) -> None:
        processor = self._session.app.key_processor
        processor.feed_multiple(keys)
        processor.process_keys()
