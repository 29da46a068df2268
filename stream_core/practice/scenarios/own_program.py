"""How to stream in one's own program."""

from stream_core.practice.answers import Tries, answer

SCENARIO = answer(
    "own_program",
    "¿Cómo hago streaming en mi programa?",
    asked=[
        "como/how hago/hacer/uso/usar/programo/programar/implemento/implementar/pongo/anado/integro/"
        "escribo/do/use/"
        "implement/write/add streaming/biblioteca/libreria/library/stream_core",
        "streaming python/codigo/programa/aplicacion/app/code/program/script !aprend*/estudi*",
        "ejemplo/example codigo/code/python",
        "codigo/code streaming/minimo/ejemplo",
        "mi/propio/my/own programa/aplicacion/app/codigo/program/script",
        "stream core/reply",
        "asincrono/async/asyncio/await/sincrono",
        "sdk",
        "sin/without biblioteca/libreria/library",
        "curl",
    ],
    brief="""\
Abres un cliente, pides la respuesta y recorres los deltas: un `with` y un `for`. Al final preguntas cómo \
acabó.""",
    text="""\
```python
from stream_core import Text, open_client, practice_server, stream_reply

with practice_server() as url:  # con clave, sin esta línea: open_client()
    client = open_client(base_url=url)
    question = {"role": "user", "content": "¿Qué es un token?"}
    with stream_reply(client, model="claude-sonnet-5-5", max_tokens=500, messages=[question]) as stream:
        for delta in stream:
            if isinstance(delta, Text):
                print(delta.text, end="", flush=True)
print("\\n", stream.reply.outcome)
```

El `flush=True` importa: sin él, Python guarda el texto y lo suelta de golpe. Con `async`, lo mismo con \
`astream_reply` y `async for`.""",
    more="""\
La red no lanza ninguna excepción a mitad del bucle: el fallo llega como último delta (`Failed`) y lo \
recibido sigue en `stream.reply`. Solo los errores de quien programa se lanzan.""",
    english="""\
Open a client, `with stream_reply(…) as stream:`, loop over the deltas and print `delta.text` of those that \
are `Text`; then look at `stream.reply.outcome`.""",
    tries=Tries(
        chat="copia ese programa con `/copiar 1`, guárdalo en un archivo y ejecútalo: no necesita clave.",
        one_shot="guarda ese programa en `prueba.py` y ejecútalo: no necesita clave.",
        demos="la demo 1 es ese bucle, y la lección 12, el mismo sin la biblioteca.",
        library="pégalo tal cual y cambia la pregunta por «¿Qué es un delta?».",
    ),
)
