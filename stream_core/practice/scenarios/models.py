"""Which models there are."""

from stream_core.practice.answers import Tries, answer

SCENARIO = answer(
    "models",
    "¿Qué modelo elijo?",
    asked=[
        "modelo/modelos/model/models elijo/elegir/uso/usar/mejor/hay/recomiendas/conviene/which/existen/"
        "son/tienes/"
        "eres/cambio/cambiar/choose/change",
        "haiku !poema/poesia/escribe/escribeme",
        "opus/sonnet/fable",
        "modelo/modelos/model/models !moda/coche/negocio",
    ],
    brief="""\
Hay cuatro líneas: **haiku** (rápida y barata), **sonnet** (equilibrada, y la que se usa por defecto), \
**opus** (más capaz y más lenta) y **fable** (la que más piensa).""",
    text="""\
- Para resumir, clasificar o probar cosas: *haiku*.
- Para casi todo, código incluido: *sonnet*.
- Para lo difícil, donde importa acertar: *opus* o *fable*.

Aquí, en el modo práctica, no hay ningún modelo detrás; pero cada uno tiene su ritmo y su estilo: *haiku* es \
breve y corre, *opus* va despacio y da más detalle.""",
    english="""\
**haiku** is quick and cheap, **sonnet** the balance and the default, **opus** and **fable** slower and more \
capable. In practice mode each has its own pace and length.""",
    tries=Tries(
        chat="`/modelo haiku` y repite una pregunta; luego `/modelo opus`. `/modelo` los muestra todos.",
        one_shot='`python streaming_chatbot.py --practice -m opus "¿Qué es un token?"`, y otra vez con `-m '
        "haiku`.",
        demos="pon `ANTHROPIC_MODEL=haiku` delante de la orden y repite la demo 1.",
        library='`stream_reply(client, model="claude-haiku-5-5", …)`.',
    ),
)
