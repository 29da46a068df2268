"""How streaming works."""

from stream_core.practice.answers import Tries, answer

SCENARIO = answer(
    "streaming_how",
    "¿Cómo funciona el streaming?",
    asked=[
        "como/how funcion*/trabaj*/work/works/hace/va stream* !no",
        "como/how funcion*/works !no/internet/red/python/web",
        "por que llega*/aparece*/sale*/escrib* poco/trozos/letra*/partes/trozo",
        "funcionamiento stream*",
        "how does stream* work",
        "dentro/interior/interno/paso stream*",
    ],
    brief="""\
Una sola petición HTTP, y una respuesta que no se cierra hasta el final. Por ella llegan **bytes**, que \
forman **eventos** (SSE), que traen **deltas**, que sumados son el texto que lees.""",
    text="""\
1. El programa envía la pregunta con `"stream": true`.
2. El servidor contesta enseguida con las cabeceras y deja la conexión abierta.
3. Llega `message_start`: ya hay respuesta, aunque sin texto.
4. Por cada trozo llega un `content_block_delta` con unas letras:

```
event: content_block_delta
data: {"type":"content_block_delta","index":0,
       "delta":{"type":"text_delta","text":"Hola"}}
```

5. Al final, `message_delta` dice **por qué acabó** y cuántos tokens fueron; `message_stop` cierra.

El programa suma los deltas en orden y repinta solo el final de la pantalla. Si la conexión se cierra antes \
de `message_stop`, sabe que la respuesta está a medias.""",
    more="""\
Los límites de los bytes no coinciden con los de los eventos: un evento puede llegar partido, incluso por la \
mitad de una «ñ» (dos bytes en UTF-8). Por eso hay un decodificador que guarda lo incompleto hasta que llega \
el resto. Entre eventos puede venir un `ping`, que solo dice «sigo aquí».""",
    english="""\
One HTTP request, and a response that stays open: bytes form server-sent **events**, most events carry a \
**delta** (a few letters), and the deltas added up are the text. `message_stop` says that it is complete.""",
    tries=Tries(
        chat="`/fallo corte:12` y luego esta misma pregunta: se corta tras doce trozos, y `/continuar` la "
        "acaba.",
        one_shot='`python streaming_chatbot.py --practice --debug "Hola"` apunta en un archivo cada evento '
        "que "
        "llega, con su hora.",
        demos="la lección 12 es ese bucle entero, de los bytes al texto, en 40 líneas.",
        library="`for delta in stream: print(delta)` muestra todo lo que llega: `Opened`, `Text`… y al final "
        "`Finished`.",
    ),
)
