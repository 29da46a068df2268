"""What a reply costs."""

from stream_core.practice.answers import Tries, answer

SCENARIO = answer(
    "cost",
    "¿Cuánto cuesta una respuesta?",
    asked=[
        "cuesta/cuestan/coste/costes/costo/costos/costar/costara/precio/precios/cobra/cobran/cost/costs/"
        "price/"
        "prices/pricing/tarifa/tarifas !coche/casa/entrada/billete/vuelo",
        "caro/cara/barato/barata/expensive/cheap",
        "gasta/gasto/gastos/gastar/gastado/gastan/pagar/pago/paga/pay/spend/spent/dinero/money",
        "gratis/gratuito/gratuita/free",
        "token/tokens gastado/gastados/gasto/gastan/gasta/spent/used",
        "presupuesto/budget",
        "usage",
        "paga/pago/pagar/cobra/cobran/pay/charged cancel*",
        "cuesta/cost token*/streaming/pensar/thinking/cancelar",
    ],
    brief="""\
Se paga **por token**: los que envías y, varias veces más caros, los que el modelo escribe (también lo que \
piensa). El streaming no cuesta más: son los mismos tokens, antes.""",
    text="""\
- Los precios van por modelo, en dólares por millón de tokens: *haiku* es el más barato, *opus* y *fable*, \
los más caros.
- Cada pregunta lleva toda la conversación, así que una charla larga cuesta más por turno. La **caché** \
rebaja lo repetido a una décima parte.
- Si **cancelas**, no pagas lo que aún no se había escrito.
- La cuenta exacta llega al final de cada respuesta, en `usage`.

Este **modo práctica es gratis**: nada sale de tu equipo.""",
    more="""\
Una cuenta de servilleta: una pregunta de 100 palabras y una respuesta de 400 son unos 150 tokens de entrada \
y 600 de salida. A 3 dólares por millón de entrada y 15 de salida, una centésima de dólar.""",
    english="""\
You pay **per token**: those you send and, several times dearer, those the model writes. Streaming costs \
nothing extra, and this practice mode is free.""",
    tries=Tries(
        chat="`/modelo` muestra los precios; con una clave, `/presupuesto 1` avisa antes de gastar más de "
        "un dólar.",
        one_shot="con una clave, `--budget 0.10` pone un límite de diez centavos.",
        demos="la demo 4: los tokens enviados crecen en cada turno, y eso es lo que se paga.",
        library="`stream.reply.usage` tiene los tokens de entrada, de salida y de la caché.",
    ),
)
