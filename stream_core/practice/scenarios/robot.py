"""A short story about a robot."""

from stream_core.practice.scenarios import prepared

TEXT = """\
## El robot que regaba a deshora

Cuando los últimos empleados del vivero se marcharon, nadie se acordó de apagar a Nilo. Era un robot bajito, \
con una regadera por brazo y una rueda que chirriaba al girar a la izquierda. Su programa cabía en una \
línea: *a las siete, regar*.

Y a las siete regaba. Regó cuando los cristales se llenaron de polvo, cuando la hiedra tapó la puerta y \
cuando el reloj de pared, cansado, se detuvo a las siete menos cinco.

Ese fue el problema. Nilo miró el reloj y esperó. Esperó toda la tarde y toda la noche, con la regadera \
llena, porque aún no eran las siete. Al tercer día, un limonero dejó caer una hoja sobre su cabeza.

Nilo la examinó: estaba seca. Consultó su programa y no encontró nada sobre hojas. Volvió a mirar el reloj, \
luego el limonero, luego el reloj. Dentro de su pecho, un circuito que nunca había hecho falta se encendió \
con un zumbido tímido.

—Las siete —decidió en voz alta, y regó.

Desde entonces, Nilo regaba cuando las hojas se lo pedían. A veces eran las siete tres veces en una mañana; \
a veces, si llovía por los cristales rotos, no llegaban a ser las siete en toda la semana.

Años después, una niña se coló por un hueco de la hiedra. Encontró una selva de limones y, en medio, un \
robot oxidado que le tendió una flor.

—¿Qué hora es? —preguntó ella, asombrada.

Nilo miró el jardín entero antes de contestar.

—Justo a tiempo."""

SCENARIO = prepared(
    "robot",
    "Un cuento breve sobre un robot",
    "Escribe una historia corta sobre un robot",
    TEXT,
    [
        "historia/cuento/relato/story robot",
        "historia/cuento/relato/story larga/largo/corta/corto/breve/short/long",
        "cuentame/escribe/escribeme/inventa/tell historia/cuento/relato/story",
    ],
)
