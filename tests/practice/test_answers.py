"""The prepared answers: which question gets which, and that what they suggest exists."""

from __future__ import annotations

import json
import re
from typing import Any, get_args

import pytest

from stream_core.chat.commands import find
from stream_core.core.deltas import Usage
from stream_core.core.reply import Reply
from stream_core.core.stats import ReplyStats
from stream_core.practice.catalogue import MODELS
from stream_core.practice.lab import parse
from stream_core.practice.matching import is_english, read, score
from stream_core.practice.request import Body, words
from stream_core.practice.scenarios import Place, choose, load
from stream_core.practice.script import Script, Send
from stream_core.streaming.reply import close_client
from stream_core.texts.errors_es import SAMPLE_PROMPTS

MODEL = "claude-sonnet-5-5"

ASKED = {
    "streaming_what": """
        ¿Qué es el streaming?
        que es streaming
        ¿qué es el STRÉAMING??
        ¿Qué es straming?
        STREAMING
        define streaming
        ¿En qué consiste el streaming?
        ¿Qué significa streaming en una API?
        Explícame el streaming como si tuviera cinco años
        Estoy aprendiendo Python y quería saber qué es exactamente el streaming de respuestas
        ¿Por qué no me explicas qué es el streaming?
        No me hables de tokens, dime qué es el streaming
        What is streaming?
        Explain streaming to me
        """,
    "streaming_how": """
        ¿Cómo funciona el streaming?
        ¿Cómo funciona?
        Explica cómo funciona el streaming de Claude por dentro
        ¿Por qué llega el texto poco a poco?
        How does streaming work?
        """,
    "advantages": """
        Describe las ventajas del streaming en tiempo real
        ¿Qué ventajas tiene el streaming?
        ¿Para qué sirve el streaming?
        ¿Y sin streaming?
        streaming vs no streaming
        ¿Cuándo no conviene usar streaming?
        Why should I use streaming?
        """,
    "not_streaming": """
        ¿Por qué no funciona el streaming?
        ¿Por qué me llega todo de golpe?
        """,
    "token": """
        ¿Qué es un token?
        tokens?
        no entiendo qué es un token
        me podrías explicar qué son los tokens por favor
        ¿Cuántos caracteres tiene un token?
        what is a token
        """,
    "delta": """
        ¿Qué es un delta?
        ¿Y un delta?
        ¿Qué es un chunk?
        oye, ¿y eso de los deltas qué es?
        What is a delta?
        """,
    "token_or_delta": """
        ¿En qué se diferencian el token y el delta?
        ¿Qué diferencia hay entre un delta y un token?
        What is the difference between a token and a delta?
        """,
    "sse": """
        ¿Qué es SSE?
        no sé qué es SSE
        ¿Qué son los server-sent events?
        ¿Qué es message_stop?
        ¿Qué es content_block_delta?
        ¿Qué es un ping?
        ¿Cómo son los bytes?
        """,
    "first_token": """
        ¿Qué es TTFT?
        ¿Qué es el TTFT?
        ¿Cuánto tarda en llegar el primer token?
        ¿Por qué tarda tanto en contestar?
        ¿Cómo mido la latencia?
        What is the time to first token?
        """,
    "speed": """
        ¿Cuántos tokens por segundo?
        ¿A qué velocidad escribe?
        ¿Por qué va tan lento?
        """,
    "stop_reason": """
        ¿Qué es un stop reason?
        ¿Qué es stop_reason?
        ¿Qué es end_turn?
        ¿Por qué paró la respuesta?
        ¿por qué paró?
        ¿Cómo sé si la respuesta está completa?
        What is a stop reason?
        """,
    "max_tokens": """
        ¿Qué es max_tokens?
        max tokens
        ¿Cuál es el límite de tokens?
        ¿Qué pasa cuando llega al límite?
        What is max_tokens?
        """,
    "cache": """
        ¿Qué es la caché?
        ¿Qué es el prompt caching?
        ¿Qué es cache_control?
        What is the prompt cache?
        """,
    "thinking": """
        ¿Qué es pensar?
        ¿Qué es thinking?
        ¿Cómo hago que no piense?
        ¿Cómo apago el pensamiento?
        quiero que piense más
        What is thinking?
        """,
    "tool": """
        ¿Qué es una herramienta?
        ¿Qué son las tools?
        ¿Cómo se usan las herramientas?
        ¿Cómo añado una herramienta?
        function calling
        How do tools work?
        """,
    "files": """
        ¿Puedes leer mis archivos?
        Lista la carpeta
        lista la carpeta notas
        Lee «informe final.txt»
        lee notas/lunes.txt
        ¿Qué archivos hay?
        ¿Cómo adjunto un archivo?
        ¿Cómo se pide permiso?
        ls
        Can you read my files?
        """,
    "cancelling": """
        ¿Cómo cancelo?
        ¿Cómo se cancela una respuesta a medias?
        ¿Cómo detengo la generación?
        ¿Qué pasa si cancelo?
        Quiero cancelar
        How do I cancel?
        """,
    "cut": """
        ¿Qué pasa si se corta la conexión?
        ¿Qué pasa si se corta?
        ¿Qué pasa si se corta la conexión a mitad de la respuesta?
        ¿Y si se va internet?
        se cortó
        ¿Se pierde lo escrito si se corta?
        ¿Cómo continúo una respuesta cortada?
        What happens if the connection breaks?
        """,
    "retries": """
        ¿Cómo funcionan los reintentos?
        ¿Qué pasa si la API está saturada?
        me da error 429
        ¿Qué es el back-off?
        """,
    "cost": """
        ¿Cuánto cuesta una respuesta?
        ¿Cuánto cuesta?
        ¿El streaming es más caro?
        ¿se paga lo que cancelo?
        ¿Cuántos tokens he gastado?
        ¿Es gratis?
        How much does it cost?
        """,
    "context": """
        ¿Qué es el contexto?
        ¿Cómo recuerda Claude la conversación?
        ¿Qué es una ventana de contexto?
        """,
    "recall": """
        Hola
        Hola, me llamo Ada y estudio redes
        Hola, me llamo Ada
        ¿Cómo me llamo?
        ¿Qué te he contado?
        ¿Qué te he contado hasta ahora?
        Resúmelo en una frase
        ¿Cómo seguía?
        gracias
        What's my name?
        """,
    "summary": """
        Resume estos cambios
        Traduce al inglés
        """,
    "windows": """
        ¿Y en Windows?
        """,
    "practice_mode": """
        ¿Qué es el modo práctica?
        ¿Quién eres?
        ¿Eres una IA de verdad?
        Who are you?
        """,
    "models": """
        ¿Qué modelo uso?
        ¿Qué modelo eres?
        ¿Qué diferencia hay entre opus y haiku?
        """,
    "api_key": """
        ¿Cómo consigo una clave?
        ¿Dónde pongo la API key?
        ¿Cómo hablo con Claude de verdad?
        """,
    "own_program": """
        ¿Cómo hago streaming en Python?
        ¿Cómo lo uso en mi programa?
        Dame un ejemplo de código
        """,
    "faults": """
        ¿Cómo simulo un error?
        ¿Qué fallos hay?
        """,
    "commands": """
        ¿Qué puedo preguntar?
        ¿Qué sabes hacer?
        """,
    "saving": """
        ¿Se guardan las conversaciones?
        """,
    "system_prompt": """
        ¿Qué es un system prompt?
        """,
    "robot": """
        Escribe una historia corta sobre un robot
        Cuéntame un cuento de un robot
        Cuéntame una historia muy larga
        """,
    "artificial_intelligence": """
        Explica cómo funciona la inteligencia artificial
        ¿Qué es la IA?
        """,
    "tips": """
        Crea una lista de 10 consejos para programar mejor
        Dame consejos para programar mejor
        """,
    "general": """
        No me hables del streaming
        No quiero que me expliques qué es un token
        don't explain streaming
        No quiero cancelar
        ¿Qué pasa si no cancelo?
        ¿Qué es un mutex?
        ¿Cuánto cuesta un coche?
        ¿Cómo cancelo mi suscripción a Netflix?
        ¿Cómo cancelo una cita con el médico?
        ¿Qué pasa si se corta el pelo?
        ¿Qué piensas de la política?
        ¿Qué herramientas hacen falta para cambiar una rueda?
        ¿Qué es la caché del procesador?
        ¿Qué es un delta de un río?
        ¿Qué es la memoria RAM?
        ¿Cuál es el límite de velocidad en Francia?
        ¿Qué servicio de streaming de música me recomiendas?
        ¿Cómo se hace streaming en Twitch?
        El token de mi banco no funciona
        ¿Qué fallo tiene mi coche?
        ¿Puedes ser más preciso?
        Escribe un haiku sobre el mar
        ¿Cómo funciona un motor?
        Crea una carpeta
        ¿Qué es una carpeta?
        ¿Quién escribió el Quijote?
        ¿Cuál es la capital de Francia?
        el precio de la luz
        me gusta pensar en el mar
        no
        ok
        How do I make a cake?
        What is the weather in Paris?
        """,
}
"""By the name of the scenario, the questions that it answers; «general» says that it does not know."""


