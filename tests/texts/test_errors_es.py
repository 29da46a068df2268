"""Errors told in Spanish: each has its sentence, and nothing from outside steers the terminal."""

from __future__ import annotations

import importlib
import re
from collections.abc import Iterator
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from stream_core.core import errors as e
from stream_core.core.deltas import Cancelled, Delta, Failed, Finished, Opened, Text, Thinking, Usage, Waiting
from stream_core.core.errors import Overloaded
from stream_core.core.reply import Reply
from stream_core.texts import errors_es as texts
from stream_core.texts.errors_es import cause, explain, retry_note
from stream_core.texts.outcomes_es import outcome_note

HOSTILE = [
    "\x1b[31mrojo\x1b[0m",
    "\x1b]0;título\x07 \x9b2J \x90q\x9c",
    "uno\ndos\r\ntres\u2028cuatro",
    "\u202eoirás\u202c \U000e0041 \ud83d",
    "[bold]no[/dim] {} {0} {detail!r} %s «»",
    "<html><body>502 Bad Gateway</body></html>",
    "x" * 10_000,
    "\x1b[31m \n" * 10_000,
    "",
    " \n\t ",
]
UNSAFE = re.compile(
    "[^\\S ]|[\x00-\x1f\x7f-\x9f\u202a-\u202e\u2066-\u2069\u2028\u2029\ud800-\udfff\U000e0000-\U000e007f]"
)
ODD_HINT = "ANTHROPIC_BASE_URL no debe llevar usuario. Quítalo."


def family(kind: type[e.StreamCoreError]) -> Iterator[type[e.StreamCoreError]]:
    """A class and all that derive from it."""
    yield kind
    for child in kind.__subclasses__():
        yield from family(child)


for _module in (
    "streaming.event_loop",
    "streaming.attempts",
    "sdk.client",
    "config.settings",
    "streaming.reply",
):
    importlib.import_module(f"stream_core.{_module}")  # an error class of their own would be found too

EVERY_KIND = sorted(
    {kind for kind in family(e.StreamCoreError) if kind.__module__.startswith("stream_core.")},
    key=lambda kind: kind.__name__,
)
API_KINDS = [kind for kind in EVERY_KIND if issubclass(kind, e.ApiError)]


def made(kind: type[e.StreamCoreError], outside: str = "") -> e.StreamCoreError:
    """An error of this kind with `outside` wherever text comes from outside."""
    if issubclass(kind, e.ConfigError):
        return kind(outside or ODD_HINT)
    error: Any = kind(outside)
    for name in (
        "detail",
        "api_type",
        "model",
        "source",
        "where",
        "aside",
        "title",
        "proxy",
        "alert",
        "answer",
    ):
        if hasattr(error, name):
            setattr(error, name, outside)
    assert isinstance(error, kind)
    return error


def test_the_tree_is_walked() -> None:
    assert {e.StreamCoreError, e.WrongLoop, e.Truncated, e.TooLarge, e.ConfigError} <= set(EVERY_KIND)
    assert len(EVERY_KIND) >= 22


@pytest.mark.parametrize("kind", EVERY_KIND)
def test_each_error_has_a_telling_of_its_own(kind: type[e.StreamCoreError]) -> None:
    assert kind in texts._EXPLAINERS


def test_no_two_errors_are_told_alike() -> None:
    told = [explain(made(kind)) for kind in EVERY_KIND]
    assert len(set(told)) == len(told)


@pytest.mark.parametrize("kind", EVERY_KIND)
def test_each_telling_is_a_spanish_sentence(kind: type[e.StreamCoreError]) -> None:
    sentence = explain(made(kind))
    assert re.match("[A-ZÁÉÍÓÚÑ«¿¡]", sentence)
    assert sentence[-1] in ".?"
    assert re.search(r"\b(el|la|de|no|que|en|y|lo)\b", sentence.lower())
    assert not re.search(r"\b(the|error:|failed|was)\b", sentence.lower())
    assert "  " not in sentence
    assert "{" not in sentence
    assert "()" not in sentence
    assert len(sentence) < 200


def test_an_error_that_is_not_known_is_told_as_its_parent() -> None:
    class Newer(e.RateLimited):
        """Something that came later."""

    assert explain(Newer()) == explain(e.RateLimited())


@pytest.mark.parametrize("kind", EVERY_KIND)
def test_text_from_outside_comes_out_as_one_safe_line(kind: type[e.StreamCoreError]) -> None:
    for outside in HOSTILE:
        line = explain(made(kind, outside))
        assert not UNSAFE.search(line), outside
        assert len(line) < 500, outside
        line.encode()


