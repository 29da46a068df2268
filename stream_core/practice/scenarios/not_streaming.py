"""Why the text does not come bit by bit."""

from stream_core.practice.answers import Tries, answer

SCENARIO = answer(
    "not_streaming",
    "¿Por qué no me llega a trozos?",
    asked=[
        "no funciona/va/ve/veo/hace/works/work stream*",
        "llega/sale/aparece/comes/arrives todo golpe/junto/vez/once",
        "todo/todos/all golpe/junto/once",
        "no llega/sale/aparece/veo/actualiza/trozos poco/trozos/letra/panel/pantalla/texto",
        "flush/buffer/buffering",
    ],
    brief="""\
Si el texto aparece todo de golpe, casi siempre alguien lo está **juntando** por el camino: tu programa, la \
terminal o un intermediario.""",
    text="""\
Mira, por este orden:

1. **Tu `print`**: pon `flush=True`. Sin él, Python guarda hasta tener una línea o más.
2. **Una tubería**: detrás de `| tee` o en un archivo, otros programas esperan a tener bastante.
3. **Un proxy** (nginx, una VPN de empresa): puede retener la respuesta entera. En nginx, `proxy_buffering \
off`.
4. **El modelo piensa**: hay una espera larga y luego llega seguido. Eso no es un fallo.
5. **No pediste streaming**: falta `"stream": true` en la petición.""",
    english="""\
If the text comes all at once, something collects it on the way: your `print` without `flush=True`, a pipe, \
a proxy that buffers, or a request without `"stream": true`.""",
    tries=Tries(
        chat="`stats`: si «Pausa entre deltas» es pequeña y hay muchos deltas, llega bien y el atasco está "
        "después.",
        one_shot='`python streaming_chatbot.py --practice "Hola" | cat`: por una tubería también llega a '
        "trozos.",
        demos="la demo 6: con streaming llegan muchos deltas; sin él, un solo aviso al final.",
        library="`stream.stats.gaps`: muchas pausas cortas es streaming; una larga y nada más, no.",
    ),
)
