"""TeX formulas as readable Unicode, where that says exactly the same; else the source is to be shown. Pure.

Letters, operators, simple sub- and superscripts and fractions on a line have an exact form. Whatever needs
two dimensions (matrices, alignments, limits below a word) has none.
"""

from __future__ import annotations

import re

_TOKEN = re.compile(r"\\[A-Za-z]+|\\.|\s+|.", re.DOTALL)
_WORD = re.compile(r"(?<![\\A-Za-zÀ-ÿ])[A-Za-zÀ-ÿ]{2,}")
_TEXT_COMMAND = re.compile(r"\\(?:text|textbf|textit|mathrm|operatorname|mbox)\*?\{[^{}]*\}|[_^]\{[^{}]*\}")
_OPERATOR = re.compile(r"\\[A-Za-z%{}]|[=^_<>+*/]|\w-\w|\w!|[A-Za-z]['′]*\(|\|\w+\|")
_NAME = re.compile(r"\s*-?(?:\d+(?:[.,]\d+)?)?[A-Za-zα-ωΑ-Ω]?['′]?(?:[A-Za-z])?\s*")
_SHORT_WORDS = frozenset("de la el en un al lo se su es no si of to in is or an by at on".split())
_SHELL = re.compile(r"\.\*|\.\+|\\\||\$\(|&&|\|\|")

_SUPER = dict(zip(
    "0123456789+-=()abcdefghijklmnoprstuvwxyzABDEGHIJKLMNOPRTUVWαβγδεθιφχ′°*",
    "⁰¹²³⁴⁵⁶⁷⁸⁹⁺⁻⁼⁽⁾ᵃᵇᶜᵈᵉᶠᵍʰⁱʲᵏˡᵐⁿᵒᵖʳˢᵗᵘᵛʷˣʸᶻᴬᴮᴰᴱᴳᴴᴵᴶᴷᴸᴹᴺᴼᴾᴿᵀᵁⱽᵂᵅᵝᵞᵟᵋᶿᶥᶲᵡ′°*",
    strict=True,
))  # fmt: skip
_SUB = dict(zip(
    "0123456789+-=()aehijklmnoprstuvxβγρφχ",
    "₀₁₂₃₄₅₆₇₈₉₊₋₌₍₎ₐₑₕᵢⱼₖₗₘₙₒₚᵣₛₜᵤᵥₓᵦᵧᵨᵩᵪ",
    strict=True,
))  # fmt: skip

