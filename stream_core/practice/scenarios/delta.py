"""What a delta is."""

from stream_core.practice.answers import Tries, answer

SCENARIO = answer(
    "delta",
    "¿Qué es un delta?",
    asked=[
        "delta/deltas !rio/ebro/nilo/variante/covid/aerolinea/force",
        "trozo/trozos/chunk/chunks/fragmento/fragmentos/pedazo/pedazos",
    ],
    brief="""\
Un **delta** es lo que cambia: el trozo de respuesta que acaba de llegar. Si ya tenías «Hola, » y llega el \
delta «mundo», ahora tienes «Hola, mundo».""",
    text="""\
Cada uno viaja en un evento `content_block_delta`, y hay de varias clases:

| Delta | Qué trae |
|---|---|
| `text_delta` | letras del texto |
| `thinking_delta` | letras de lo que piensa |
| `input_json_delta` | un trozo de la entrada de una herramienta, en JSON |
| `signature_delta` | la firma que cierra un pensamiento |

Un delta no es una palabra ni una línea: se corta donde toca, a veces en mitad de un `**` de Markdown. Por \
eso un programa no puede dar formato a cada delta por separado; los suma y da formato a la suma.""",
    more="""\
En esta biblioteca cada delta es un objeto inmutable con su hora (`at`), y toda iteración acaba con uno de \
tres: `Finished`, `Cancelled` o `Failed`. Así nunca hay que adivinar cómo acabó.""",
    english="""\
A **delta** is what has just arrived: a few letters to append to what you have. Deltas of text, of thinking \
and of tool input come in the same stream; added up they are the reply.""",
    tries=Tries(
        chat="`/radiografia` muestra cada delta de esta respuesta, y la pausa que hubo antes.",
        one_shot='`python streaming_chatbot.py --practice --xray "¿Qué es un delta?"`: un delta por línea.',
        demos="la demo 1 escribe cada delta según llega, sin nada más.",
        library="`for delta in stream: print(type(delta).__name__)`.",
    ),
)
