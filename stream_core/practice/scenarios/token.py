"""What a token is."""

from stream_core.practice.answers import Tries, answer

SCENARIO = answer(
    "token",
    "¿Qué es un token?",
    asked=["token/tokens !acceso/jwt/csrf/oauth/bearer/autobus/crypto/cripto*/nft", "tokeniz*"],
    brief="""\
Un **token** es la pieza con la que un modelo lee y escribe: una palabra corta, un trozo de palabra o un \
signo. Como regla aproximada, cuatro caracteres.""",
    text="""\
«Hola» suele ser un token; «desafortunadamente», tres o cuatro; una coma, otro. El modelo no escribe letras: \
elige el siguiente token, lo añade y vuelve a empezar. Por eso la respuesta puede llegarte poco a poco.

Los tokens son también la medida de casi todo:

- **Lo que cuesta**: se cobran los que envías y, más caros, los que recibes.
- **Lo que cabe**: cada modelo tiene un máximo de tokens de contexto.
- **Lo que dura una respuesta**: `max_tokens` es su límite.
- **La velocidad**: tokens por segundo.

Mientras llega la respuesta solo se pueden *estimar* (por eso el chat pone ≈); la cuenta exacta la da la API \
al final.""",
    more="""\
Cada modelo tiene su propio vocabulario de tokens, así que el mismo texto puede dar cuentas distintas en dos \
modelos. El español gasta algo más que el inglés, y el código y los emojis, más todavía.""",
    english="""\
A **token** is the piece in which a model reads and writes: a short word or a part of one, about four \
characters. Cost, context size, reply length (`max_tokens`) and speed are all counted in tokens.""",
    tries=Tries(
        chat="`stats` cuenta los tokens de entrada y de salida que llevas.",
        one_shot='`python streaming_chatbot.py --practice --max-tokens 20 "¿Qué es un token?"` se para a los '
        "veinte.",
        demos="la demo 3 los cuenta en vivo: primero estimados, al final exactos.",
        library="`stream.reply.usage.output_tokens`, cuando la respuesta ha terminado.",
    ),
)
