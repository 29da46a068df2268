"""The commands of TeX that are one sign of Unicode, and the alphabets of formulas. Pure data."""

from __future__ import annotations

SUPER = dict(zip(
    "0123456789+-=()abcdefghijklmnoprstuvwxyzABDEGHIJKLMNOPRTUVWαβγδεθιφχ′°*",
    "⁰¹²³⁴⁵⁶⁷⁸⁹⁺⁻⁼⁽⁾ᵃᵇᶜᵈᵉᶠᵍʰⁱʲᵏˡᵐⁿᵒᵖʳˢᵗᵘᵛʷˣʸᶻᴬᴮᴰᴱᴳᴴᴵᴶᴷᴸᴹᴺᴼᴾᴿᵀᵁⱽᵂᵅᵝᵞᵟᵋᶿᶥᶲᵡ′°*",
    strict=True,
))  # fmt: skip
SUB = dict(zip(
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
    "leqslant ⩽ geqslant ⩾ bmod mod "
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


SIGNS = _table(_LETTERS)
BINARY = _table(_OPERATORS)
FUNCTIONS = frozenset(
    f"\\{name}"
    for name in "sin cos tan cot sec csc arcsin arccos arctan sinh cosh tanh coth exp log ln lg lim limsup "
    "liminf max min sup inf det dim ker deg gcd arg hom Pr mod sen".split()
)
SPACES = {
    "\\,": " ",
    "\\;": " ",
    "\\:": " ",
    "\\ ": " ",
    "\\quad": "  ",
    "\\qquad": "  ",
    "\\!": "",
    "~": " ",
}
ESCAPED = {f"\\{sign}": sign for sign in "{}%$#&_"} | {"\\|": "‖"}
SIZES = frozenset(f"\\{name}" for name in "left right big Big bigg Bigg bigl bigr Bigl Bigr middle".split())
IGNORED = frozenset(("\\displaystyle", "\\textstyle", "\\limits", "\\nolimits"))
ACCENTS = {
    "\\hat": "\u0302", "\\bar": "\u0304", "\\vec": "\u20d7", "\\tilde": "\u0303", "\\dot": "\u0307",
    "\\ddot": "\u0308", "\\overline": "\u0305", "\\check": "\u030c", "\\underline": "\u0332",
}  # fmt: skip
NEGATED = {
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
ROOTS = {"": "√", "2": "√", "3": "∛", "4": "∜"}
DOUBLE_STRUCK = {"C": "ℂ", "H": "ℍ", "N": "ℕ", "P": "ℙ", "Q": "ℚ", "R": "ℝ", "Z": "ℤ"}
SCRIPT = {"B": "ℬ", "E": "ℰ", "F": "ℱ", "H": "ℋ", "I": "ℐ", "L": "ℒ", "M": "ℳ", "R": "ℛ"}
PLAIN_TEXT = frozenset(("\\text", "\\mathrm", "\\operatorname", "\\mbox", "\\textrm", "\\mathit", "\\textit"))
FRACTIONS = frozenset(("\\frac", "\\dfrac", "\\tfrac", "\\cfrac"))
