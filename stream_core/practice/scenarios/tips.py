"""Ten tips to program better."""

from . import prepared

TEXT = """\
# 10 consejos para programar mejor

1. **Pon nombres que expliquen.** `dias_restantes` se entiende; `d2` obliga a adivinar.
2. **Escribe funciones pequeñas.** Si para describir una necesitas decir «y además», seguramente son dos.
3. **Lee código ajeno.** Media hora con una buena biblioteca enseña más que muchos tutoriales.
4. **Prueba lo que escribes.** Una prueba de tres líneas con `assert` hoy te ahorra una tarde mañana.
5. **Guarda cambios pequeños.** Un `git commit` por idea, con un mensaje que diga *por qué* y no solo *qué*.
6. **Lee el error entero.** La última línea dice qué pasó; las anteriores, cómo se llegó hasta ahí.
7. **Haz que funcione, luego que se lea bien y, solo si hace falta, que vaya rápido.** Antes de optimizar, \
mide: `python -m cProfile programa.py`.
8. **No repitas por repetir.** A la tercera copia, busca lo que tienen en común; a la segunda, quizá aún sea \
pronto.
9. **Borra sin miedo.** El código comentado «por si acaso» solo estorba: `git` ya lo recuerda por ti.
10. **Pide ayuda y descansa.** Contar el problema en voz alta, aunque sea a un pato de goma, resuelve la \
mitad.

> **Para empezar hoy:** elige uno solo, el que más te cueste, y practícalo durante una semana. Los hábitos \
entran mejor de uno en uno."""

SCENARIO = prepared(
    "tips",
    "Diez consejos para programar mejor",
    "Crea una lista de 10 consejos para programar mejor",
    TEXT,
    [
        "consejo/consejos/trucos/recomendaciones/tips program*",
        "aprender/mejorar/mejor/improve program*",
    ],
)