@given(st.text(st.characters(codec=None)), st.sampled_from(EVERY_KIND))
def test_any_text_from_outside_comes_out_as_one_safe_line(
    outside: str, kind: type[e.StreamCoreError]
) -> None:
    assert not UNSAFE.search(explain(made(kind, outside)))


# -- what comes from outside --------------------------------------------------------------------


@pytest.mark.parametrize("kind", [e.ApiError, e.BadRequest, e.TooLarge, e.AccessDenied, e.ServerError])
def test_the_apis_own_message_is_quoted(kind: type[e.ApiError]) -> None:
    assert " («max_tokens: {0} [b]»)" in explain(kind(detail="max_tokens:\n{0} [b]"))
    assert " («" not in explain(kind(detail=" \x1b[31m"))


@pytest.mark.parametrize("kind", [e.AuthFailed, e.RateLimited, e.Overloaded])
def test_where_the_apis_message_adds_nothing_it_is_left_out(kind: type[e.ApiError]) -> None:
    assert "invalid x-api-key" not in explain(kind(detail="invalid x-api-key"))


def test_the_message_of_an_error_is_not_shown() -> None:
    for kind in EVERY_KIND:
        if kind is not e.ConfigError:
            assert "sk-ant-secreto" not in explain(kind("sk-ant-secreto"))


def test_a_configuration_error_is_told_by_its_hint() -> None:
    assert explain(e.ConfigError("A --model le falta su valor.")) == "A --model le falta su valor."
    assert explain(e.ConfigError("x" * 401)).endswith("…")


def test_a_credential_that_is_not_accepted_names_its_source() -> None:
    error = e.AuthFailed()
    assert "viene de" not in explain(error)
    error.source = "ANTHROPIC_API_KEY"
    assert "(viene de ANTHROPIC_API_KEY)" in explain(error)


@pytest.mark.parametrize(
    ("model", "told"),
    [
        (
            "claude-sonet-5-5",
            "«claude-sonet-5-5» no existe, ya se retiró o tu cuenta no tiene acceso. ¿Querías",
        ),
        ("claude-sonet-5-5", "acceso. ¿Querías decir «claude-sonnet-5-5»? Elige otro con --model."),
        ("claude-opus-5-5", "«claude-opus-5-5» no existe, ya se retiró o tu cuenta no tiene acceso. Elige"),
        ("", "El modelo pedido no existe o tu cuenta no tiene acceso."),
        ("\x1b[31m", "El modelo pedido no existe o tu cuenta no tiene acceso."),
        ("x" * 10_000, "«" + "x" * 59 + "…»"),
    ],
)
def test_a_model_that_does_not_exist(model: str, told: str) -> None:
    error = e.ModelNotFound()
    error.model = model
    assert told in explain(error)


@pytest.mark.parametrize(
    ("seconds", "told"),
    [
        (0.0, "1 segundo"),
        (0.4, "1 segundo"),
        (1.0, "1 segundo"),
        (1.1, "2 segundos"),
        (59.2, "60 segundos"),
        (89.0, "89 segundos"),
        (89.1, "2 minutos"),
        (120.0, "2 minutos"),
        (121.0, "3 minutos"),
        (3600.0, "60 minutos"),
        (5340.0, "89 minutos"),
        (5341.0, "2 horas"),
        (7200.0, "2 horas"),
        (7201.0, "3 horas"),
        (86_400.0, "24 horas"),
    ],
)
def test_how_long_the_api_asks_to_wait(seconds: float, told: str) -> None:
    error = e.RateLimited()
    error.retry_after = seconds
    assert explain(error).endswith(f"Vuelve a preguntar dentro de {told}.")


@given(st.floats(0, 1e9))
def test_a_wait_is_never_promised_too_short(seconds: float) -> None:
    amount, unit = texts._span(seconds).split()
    worth = int(amount) * {"segundo": 1, "segundos": 1, "minutos": 60, "horas": 3600}[unit]
    assert worth >= seconds
    assert worth <= max(1, seconds * 1.35 + 1)


def test_without_a_length_the_wait_is_a_moment() -> None:
    assert "Espera un poco" in explain(e.RateLimited())


# -- how a reply ended --------------------------------------------------------------------------

OPENED = Opened("msg_1", "claude-sonnet-5-5", Usage(), None, 1.0)
LOST = Failed(e.ConnectionLost(), 3.0)


