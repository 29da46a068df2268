"""What a tool is."""

from stream_core.practice.answers import Tries, answer

SCENARIO = answer(
    "tool",
    "¿Qué es una herramienta?",
    asked=[
        "herramienta/herramientas/tool/tools",
        "tool use/calling/call",
        "tool use/result",
        "function calling",
        "llamada* funcion*/herramienta*",
        "mcp",
        "como/how usa/se/anado/anadir/agrego/agregar/creo/crear/uso/usar/doy/dar/add/write herramienta*/"
        "tool*/funcion*",
    ],
    brief="""\
Una **herramienta** es una función *de tu programa* que el modelo puede pedir: la calculadora, el reloj, \
leer un archivo. El modelo no ejecuta nada: pide; tu programa decide, ejecuta y le devuelve el resultado.""",
    text="""\
El camino tiene dos peticiones:

1. Envías la pregunta y la lista de herramientas (nombre, descripción y esquema de la entrada).
2. El modelo contesta con un bloque `tool_use`: qué herramienta, y la entrada en JSON, que también llega **a \
trozos**. El motivo de parada es `tool_use`.
3. Tu programa la ejecuta y envía el resultado en un `tool_result`.
4. El modelo sigue escribiendo con el resultado delante.

En el modo práctica las frases están preparadas, pero las herramientas son de verdad: las ejecuta tu \
programa. También las tuyas.""",
    more="""\
La entrada no se puede usar hasta que el bloque está cerrado: medio JSON no es JSON. Y todo resultado es \
*dato ajeno*: lo que devuelve una herramienta se trata con la misma desconfianza que lo que escribe una \
persona.""",
    english="""\
A **tool** is a function of your program that the model may ask for: it sends a name and JSON input, your \
program runs it and sends the result back, and the model goes on with it.""",
    tries=Tries(
        chat="pregunta «¿Cuánto es 1250 * 1.21, y qué hora es en Tokio?». `/herramientas` dice cuáles hay.",
        one_shot='`python streaming_chatbot.py --practice "¿Cuánto es 1250 * 1.21?"`; con `--tools '
        "archivo.py`, "
        "también las tuyas.",
        demos="la demo 5 muestra cómo llega la entrada de cada herramienta; la lección 11, además, qué "
        "piensa.",
        library="`stream_turn(client, tools=[calculate], …)`, con "
        "`from stream_core.tools.calculator import calculate`.",
    ),
)
