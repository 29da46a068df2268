"""TeX formulas as readable Unicode, where that says exactly the same; else the source is to be shown. Pure.

Letters, operators, simple sub- and superscripts and fractions on a line have an exact form. Whatever needs
two dimensions (matrices, alignments, limits below a word) has none.
"""

from __future__ import annotations

import re

from .maths_signs import (
    ACCENTS,
    BINARY,
    DOUBLE_STRUCK,
    ESCAPED,
    FRACTIONS,
    FUNCTIONS,
    IGNORED,
    NEGATED,
    PLAIN_TEXT,
    ROOTS,
    SCRIPT,
    SIGNS,
    SIZES,
    SPACES,
    SUB,
    SUPER,
)

DELIMITERS = re.compile(r"\A\s*(?:\$\$|\\\[)[ \t]*\n?|\n?[ \t]*(?:\$\$|\\\])\s*\Z")
"""What encloses a formula over several lines."""

_TOKEN = re.compile(r"\\[A-Za-z]+|\\.|\s+|.", re.DOTALL)
_WORD = re.compile(r"(?<![\\A-Za-zÀ-ÿ])[A-Za-zÀ-ÿ]{2,}")
_TEXT_COMMAND = re.compile(r"\\(?:text|textbf|textit|mathrm|operatorname|mbox)\*?\{[^{}]*\}|[_^]\{[^{}]*\}")
_OPERATOR = re.compile(r"\\[A-Za-z%{}]|[=^_<>+*/]|\w-\w|\w!|[A-Za-z]['′]*\(|\|\w+\|")
_NAME = re.compile(r"\s*-?(?:\d+(?:[.,]\d+)?)?[A-Za-zα-ωΑ-Ω]?['′]*(?:[A-Za-z])?\s*")
# Numbers as only TeX writes them (`3{,}14`, `10\,000`, `\$5`), and points, intervals and lists of names.
_NUMBER = re.compile(r"\s*-?(?:\\\$\d[\d.,]*|\d+(?:(?:\{[.,]\}|\\,)\d+)+)\s*")
_LETTER = r"\s*[A-Za-z]['′]*\s*"
_ITEM = r"\s*-?(?:\d+(?:\.\d+)?|[A-Za-z]['′]*)\s*"
_POINT = re.compile(rf"[(\[\]]{_ITEM}(?:[,;]{_ITEM})+[)\[\]]|{_LETTER}(?:,{_LETTER})+")
_SHORT_WORDS = frozenset("de la el en un al lo se su es no si of to in is or an by at on".split())
_SHELL = re.compile(r"\.\*|\.\+|\\\||\$\(|&&|\|\|")

_SCRIPTS = re.escape("".join([*SUPER.values(), *SUB.values()]))
# What needs no parentheses below a fraction or a root: `1/2a` would be half of a.
_ATOM = re.compile(rf"[√∛∜]?(?:\d+(?:[.,]\d+)?|d?[^\W\d_][\u0300-\u036f\u20d7]?)[{_SCRIPTS}]*|\S")
_CLOSES = ("\\right", "\\middle", "\\rvert", "\\rVert", "\\rfloor", "\\rceil", "\\rangle")
_DEEPEST = 20


class _InexactError(Exception):
    """A formula that has no exact form on one line."""


def readable(tex: str) -> str | None:
    """A formula, without its delimiters, as Unicode on one line; None where that would not be exact."""
    reader = _Reader(_TOKEN.findall(tex))
    try:
        shown = reader.read("")
    except _InexactError:
        return None
    return " ".join(shown.split()) or None


def looks_like_maths(tex: str) -> bool:
    """Whether what stands between two dollars is a formula: no prices, no variables of a shell, no prose."""
    if not tex.strip() or _SHELL.search(tex):
        return False
    if _NUMBER.fullmatch(tex) or _POINT.fullmatch(tex.strip()):
        return True
    if _NAME.fullmatch(tex) and not tex.strip().isdigit():
        return any(char.isalpha() for char in tex)
    bare = _TEXT_COMMAND.sub("", tex)
    if not _OPERATOR.search(tex):
        return False
    words = [
        word
        for word in _WORD.findall(bare)
        if f"\\{word}" not in FUNCTIONS and (len(word) > 2 or word.lower() in _SHORT_WORDS)
    ]
    return (
        not words
        or ("\\" in tex and len(words) < 4)
        or (len(words) == 1 and not re.search(r"\s\w{2,}", bare))
    )


def is_sign(tex: str) -> bool:
    """Whether a formula is a command for one sign, such as `\\mu`."""
    return tex in SIGNS