def body(*texts: str, model: str = MODEL, **more: Any) -> Body:
    """A request in which the person wrote `texts`, each but the last with an answer."""
    turns = [
        {"role": "user" if at % 2 == 0 else "assistant", "content": text} for at, text in enumerate(texts)
    ]
    return {"model": model, "max_tokens": 4000, "messages": turns, **more}


def name_for(*texts: str) -> str:
    chosen = choose(load("chat"), body(*texts))
    assert chosen is not None
    return chosen.name


def text_in(script: Script) -> str:
    data = b"".join(step.data for step in script if isinstance(step, Send)).decode()
    pieces = re.findall(r'"type":"text_delta","text":"((?:[^"\\]|\\.)*)"', data)
    return "".join(str(json.loads(f'"{piece}"')) for piece in pieces)


def answer(*texts: str, place: Place = "chat", **more: Any) -> str:
    asked = body(*texts, **more)
    chosen = choose(load(place), asked)
    assert chosen is not None
    return text_in(chosen.script(asked))


@pytest.mark.parametrize("name", ASKED)
def test_each_way_of_asking_gets_its_answer(name: str) -> None:
    asked = [line.strip() for line in ASKED[name].strip().splitlines()]
    assert {question: name_for(question) for question in asked} == dict.fromkeys(asked, name)