def note(*deltas: Delta, in_chat: bool = True, before: str = "") -> str | None:
    reply = Reply()
    for delta in deltas:
        reply.feed(delta)
    return outcome_note(reply, in_chat=in_chat, before=before)


def ended(stop_reason: str, **more: Any) -> Finished:
    return Finished(stop_reason, Usage(), 3.0, **more)


@pytest.mark.parametrize("stop_reason", ["end_turn", "stop_sequence", "tool_use"])
def test_a_reply_that_simply_ended_needs_no_note(stop_reason: str) -> None:
    assert note(OPENED, Text("Hola", 0, 2.0), ended(stop_reason)) is None


def test_a_reply_under_way_has_no_note() -> None:
    assert note() is None
    assert note(OPENED, Text("Hola", 0, 2.0)) is None


@pytest.mark.parametrize("ending", [Cancelled(3.0), LOST])
@pytest.mark.parametrize(
    ("text", "kept"),
    [
        ("Hola", "Conservo los 4 caracteres que llegaron"),
        ("H", "Conservo el carácter que llegó"),
        ("", "No había llegado texto"),
        (" \n", "No había llegado texto"),
    ],
)
def test_a_reply_that_was_stopped_says_what_was_kept(ending: Delta, text: str, kept: str) -> None:
    told = note(OPENED, Thinking("Veamos", 0, 1.5), Text(text, 1, 2.0), ending)
    assert told is not None
    stopped = isinstance(ending, Cancelled)
    assert told.startswith("Cancelada por ti. " if stopped else "Streaming interrumpido. ")
    assert kept in told
    assert told.endswith(".")


def test_a_reply_that_was_interrupted_says_why() -> None:
    cut = note(OPENED, Text("Hola", 0, 2.0), LOST) or ""
    assert cause(LOST.error) in cut and "«/continuar»" in cut and "«/reintentar»" not in cut
    assert "«/reintentar»" in (note(OPENED, LOST) or "")  # there is nothing to go on from
    assert note(LOST) == explain(LOST.error, in_chat=True)


def test_a_failure_after_several_attempts_says_how_many() -> None:
    again = Waiting("retry", 4, 4, 1.0, 1.0, Overloaded())
    assert "Lo intenté 4 veces." in (note(again, Failed(Overloaded(), 2.0)) or "")
    assert "Lo intenté" not in (note(Failed(Overloaded(), 2.0)) or "")


def test_what_was_kept_comes_before_what_to_do() -> None:
    cut = note(OPENED, Text("Hola", 0, 2.0), Failed(e.ProtocolError(), 3.0)) or ""
    assert cut.index("no se entiende") < cut.index("Conservo los 4") < cut.index("Si se repite")


def test_a_server_in_between_is_told_from_the_api() -> None:
    assert "servidor intermedio" in explain(e.ServerError(status=502))
    assert "La API tuvo un fallo" in explain(e.ServerError(status=500))


def test_advice_that_is_for_this_fault_alone_is_always_given() -> None:
    cut = note(OPENED, Text("Hola", 0, 2.0), Failed(e.TotalTimeout(), 3.0)) or ""
    assert "Sube --total-timeout" in cut and "«/continuar»" in cut


def test_the_commands_of_the_chat_are_named_in_the_chat_only() -> None:
    for kind in family(e.StreamCoreError):
        if not issubclass(kind, e.ConfigError):
            assert "«/" not in explain(kind()) and "El chat" not in explain(kind())
            assert "--model" not in explain(kind(), in_chat=True)


def test_a_reply_that_was_cut_short_says_by_what() -> None:
    assert "«/continuar»" in (note(OPENED, Text("Hola", 0, 1.0), ended("max_tokens")) or "")
    assert "antes de escribir nada" in (note(OPENED, ended("max_tokens")) or "")
    assert "llenó el espacio del modelo" in (note(OPENED, ended("model_context_window_exceeded")) or "")


def test_a_pause_says_how_to_go_on() -> None:
    assert "Pide que siga" in (note(OPENED, Text("Hola", 0, 1.0), ended("pause_turn")) or "")


def test_a_conversation_that_is_too_long_says_how_to_begin_another() -> None:
    assert "«limpiar»" in explain(e.TooLarge())
    assert "«limpiar»" in (note(OPENED, Text("Hola", 0, 1.0), ended("model_context_window_exceeded")) or "")


