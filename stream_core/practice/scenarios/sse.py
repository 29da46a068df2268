"""What SSE is."""

from stream_core.practice.answers import Tries, answer

SCENARIO = answer(
    "sse",
    "¿Qué es SSE?",
    asked=[
        "sse",
        "server sent event*",
        "evento/eventos/event/events",
        "message start/stop/delta",
        "content block",
        "ping/pings",
        "cable/wire/bytes !red/usb/hdmi/luz",
        "protocolo/protocol/formato",
        "text event stream*",
        "diferencia/diferencias/versus/vs/mejor websocket* sse",
        "websocket*",
    ],
    brief="""\
**SSE** (*server-sent events*) es el formato en que llega el streaming: texto plano por HTTP, una línea \
`event:` con el nombre, una `data:` con el contenido y una línea vacía que cierra cada evento.""",
    text="""\
```
event: ping
data: {"type":"ping"}

event: content_block_delta
data: {"type":"content_block_delta","index":0,"delta":{"type":"text_delta","text":"Hola"}}

```

El orden de una respuesta es siempre parecido:

1. `message_start`: el modelo y los tokens de entrada.
2. `content_block_start`, muchos `content_block_delta`, `content_block_stop`: un bloque (texto, pensamiento \
o herramienta).
3. `message_delta`: por qué acabó, y los tokens de salida.
4. `message_stop`: ya está todo.

Entre medias puede venir un `ping`, para que se sepa que la conexión vive. Va en un solo sentido, del \
servidor a ti; para eso no hace falta un WebSocket.""",
    more="""\
El formato es de la norma de HTML (WHATWG): líneas acabadas en `\\n`, `\\r\\n` o `\\r`, comentarios que \
empiezan por `:`, y varias líneas `data:` que se unen con saltos. La API de Anthropic no usa los `id:` ni la \
reconexión automática que la norma permite: si se corta, decide tu programa.""",
    english="""\
**SSE** (*server-sent events*) is the format of the stream: plain text over HTTP, an `event:` line with a \
name, a `data:` line with JSON, and an empty line that ends the event.""",
    tries=Tries(
        chat="`/radiografia` muestra los eventos de esta misma respuesta, con sus tiempos y sus bytes.",
        one_shot='`python streaming_chatbot.py --practice --debug "Hola"`, y abre el archivo que nombra.',
        demos="la lección 10 muestra los bytes y el texto que sale de ellos, y la 12 los lee sin biblioteca.",
        library="`python -m stream_core.lessons.bare_loop` lee SSE con la biblioteca estándar, y nada más.",
    ),
)