_LETTERS = (
    "alpha α beta β gamma γ delta δ epsilon ε varepsilon ε zeta ζ eta η theta θ vartheta ϑ iota ι kappa κ "
    "lambda λ mu μ nu ν xi ξ omicron ο pi π varpi ϖ rho ρ varrho ϱ sigma σ varsigma ς tau τ upsilon υ phi φ "
    "varphi φ chi χ psi ψ omega ω Gamma Γ Delta Δ Theta Θ Lambda Λ Xi Ξ Pi Π Sigma Σ Upsilon Υ Phi Φ Psi Ψ "
    "Omega Ω infty ∞ partial ∂ nabla ∇ hbar ℏ ell ℓ Re ℜ Im ℑ aleph ℵ emptyset ∅ varnothing ∅ degree ° "
    "prime ′ imath ı jmath ȷ angle ∠ triangle △ square □ checkmark ✓ top ⊤ bot ⊥ dots … ldots … cdots ⋯ "
    "vdots ⋮ ddots ⋱ forall ∀ exists ∃ nexists ∄ neg ¬ lnot ¬ sum ∑ prod ∏ coprod ∐ int ∫ iint ∬ iiint ∭ "
    "oint ∮ bigcup ⋃ bigcap ⋂ bigvee ⋁ bigwedge ⋀ bigoplus ⨁ bigotimes ⨂ langle ⟨ rangle ⟩ lceil ⌈ rceil ⌉ "
    "lfloor ⌊ rfloor ⌋ lvert | rvert | vert | lVert ‖ rVert ‖ Vert ‖ lbrace { rbrace } lbrack [ rbrack ] "
    "backslash \\ surd √ complement ∁ wp ℘ Box □ Diamond ◇ star ⋆ dagger † ddagger ‡ S § P ¶ pounds £ euro €"
)
_OPERATORS = (
    "times × div ÷ cdot · pm ± mp ∓ ast ∗ circ ∘ bullet • oplus ⊕ ominus ⊖ otimes ⊗ oslash ⊘ odot ⊙ "
    "cup ∪ cap ∩ setminus ∖ wedge ∧ land ∧ vee ∨ lor ∨ mid ∣ nmid ∤ parallel ∥ perp ⊥ leq ≤ le ≤ geq ≥ ge ≥ "
    "neq ≠ ne ≠ equiv ≡ approx ≈ sim ∼ simeq ≃ cong ≅ propto ∝ ll ≪ gg ≫ prec ≺ succ ≻ preceq ⪯ succeq ⪰ "
    "in ∈ notin ∉ ni ∋ subset ⊂ subseteq ⊆ subsetneq ⊊ supset ⊃ supseteq ⊇ nsubseteq ⊈ to → rightarrow → "
    "leftarrow ← gets ← leftrightarrow ↔ Rightarrow ⇒ Leftarrow ⇐ Leftrightarrow ⇔ implies ⟹ impliedby ⟸ "
    "iff ⟺ longrightarrow ⟶ longleftarrow ⟵ Longrightarrow ⟹ Longleftarrow ⟸ Longleftrightarrow ⟺ mapsto ↦ "
    "longmapsto ⟼ uparrow ↑ downarrow ↓ updownarrow ↕ Uparrow ⇑ Downarrow ⇓ nearrow ↗ searrow ↘ "
    "hookrightarrow ↪ rightharpoonup ⇀ rightleftharpoons ⇌ vdash ⊢ models ⊨ vDash ⊨ because ∵ therefore ∴ "
    "colon : coloneqq ≔ triangleq ≜ asymp ≍ doteq ≐ lt < gt > gtrsim ≳ lesssim ≲ amalg ⨿ wr ≀ uplus ⊎"
)


def _table(words: str) -> dict[str, str]:
    listed = words.split()
    return {f"\\{name}": sign for name, sign in zip(listed[::2], listed[1::2], strict=True)}