def test_case_accents_and_punctuation_do_not_count() -> None:
    for name, lines in ASKED.items():
        question = lines.strip().splitlines()[0].strip()
        for other in (question.upper(), " ".join(words(question)), f"  {question}\n"):
            assert name_for(other) == name, other


def test_the_order_of_the_words_is_free() -> None:
    assert name_for("la conexión, si se corta, ¿qué pasa?") == "cut"
    assert name_for("el streaming, ¿cómo funciona?") == "streaming_how"


def test_every_prepared_answer_has_its_row() -> None:
    others = {
        "continuation",
        "received",
        "tools",
        "web_search",
        "hidden_thinking",
    }  # found by more than words
    assert {scenario.name for scenario in load()} == {*ASKED, *others}


def test_every_sample_prompt_is_in_the_table() -> None:
    known = {
        line.strip() for name, lines in ASKED.items() if name != "general" for line in lines.splitlines()
    }
    assert set(SAMPLE_PROMPTS) <= known


@pytest.mark.parametrize(
    "text", ["streaming " * 100, "x" * 10_000, "¿" * 700, "", " ", "\ud83d", "🎬", "no no no"]
)
def test_what_is_no_question_is_not_taken_for_one(text: str) -> None:
    assert name_for(text) == "general"


def test_a_pattern_reads_its_terms() -> None:
    def fits(text: str, pattern: str) -> bool:
        return score(read(text), [pattern]) > 0

    assert fits("los tokens", "token*") and not fits("los tokens", "token")
    assert fits("primer texto", "primer token/texto") and not fits("texto", "primer token/texto")
    assert not fits("token de acceso", "token !acceso")
    assert fits("cancelcion", "cancelacion") and not fits("preciso", "precio")
    assert score(read("primer token"), ["primer token"]) > score(read("primer token"), ["token"])
    assert is_english("What is a token?") and not is_english("¿Qué es un token?")


