"""How retries work."""

from stream_core.practice.answers import Tries, answer

SCENARIO = answer(
    "retries",
    "¿Cómo funcionan los reintentos?",
    asked=[
        "reintent*/retry/retries/backoff",
        "back off",
        "como/how funcion*/work reintent*/retries",
        "429/529/503/500/overloaded",
        "da/dan/sale/error/errores/codigo/fallo 429/529/503/500/overloaded",
        "rate limit*",
        "limite* peticiones/velocidad/uso/tasa",
        "api/servidor/server saturad*/sobrecargad*/ocupad*/overloaded/caid*",
        "pasa/hago/si saturad*/sobrecargad*",
    ],
    brief="""\
Un **reintento** es enviar otra vez la misma petición cuando el fallo puede pasar solo: la API saturada \
(529), demasiadas peticiones (429), un servidor que tropieza (500) o una conexión que no llegó a abrirse.""",
    text="""\
Entre intento e intento se espera cada vez más (*back-off*), con algo de azar para que no vuelvan todos a la \
vez, y si el servidor dice cuánto esperar (`retry-after`), se le hace caso.

Aquí los reintentos tienen tres reglas:

1. **A la vista**: con cuenta atrás y motivo, y se pueden cancelar.
2. **Solo antes del primer texto**: después se duplicaría lo leído.
3. **Solo lo que puede arreglarse solo**: una clave mala (401) o una petición mal hecha (400) no mejoran por \
insistir.""",
    english="""\
A **retry** sends the request again when a failure may pass: 429, 529, 5xx or a connection that was not \
made. The waits grow, are shown, and happen only before the first text.""",
    tries=Tries(
        chat="`/fallo 529x2` y luego una pregunta: verás dos esperas con cuenta atrás.",
        one_shot='`python streaming_chatbot.py --practice --fault 529x2 "Hola"`.',
        demos="la lección 9 muestra cada intento y lo que vio el servidor.",
        library="`stream_reply(…, retry=RetryPolicy())`; cada espera es un delta `Waiting`.",
    ),
)
