"""What stands within a line: what is emphasised, linked or a formula, and what stays as it came."""

from __future__ import annotations

from unicodedata import normalize

import pytest
from hypothesis import given
from hypothesis import strategies as st

from stream_core.config.options.appearance import Look
from stream_core.terminal.markdown.inline import spans
from stream_core.terminal.markdown.links import trimmed_url
from stream_core.terminal.markdown.maths import looks_like_maths, readable
from stream_core.terminal.markdown.scanner import formula_open
from stream_core.terminal.rows.styles import Styles

STYLES = Styles(Look())


def shown(text: str, *, close: bool = False) -> str:
    """The text as it is shown; bold, italic and struck out text in brackets of their own, links in braces."""
    told = []
    for piece, style in spans(text, STYLES, close=close):
        if style is not None and style.bold:
            piece = f"«{piece}»"
        if style is not None and style.italic:
            piece = f"/{piece}/"
        if style is not None and style.strike:
            piece = f"-{piece}-"
        if style is not None and style.link:
            piece = f"{{{piece}|{style.link}}}" if style.link != piece else f"{{{piece}}}"
        told.append(piece)
    return "".join(told)


@pytest.mark.parametrize(
    "text",
    [
        "3*4*5", "2**3**4", "a*b*c", "5*x + 3*y", "__name__", "__init__.py y __main__",
        "src/*.c y lib/*.c", "*.c y *.h", "(*.c,*.h)", "MAX_*_SIZE", "MIN_*_A y MAX_*_B", r"ana\.ssh",
        r"C:\Users\ana\.ssh", r"C:\temp\*.txt y D:\x\*.doc", r"src\*.c", r"\\servidor\recurso",
        "snake_case_largo", "f(*args, **kwargs)", "char *s, *t;", "*p = *q", "SELECT *, count(*)",
        "/*comentario*/", "**/*.py", "****", "a ** b ** c", "~/bin y ~5", "arr[i](x)", "x[1][2]",
        "a * b * c", "vector<int> y a<b>c", "0.0.0.0:* y *:80", "precio* y coste*", "`sin cerrar",
        "cuesta $5 y $6", "$5-$6", "US$5 y US$6", "5$ y 6$", "entre $5/mes y $10/mes", "$HOME/bin:$PATH",
        "${A}/${B}", "$a y $b", "$$ y $$$", r"grep '\(a\|b\)'", r"sed 's/\(.*\)/\1/'", "1*2*3 y 4_5_6",
        r"C:\Program Files\[x]\ y C:\Documents and Settings\_x", r"\w\[a-z\]\(b\)", r"^\(b\) .*\(a1\)$",
        "a_b_", "_foo_bar_", "*a*b*", "%APPDATA%\\_x_", r"sed 's/\[x\]/y/'", "my ($a, $b)",
        "cuesta $5, 6$ y $7", "_", "*", "**", "$", "[", "]",
    ],
)  # fmt: skip
def test_characters_that_carry_meaning_stay(text: str) -> None:
    assert shown(text) == text


@pytest.mark.parametrize(
    ("text", "told"),
    [
        ("**negrita**, *cursiva* y ~~nada~~", "«negrita», /cursiva/ y -nada-"),
        ("***las dos*** y **_así_**", "/«las dos»/ y /«así»/"),
        ("_una_ y __dos palabras__", "/una/ y «dos palabras»"),
        ("**des**hacer", "«des»hacer"),
        ("**Nota:** sigue", "«Nota:» sigue"),
        ("¿**qué**? (*uno*) «*dos*»", "¿«qué»? (/uno/) «/dos/»"),
        ("**5** y **100 %**", "«5» y «100 %»"),
        ("**C#** y **sí**/**no**", "«C#» y «sí»/«no»"),
        ("**.gitignore** y **/usr/bin**", "«.gitignore» y «/usr/bin»"),
        ("这是**重点**内容", "这是«重点»内容"),
        ("**🚀 Rápido**", "«🚀 Rápido»"),
        ("**a *b* c**", "«a »/«b»/« c»"),
        (r"\*no\* y snake\_case\_x", "*no* y snake_case_x"),
        (r"1\. uno", "1. uno"),
        (r"\[x\] hecho, \[-m texto\], pulsa \[Enter\]", "[x] hecho, [-m texto], pulsa [Enter]"),
        (r"C:\dir y a\_b y f(\(x\))", r"C:\dir y a_b y f(x)"),
        ("`a*b*c`", "a*b*c"),
        ("**`__dunder__`** aquí", "«__dunder__» aquí"),
        ("これは**「強調」**です", "これは«「強調」»です"),
        (r"$f'(x)$, $\{1,2\}$, $10\%$ y $|x|$", "f′(x), {1,2}, 10% y |x|"),
    ],
)
def test_what_has_the_look_of_emphasis_is_emphasis(text: str, told: str) -> None:
    assert shown(text) == told


