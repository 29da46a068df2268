"""What the prompt cache is."""

from stream_core.practice.answers import Tries, answer

SCENARIO = answer(
    "cache",
    "¿Qué es la caché?",
    asked=[
        "cache/caches/caching !cpu/procesador/navegador/chrome/disco/l1/l2",
        "cache control",
        "prompt/prompts cache/caches/caching",
        "cachea*",
    ],
    brief="""\
La **caché de prompts** guarda, en el servidor, el principio de lo que envías para no leerlo entero otra \
vez. En una conversación ahorra dinero y acorta la espera del primer token.""",
    text="""\
La API no recuerda nada entre peticiones: cada pregunta lleva toda la conversación. Con una marca \
`cache_control`, el servidor guarda lo leído hasta ahí unos minutos, y la siguiente petición que empiece \
*igual* lo aprovecha:

- **Escribir** en la caché cuesta algo más que leer tokens normales.
- **Leer** de ella cuesta una décima parte.
- Cualquier cambio *antes* de la marca (instrucciones, herramientas, un mensaje) la invalida desde ahí.

La respuesta no cambia: solo lo que cuesta y lo que tarda en empezar.""",
    more="""\
Hace falta un mínimo de tokens para que algo se guarde, y caduca a los pocos minutos sin uso. Por eso \
conviene poner lo que no cambia (instrucciones, documentos) al principio y lo que cambia al final. La cuenta \
viene en `usage`: `cache_creation_input_tokens` y `cache_read_input_tokens`.""",
    english="""\
The **prompt cache** keeps the beginning of what you send on the server for some minutes: a request that \
begins alike costs a tenth for that part, and its first token comes sooner.""",
    tries=Tries(
        chat="sigue la charla unos turnos y mira `stats`: los tokens de entrada crecen, y eso es lo que la "
        "caché abarata.",
        one_shot="`python streaming_chatbot.py --practice -c "
        '"¿Y en Windows?"` sigue la última conversación: su principio ya se envió antes.',
        demos="la demo 4 muestra cómo crece lo que se envía, que es lo que la caché ahorra.",
        library="`stream.reply.usage.cache_read_input_tokens`, con una marca `cache_control` en tu petición.",
    ),
)