class _Reader:
    """Reads the tokens of one formula."""

    def __init__(self, tokens: list[str]) -> None:
        self._tokens, self._at, self._depth = tokens, 0, 0

    def read(self, end: str) -> str:
        """Everything up to a token, which is passed; up to the end of the formula for ""."""
        self._depth += 1
        if self._depth > _DEEPEST:
            raise _InexactError
        out: list[str] = []
        while self._at < len(self._tokens):
            token = self._next()
            if token == end:
                self._depth -= 1
                return "".join(out)
            if token in ("^", "_"):
                out.append(self._raised(token, self._argument()))
            elif token in FRACTIONS:
                out.append(self._fraction("".join(out)))
            else:
                out.append(self._one(token))
        if end:
            raise _InexactError
        self._depth -= 1
        return "".join(out)

    def _next(self) -> str:
        if self._at >= len(self._tokens):
            raise _InexactError
        self._at += 1
        return self._tokens[self._at - 1]

    def _peek(self) -> str:
        """The next token that is no space; "" at the end."""
        at = self._at
        while at < len(self._tokens) and self._tokens[at].isspace():
            at += 1
        return self._tokens[at] if at < len(self._tokens) else ""

    def _argument(self) -> str:
        token = self._next()
        while token.isspace():
            token = self._next()
        return self.read("}") if token == "{" else self._one(token)

    def _one(self, token: str) -> str:
        """The text of a token with its arguments."""
        if token in SIGNS:
            return SIGNS[token]
        if token in BINARY:
            return f" {BINARY[token]} "
        if token in FUNCTIONS:
            return f" {token[1:]} " if self._peek() not in ("(", "^", "_") else f" {token[1:]}"
        if token in SPACES:
            return SPACES[token]
        if token in ESCAPED:
            return ESCAPED[token]
        if token == "'":
            return "′"
        if token == "{":
            return self.read("}")
        if token[0] == "\\":
            return self._command(token)
        if token in "}&$%#":
            raise _InexactError
        return token

    def _command(self, token: str) -> str:
        if token in PLAIN_TEXT:
            return self._verbatim()
        if token in SIZES:
            if self._peek() == ".":  # `\\left.` is no delimiter
                self._next()
            return ""
        if token in IGNORED:
            return ""
        if token == "\\sqrt":
            return self._root()
        if token in ACCENTS:
            letter = self._argument()
            if len(letter) != 1:
                raise _InexactError
            return letter + ACCENTS[token]
        if token == "\\not":
            sign = self._argument().strip()
            if sign not in NEGATED:
                raise _InexactError
            return f" {NEGATED[sign]} "
        return self._alphabet(token)

    def _alphabet(self, token: str) -> str:
        if token == "\\mathbb":
            return "".join(_styled(char, 0x1D538, 0x1D552, DOUBLE_STRUCK) for char in self._argument())
        if token in ("\\mathcal", "\\mathscr"):
            return "".join(_styled(char, 0x1D49C, None, SCRIPT) for char in self._argument())
        if token in ("\\mathbf", "\\textbf", "\\boldsymbol"):
            return "".join(_styled(char, 0x1D400, 0x1D41A, {}) for char in self._argument())
        if token == "\\pmod":
            return f" (mod {self._argument().strip()})"
        raise _InexactError

    def _verbatim(self) -> str:
        """Words within a formula: white space counts, nothing else is read."""
        if self._next() != "{":
            raise _InexactError
        words: list[str] = []
        while (token := self._next()) != "}":
            if token in ("{", "$") or (token[0] == "\\" and token not in ESCAPED and token not in SPACES):
                raise _InexactError
            words.append(ESCAPED.get(token, SPACES.get(token, token)))
        return "".join(words)

    def _root(self) -> str:
        degree = ""
        if self._peek() == "[":
            self._next()
            while (token := self._next()) != "]":
                degree += token
        if degree.strip() not in ROOTS:
            raise _InexactError
        sign, inner, follows = ROOTS[degree.strip()], self._argument().strip(), self._peek()
        if follows in ("^", "_"):
            return f"({sign}{_enclosed(inner)})"
        # `\sqrt{x}y` is no root of a product.
        return f"{sign}{_enclosed(inner)}" if self._ends_term(follows) else f"{sign}({inner})"

    def _fraction(self, before: str) -> str:
        above, below = self._argument(), _enclosed(self._argument())
        whole = f"{above.strip() if _is_product(above) else _enclosed(above)}/{below}"
        joined = bool(before) and (before[-1].isalnum() or before[-1] in ")]}′")
        divides = before.rstrip().endswith(("/", "÷", ":"))
        return whole if self._ends_term(self._peek()) and not (joined or divides) else f"({whole})"

    def _ends_term(self, token: str) -> bool:
        """Whether what comes before a token is no factor of what comes after it."""
        return not token or token in "=+-<>,.;:)]}|" or token in BINARY or token in SPACES or token in _CLOSES

    def _raised(self, mark: str, text: str) -> str:
        table = SUPER if mark == "^" else SUB
        bare = "".join(text.split()).replace("∘", "°")
        if not bare or any(char not in table for char in bare):
            raise _InexactError
        return "".join(table[char] for char in bare)


def _is_product(text: str) -> bool:
    """Whether a numerator reads the same without parentheses: nothing in it binds less than a product."""
    depth = 0
    for char in text.strip():
        depth += (char in "([") - (char in ")]")
        if depth == 0 and not (char.isalnum() or char in "()[]′√∞·"):
            return False
    return bool(text.strip()) and depth == 0


def _enclosed(text: str) -> str:
    bare = text.strip()
    return bare if _ATOM.fullmatch(bare) else f"({bare})"


def _styled(char: str, upper: int, lower: int | None, others: dict[str, str]) -> str:
    """A letter of another alphabet."""
    if char in others:
        return others[char]
    if "A" <= char <= "Z":
        return chr(upper + ord(char) - 65)
    if "a" <= char <= "z" and lower is not None:
        return chr(lower + ord(char) - 97)
    raise _InexactError