@pytest.mark.parametrize(
    ("text", "told"),
    [
        ("https://x.es/a_b_c.", "{https://x.es/a_b_c}."),
        ("(https://x.es/a(b)) y [https://x.es]", "({https://x.es/a(b)}) y [{https://x.es}]"),
        ("**https://x.es**, `https://x.es/y`", "{«https://x.es»|https://x.es}, {https://x.es/y}"),
        ("[a](https://a.es) https://b.es", "{a|https://a.es} (https://a.es) {https://b.es}"),
        ("[https://a.es](https://a.es)", "{https://a.es}"),
        ("https://es.wikipedia.org/wiki/Año", "{https://es.wikipedia.org/wiki/Año|https://es.wikipedia.org/wiki/A%C3%B1o}"),
        ("xhttps://a.es https://", "xhttps://a.es https://"),
        ("https://a.es/?q=1&r=2#x…", "{https://a.es/?q=1&r=2#x}…"),
        ("<https://a.es>", "{https://a.es}"),
        ("https://ñandú.es:80/año", "{https://ñandú.es:80/año|https://xn--and-6ma2c.es:80/a%C3%B1o}"),
        ("HTTPS://A.ES/b y https://[::1]:80/x.", "{HTTPS://A.ES/b} y {https://[::1]:80/x}."),
        ("https://a.es/?q[]=1&h[i][j]=k. https://a.es/?x[1]", "{https://a.es/?q[]=1&h[i][j]=k}. {https://a.es/?x}[1]"),
        ("«https://a.es/x» y https://a.es/(«q»)", "«{https://a.es/x}» y {https://a.es/(«q»)|https://a.es/(%C2%ABq%C2%BB)}"),
        ("[![x](https://a.es/b.svg)](https://a.es/c)", "{x|https://a.es/c} (https://a.es/c)"),
        ("www.a.es/b, (www.b.es)", "{www.a.es/b|http://www.a.es/b}, ({www.b.es|http://www.b.es})"),
        ("ewww.a.es y https://www.a.es", "ewww.a.es y {https://www.a.es}"),
        ("[x](javascript:alert)", "[x](javascript:alert)"),
    ],
)  # fmt: skip
def test_links(text: str, told: str) -> None:
    assert shown(text).replace("«{", "«{") == told or shown(text) == told.replace("«{", "{«").replace(
        "}»", "»}"
    )