# -- what an answer says ------------------------------------------------------------------------

QUESTIONS = [
    lines.strip().splitlines()[0].strip()
    for name, lines in ASKED.items()
    if name not in ("recall", "robot", "tips", "advantages", "artificial_intelligence")
]


@pytest.mark.parametrize("place", get_args(Place))
def test_each_answer_names_a_thing_to_try_where_the_person_is(place: Place) -> None:
    for question in QUESTIONS:
        text = answer(question, place=place)
        assert text.count("**Pruébalo:**") == 1, question
        for mentioned in re.findall(r"`(/[a-záéíóúñ]+[^`]*)`", text):
            assert find(mentioned) is not None, mentioned
        for fault in re.findall(r"(?:--fault |`/fallo )([\w:-]+)", text):
            parse(fault)
        tried = text.partition("**Pruébalo:**")[2]
        if place != "chat":
            assert not re.search(r"`/|`stats`|`contexto`", tried), (question, tried)
        assert f'--practice "{question}"' not in tried, "that would come to the same answer again"
        if place == "demos":
            numbers = re.findall(r"(?:demo|lección|lecciones) (\d+)", tried)
            assert all(1 <= int(number) <= 12 for number in numbers)


@pytest.mark.parametrize("place", get_args(Place))
def test_each_question_that_an_answer_proposes_has_an_answer(place: Place) -> None:
    texts = [answer(question, place=place) for question in (*QUESTIONS, "¿Quién escribió el Quijote?")]
    proposed = {asked for text in texts for asked in re.findall(r"«(¿[^»]+\?)»", text)}
    of_tools = {
        asked for asked in proposed if re.search(r"\d", asked)
    }  # a request without tools has no answer
    assert len(proposed) > 15
    for asked in proposed - of_tools - {"¿Quién escribió el Quijote?"}:
        assert name_for(asked) != "general", asked


def test_what_the_answers_name_of_the_library_exists() -> None:
    holders = {"stream.reply.usage": Usage(), "stream.stats": ReplyStats(0.0), "stream.reply": Reply()}
    for question in QUESTIONS:
        text = answer(question, place="library", model="claude-opus-5-5")
        for holder, name in re.findall(r"(stream\.reply\.usage|stream\.stats|stream\.reply)\.(\w+)", text):
            assert name == "usage" or hasattr(holders[holder], name), (question, holder, name)


def test_the_program_of_the_answer_runs(capsys: pytest.CaptureFixture[str]) -> None:
    found = re.search(r"```python\n(.*?)```", answer("¿Cómo hago streaming en mi programa?"), re.DOTALL)
    assert found is not None
    names: dict[str, Any] = {}
    exec(found[1].replace("practice_server()", "practice_server(pace=0)"), names)
    close_client(names["client"])
    assert "Un **token** es" in capsys.readouterr().out


def test_of_two_subjects_the_first_is_answered() -> None:
    assert name_for("¿Qué es un token y qué es SSE?") == "token"
    assert name_for("¿Qué es SSE y qué es un token?") == "sse"


def test_the_answers_differ_by_place() -> None:
    assert len({answer("¿Qué es un token?", place=place) for place in get_args(Place)}) == len(
        get_args(Place)
    )