def test_a_refusal_is_told_with_its_category() -> None:
    details = {"type": "refusal", "category": "cyber"}
    assert "(categoría: cyber)" in (note(OPENED, ended("refusal", stop_details=details)) or "")
    for without in (None, {}, {"category": None}):
        assert "categoría" not in (note(OPENED, ended("refusal", stop_details=without)) or "")


def test_a_stop_reason_that_is_newer_is_shown() -> None:
    assert "«a_newer_reason»" in (note(OPENED, ended("a_newer_reason")) or "")


@pytest.mark.parametrize("outside", HOSTILE)
def test_a_note_is_one_safe_line(outside: str) -> None:
    error = e.ServerError(detail=outside)
    for told in (
        note(OPENED, Text(outside, 0, 2.0), Failed(error, 3.0)),
        note(OPENED, Text(outside, 0, 2.0), Cancelled(3.0)),
        note(OPENED, ended("refusal", stop_details={"category": outside})),
        note(OPENED, ended("refusal", stop_details={"category": {"x": outside}})),
        note(OPENED, ended(outside)),
    ):
        assert told is not None
        assert not UNSAFE.search(told)
        assert len(told) < 500


def test_what_happened_can_be_told_without_what_to_do() -> None:
    assert cause(Overloaded()) == "La API está saturada en este momento."
    assert explain(Overloaded()).startswith(cause(Overloaded()) + " ")


@pytest.mark.parametrize(("seconds", "told"), [(0.2, "1 s"), (3.4, "3 s"), (59.6, "60 s")])
def test_a_retry_is_told_without_advice(seconds: float, told: str) -> None:
    waiting = Waiting("retry", 2, 4, seconds, 1.0, Overloaded())
    assert retry_note(waiting) == f"Reintento 2/4 en {told}: la API está saturada en este momento."


def test_a_program_that_ends_promises_nothing() -> None:
    reply = Reply()
    for delta in (OPENED, Text("Hola", 0, 1.0), Cancelled(2.0)):
        reply.feed(delta)
    assert outcome_note(reply, in_chat=False) == "Cancelada por ti."


def test_a_reply_that_says_nothing_is_told() -> None:
    assert "sin escribir nada" in (note(OPENED, ended("end_turn")) or "")
    assert note(OPENED, ended("tool_use")) is None


# -- how a continuation ended -------------------------------------------------------------------

KEPT = "Conservo los 13 caracteres que llegaron. «/continuar» sigue desde ahí."
NOTHING_NEW = "No llegó nada nuevo. Conservo lo que había (13 caracteres); «/continuar» lo intenta otra vez."
ACCOUNT = "Revisa los permisos y el saldo en la consola de Anthropic."


@pytest.mark.parametrize(
    ("deltas", "told"),
    [
        ([OPENED, Cancelled(3.0)], f"Cancelada por ti. {NOTHING_NEW}"),
        ([OPENED, LOST], f"Streaming interrumpido. {cause(e.ConnectionLost())} {NOTHING_NEW}"),
        ([Failed(Overloaded(), 3.0)], f"{cause(Overloaded())} {NOTHING_NEW}"),
        ([Failed(e.AccessDenied(), 3.0)], f"{cause(e.AccessDenied())} {NOTHING_NEW} {ACCOUNT}"),
        (
            [OPENED, Text(" un", 0, 2.0), Cancelled(3.0)],
            f"Cancelada por ti. {KEPT.replace('13', '16')}",
        ),
        ([OPENED, ended("end_turn")], "No faltaba nada: la respuesta ya estaba entera."),
        ([OPENED, Text(" un faro.", 0, 2.0), ended("end_turn")], None),
        ([OPENED, ended("refusal")], "Claude no quiso seguir con esto. La respuesta queda como estaba."),
    ],
)
def test_what_had_arrived_before_a_continuation_counts(deltas: list[Delta], told: str | None) -> None:
    assert note(*deltas, before="Érase una vez") == told


def test_a_continuation_that_only_thought_was_cut_short_all_the_same() -> None:
    assert "«/continuar» la sigue" in (note(OPENED, ended("max_tokens"), before="Érase") or "")


@pytest.mark.parametrize("ending", [LOST, Failed(Overloaded(), 3.0), Cancelled(3.0), ended("max_tokens")])
def test_a_program_that_ends_names_no_command_of_the_chat(ending: Delta) -> None:
    for before in ("", "Érase"):
        for deltas in ([ending], [OPENED, ending], [OPENED, Text("Hola", 0, 1.0), ending]):
            assert "«/" not in (note(*deltas, in_chat=False, before=before) or "")