_SIGNS = _table(_LETTERS)
_BINARY = _table(_OPERATORS)
_FUNCTIONS = frozenset(
    f"\\{name}"
    for name in "sin cos tan cot sec csc arcsin arccos arctan sinh cosh tanh coth exp log ln lg lim limsup "
    "liminf max min sup inf det dim ker deg gcd arg hom Pr mod sen".split()
)
_SPACES = {
    "\\,": " ",
    "\\;": " ",
    "\\:": " ",
    "\\ ": " ",
    "\\quad": "  ",
    "\\qquad": "  ",
    "\\!": "",
    "~": " ",
}
_ESCAPED = {f"\\{sign}": sign for sign in "{}%$#&_"} | {"\\|": "‖"}
_SIZES = frozenset(f"\\{name}" for name in "left right big Big bigg Bigg bigl bigr Bigl Bigr middle".split())
_IGNORED = frozenset(("\\displaystyle", "\\textstyle", "\\limits", "\\nolimits"))
_ACCENTS = {
    "\\hat": "\u0302", "\\bar": "\u0304", "\\vec": "\u20d7", "\\tilde": "\u0303", "\\dot": "\u0307",
    "\\ddot": "\u0308", "\\overline": "\u0305", "\\check": "\u030c", "\\underline": "\u0332",
}  # fmt: skip
_NEGATED = {
    "=": "≠",
    "∈": "∉",
    "⊂": "⊄",
    "⊆": "⊈",
    "∃": "∄",
    "≡": "≢",
    "∼": "≁",
    "≤": "≰",
    "≥": "≱",
    "∣": "∤",
}
_ROOTS = {"": "√", "2": "√", "3": "∛", "4": "∜"}
_DOUBLE_STRUCK = {"C": "ℂ", "H": "ℍ", "N": "ℕ", "P": "ℙ", "Q": "ℚ", "R": "ℝ", "Z": "ℤ"}
_SCRIPT = {"B": "ℬ", "E": "ℰ", "F": "ℱ", "H": "ℋ", "I": "ℐ", "L": "ℒ", "M": "ℳ", "R": "ℛ"}
_PLAIN_TEXT = frozenset(
    ("\\text", "\\mathrm", "\\operatorname", "\\mbox", "\\textrm", "\\mathit", "\\textit")
)
_FRACTIONS = frozenset(("\\frac", "\\dfrac", "\\tfrac", "\\cfrac"))
_ATOM = re.compile(r"[^\W_]+|[^\s]")
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
    if _NAME.fullmatch(tex) and not tex.strip().isdigit():
        return any(char.isalpha() for char in tex)
    bare = _TEXT_COMMAND.sub("", tex)
    if not _OPERATOR.search(tex):
        return False
    words = [
        word
        for word in _WORD.findall(bare)
        if f"\\{word}" not in _FUNCTIONS and (len(word) > 2 or word.lower() in _SHORT_WORDS)
    ]
    return (
        not words
        or ("\\" in tex and len(words) < 4)
        or (len(words) == 1 and not re.search(r"\s\w{2,}", bare))
    )


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
            elif token in _FRACTIONS:
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
        if token in _SIGNS:
            return _SIGNS[token]
        if token in _BINARY:
            return f" {_BINARY[token]} "
        if token in _FUNCTIONS:
            return f" {token[1:]} " if self._peek() not in ("(", "^", "_") else f" {token[1:]}"
        if token in _SPACES:
            return _SPACES[token]
        if token in _ESCAPED:
            return _ESCAPED[token]
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
        if token in _PLAIN_TEXT:
            return self._verbatim()
        if token in _SIZES:
            if self._peek() == ".":  # `\\left.` is no delimiter
                self._next()
            return ""
        if token in _IGNORED:
            return ""
        if token == "\\sqrt":
            return self._root()
        if token in _ACCENTS:
            letter = self._argument()
            if len(letter) != 1:
                raise _InexactError
            return letter + _ACCENTS[token]
        if token == "\\not":
            sign = self._argument().strip()
            if sign not in _NEGATED:
                raise _InexactError
            return f" {_NEGATED[sign]} "
        return self._alphabet(token)

    def _alphabet(self, token: str) -> str:
        if token == "\\mathbb":
            return "".join(_styled(char, 0x1D538, 0x1D552, _DOUBLE_STRUCK) for char in self._argument())
        if token in ("\\mathcal", "\\mathscr"):
            return "".join(_styled(char, 0x1D49C, None, _SCRIPT) for char in self._argument())
        if token in ("\\mathbf", "\\textbf", "\\boldsymbol"):
            return "".join(_styled(char, 0x1D400, 0x1D41A, {}) for char in self._argument())
        raise _InexactError

    def _verbatim(self) -> str:
        """Words within a formula: white space counts, nothing else is read."""
        if self._next() != "{":
            raise _InexactError
        words: list[str] = []
        while (token := self._next()) != "}":
            if token in ("{", "$") or (token[0] == "\\" and token not in _ESCAPED and token not in _SPACES):
                raise _InexactError
            words.append(_ESCAPED.get(token, _SPACES.get(token, token)))
        return "".join(words)

    def _root(self) -> str:
        degree = ""
        if self._peek() == "[":
            self._next()
            while (token := self._next()) != "]":
                degree += token
        if degree.strip() not in _ROOTS:
            raise _InexactError
        return f"{_ROOTS[degree.strip()]}{_enclosed(self._argument())}"

    def _fraction(self, before: str) -> str:
        above, below = self._argument(), _enclosed(self._argument())
        whole = f"{above.strip() if _is_product(above) else _enclosed(above)}/{below}"
        follows = self._peek()
        alone = not follows or follows in "=+-<>,.;:)]}|" or follows in _BINARY or follows in _SPACES
        joined = bool(before) and (before[-1].isalnum() or before[-1] in ")]}′")
        return whole if alone and not joined else f"({whole})"

    def _raised(self, mark: str, text: str) -> str:
        table = _SUPER if mark == "^" else _SUB
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