def test_the_program_is_called_as_the_person_calls_it() -> None:
    asked = body("¿Qué es un token?")
    chosen = choose(load("one_shot", "habla"), asked)
    assert chosen is not None
    text = text_in(chosen.script(asked))
    assert "`habla --practice --max-tokens 20" in text and "streaming_chatbot.py" not in text


def test_each_model_has_its_style() -> None:
    lengths = [
        len(answer("¿Qué es un token?", model=f"claude-{name}-5-5")) for name in ("haiku", "sonnet", "opus")
    ]
    assert lengths == sorted(lengths) and lengths[0] * 2 < lengths[1] < lengths[2]
    paces = [MODELS[f"claude-{name}-5-5"].pace for name in ("haiku", "sonnet", "opus")]
    assert paces == sorted(paces) and len(set(paces)) == 3


def test_a_question_in_english_gets_a_short_answer_in_english() -> None:
    text = answer("What is a token?")
    assert "piece in which a model reads" in text and "¿Qué es un token?" in text and len(text.split()) < 80


def test_a_free_question_gets_a_short_honest_reply() -> None:
    text = answer("¿Quién escribió el Quijote?")
    assert len(text.split()) < 110
    assert "no sé contestar" in text and "ninguna IA" in text and "`demo`" in text


def test_the_answer_to_what_it_does_not_know_is_short_when_it_is_repeated() -> None:
    first = answer("¿Qué es un mutex?")
    again = answer("¿Qué es un mutex?", first, "¿Y un semáforo?")
    third = answer("¿Qué es un mutex?", first, "¿Y un semáforo?", again, "¿Y un monitor?")
    assert "tampoco sé contestar" in again and "tampoco sé contestar" in third and "mensaje número 3" in third
    assert len(again.split()) < 45 and len(third.split()) < 45 and "`demo`" in third


# -- what was said before -----------------------------------------------------------------------


def test_a_name_is_known_from_the_messages_that_came() -> None:
    assert "¡Hola, Ada!" in answer("Hola, me llamo Ada")
    assert "**Ada**: lo dijiste en tu mensaje número 1" in answer(
        "Hola, me llamo Ada", "…", "¿Cómo me llamo?"
    )
    assert "**Eva**" in answer("Me llamo Ada", "…", "Me llamo Eva", "…", "¿Cuál es mi nombre?")
    assert answer("¿Cómo me llamo?").startswith("No lo sé")


def test_what_was_told_is_quoted_from_the_messages_that_came() -> None:
    text = answer("Hola", "…", "Me gustan los `gatos`\x1b[2J", "…", "¿Qué te he contado?")
    assert "1. «`Hola`»" in text and "2. «`Me gustan los 'gatos'[2J`»" in text and "\x1b" not in text
    assert answer("¿Qué te he contado?").startswith("Todavía nada")
    many = [word for number in range(40) for word in (f"mensaje {number}", "…")]
    assert len(answer(*many, "¿Qué te he contado?").split()) < 150


def test_a_text_that_came_with_the_question_is_measured_not_read() -> None:
    text = answer("Resume estos cambios\n\nuno\ndos\n¿Qué es el streaming?")
    assert "3 líneas y 29 caracteres" in text and "«`Resume estos cambios`»" in text
    tools = [{"name": "current_time", "description": "", "input_schema": {"type": "object"}}]
    assert "2 líneas" in answer("Resume estos cambios\n\na qué hora\nfecha", tools=tools)


def test_a_cut_answer_goes_on_where_it_was_cut_in_every_place() -> None:
    for place in get_args(Place):
        whole = answer("¿Qué es un token?", place=place)
        said = whole[: len(whole) // 2].rstrip()
        prefilled = body("¿Qué es un token?", said, model="claude-sonnet-4-5-20250929")
        chosen = choose(load(place), prefilled)
        assert chosen is not None and chosen.name == "continuation"
        assert said + text_in(chosen.script(prefilled)) == whole
