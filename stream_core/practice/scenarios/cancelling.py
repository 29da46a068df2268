"""How to cancel a reply."""

from stream_core.practice.answers import Tries, answer

SCENARIO = answer(
    "cancelling",
    "¿Cómo cancelo una respuesta?",
    asked=[
        "cancel* !suscripcion/reserva/cita/vuelo/netflix/pedido/contrato/tarjeta",
        "interrumpir/interrumpo/interrumpirla/interrumpe/interrupt",
        "como/how/puedo/puede/can parar/paro/pararlo/pararla/detener/detengo/detenerla/detenerlo/cortar/"
        "corto/"
        "cortarla/cortarlo/stop",
        "parar/detener/cortar/stop respuesta*/streaming/texto/modelo*/claude/it/medias/mitad",
        "ctrl c",
        "abort*",
        "pasa/happens/si/if cancel*",
    ],
    brief="""\
Cancelar es **colgar**: el programa cierra la conexión, el servidor lo nota y deja de escribir. Lo que ya \
llegó se queda, y lo que no se escribió no se paga.""",
    text="""\
- En el chat, **Ctrl+C** o **Esc** mientras llega la respuesta.
- Lo recibido queda en pantalla, en la conversación y guardado, marcado como *cancelada*.
- La pregunta siguiente lleva ese texto a medias: el modelo sabe hasta dónde llegó.
- Si cancelas antes del primer token, nada de ese turno se envía después.

No hay un mensaje de «para»: en HTTP se cancela cerrando. Por eso un programa que solo deja de leer, sin \
cerrar, **sigue pagando** lo que el modelo escribe.""",
    more="""\
Los tokens de entrada y los que el modelo ya había escrito cuando colgaste sí se cobran, y como el final no \
llega, la API no te da la cuenta exacta: por eso el chat dice «tokens sin contar».""",
    english="""\
Cancelling is hanging up: the program closes the connection (**Ctrl+C**), the server notices and stops \
writing. What has arrived is kept, and what was not written is not paid.""",
    tries=Tries(
        chat="escribe `demo 2` y pulsa **Ctrl+C** a mitad; después, `/continuar` la acaba.",
        one_shot='`python streaming_chatbot.py --practice "Escribe una historia corta sobre un robot"` y '
        "**Ctrl+C**: el código de salida es 130.",
        demos="la lección 7: cancelas tú, y el servidor cuenta lo que vio.",
        library="`stream.cancel()` desde cualquier hilo; el delta siguiente es `Cancelled`.",
    ),
)