@pytest.mark.parametrize(
    ("tex", "told"),
    [
        ("x^2 + y_1", "x² + y₁"),
        (r"\frac{a}{b}", "a/b"),
        (r"\frac{a+b}{c}", "(a+b)/c"),
        (r"2\frac{1}{2}", "2(1/2)"),
        (r"\frac{n(n+1)}{2}", "n(n+1)/2"),
        (r"\sum_{i=1}^{n} i", "∑ᵢ₌₁ⁿ i"),
        (r"\alpha \leq \beta", "α ≤ β"),
        (r"x \in \mathbb{R}", "x ∈ ℝ"),
        (r"\sqrt{x+1} + \sqrt[3]{8}", "√(x+1) + ∛8"),
        (r"\sqrt{x}^2 + \sqrt{x}y + \sqrt{ab}", "(√x)² + √(x)y + √(ab)"),
        (r"\frac{1}{2a} + \frac{dy}{dx} + \frac{1}{\sqrt{2}}", "1/(2a) + dy/dx + 1/√2"),
        (r"a/\frac{b}{c} + \left(\frac{1}{2}\right)^n", "a/(b/c) + (1/2)ⁿ"),
        (r"a \equiv b \pmod{n} \leqslant c \bmod d", "a ≡ b (mod n) ⩽ c mod d"),
        (r"e^{i\pi} + 1 = 0", None),
        (r"e^{-x}", "e⁻ˣ"),
        (r"\sin x + \cos(y)", "sin x + cos(y)"),
        (r"\left( a \right)", "( a )"),
        (r"90^\circ", "90°"),
        (r"5\,\text{km/h}", "5 km/h"),
        (r"\lim_{x \to 0} f(x)", None),
        (r"\begin{pmatrix} a & b \\ c & d \end{pmatrix}", None),
        (r"\desconocido{x}", None),
        (r"a \\ b", None),
        (r"\frac{a}", None),
        ("{" * 50, None),
        ("x^{", None),
    ],
)
def test_a_formula_is_readable_only_where_that_is_exact(tex: str, told: str | None) -> None:
    assert readable(tex) == told


@pytest.mark.parametrize(
    ("text", "told"),
    [
        ("es $E = mc^2$, claro", "es E = mc², claro"),
        (r"\(\alpha_1\) y \[x = y\]", "α₁ y x = y"),
        ("$$a_i * b_i$$", "aᵢ * bᵢ"),
        (
            r"$\begin{matrix} a_1 & b_* \\ c_* \end{matrix}$",
            r"$\begin{matrix} a_1 & b_* \\ c_* \end{matrix}$",
        ),
        ("$n$ cosas y $2x$", "n cosas y 2x"),
        ("$x_1$ y $x_2$ **sí**", "x₁ y x₂ «sí»"),
        (r"$3{,}14$, $10\,000$, $\$5$, $x''$ y $\mu$m", "3,14, 10 000, $5, x′′ y μm"),
        ("en $[0,1)$, $(a, -2)$ y $x, y$", "en [0,1), (a, -2) y x, y"),
        (r"\[1\] y \[nota\]", "[1] y [nota]"),
    ],
)
def test_formulas_in_a_line(text: str, told: str) -> None:
    assert shown(text) == told


@pytest.mark.parametrize(
    "text", ["x^2", "a = b", r"\alpha", "n", "2x", "f(x)", "n!", "a/b", r"\text{si } x > 0"]
)
def test_what_looks_like_maths(text: str) -> None:
    assert looks_like_maths(text)


def test_a_formula_over_lines_is_open() -> None:
    assert formula_open(r"sea \[ a") and formula_open("sea $$ a")
    assert not formula_open(r"sea \[ a \]") and not formula_open("$$a$$") and not formula_open(r"C:\\(x")


def test_what_arrives_is_drawn_as_if_it_were_closed() -> None:
    assert shown("hola **mun", close=True) == "hola «mun»"
    assert shown("hola **", close=True) == "hola "
    assert shown("un `cód", close=True) == "un cód"
    assert shown("2*3*", close=True) == "2*3*"


def test_the_punctuation_of_a_sentence_is_no_part_of_an_address() -> None:
    assert trimmed_url("https://a.es/x).") == "https://a.es/x"
    assert trimmed_url("https://a.es/x_(y)") == "https://a.es/x_(y)"


@given(st.text(st.sampled_from("*_~`[]()<>$\\ ab1.h\n"), max_size=60))
def test_letters_and_digits_are_never_lost(text: str) -> None:
    for close in (False, True):
        told = "".join(piece for piece, _ in spans(text, STYLES, close=close))
        told = normalize("NFKC", told)  # the index of a formula is the digit, written lower
        for sign in "ab1":
            assert told.count(sign) >= text.count(sign)
