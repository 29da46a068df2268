"""Scanning inline Markdown: emphasis, code, links, formulas. Pure, in linear time.

It reads as CommonMark does, but asks for the look of each thing, since characters carry meaning in what
models write: `3*4*5`, `__name__`, `src/*.c`, `C:\\dir\\*.txt`, `$5 y $6` stay as they came. What is
doubtful is text.
"""

from __future__ import annotations

import re

from .emphasis import DELIMITERS, Emphasis
from .links import AUTOLINK, DESTINATION, URL, target_of, trimmed_url
from .maths import is_sign, looks_like_maths, readable
from .scanned import Kind, Link, Scanned

# Alternatives that all begin with a character of their own: only then the engine skips to the next of these.
_SPECIAL = re.compile(r"\\|`|\*|_|~|\[|\]|<|\$|https?://|mailto:|www\.|H(?i:ttps?://)")
_CODE_FENCE = re.compile(r"`+")
_ESCAPABLE = frozenset("*_`[]#~<>$+-.!)")
_ORDINAL = re.compile(r"\s*\d+$")
_PATH = re.compile(r"\\[^\W_]|^\\\\|:\\|\\\*\.\w|/\\\[\S*\\\]/|%\w+%\\")  # of a file, or a pattern in `/`
_DRIVE = re.compile(r"\b[A-Za-z]:\\(?:[^\s,;:*?\"<>|]+ ){1,2}$")  # C:\Program Files\…
_WORD_END = re.compile(r"\s")
_MATHS = {"\\(": "\\)", "\\[": "\\]", "$$": "$$"}
_GLUED = re.compile(r"[0-9A-Za-z\u00c0-\u024f\\^*+?.|)\]]")  # before `\(` in a regular expression
_LONGEST_WORD = 200
_LONGEST_FORMULA = 4_000
_LONGEST_INLINE = 300  # of a formula between single dollars


def plain(text: str) -> bool:
    """Whether nothing in a text can be anything but text."""
    return _SPECIAL.search(text) is None


def scan(text: str, *, close: bool = False) -> Scanned:
    """Read a text.

    Args:
        text: without line breaks that end a block.
        close: whether emphasis and code that are open at the end are taken for closed there.
    """
    return _Scanner(text, close).run()


def escaped_brackets(inner: str) -> bool:
    """Whether what stands between `\\[` and `\\]` is no formula: a box that is ticked, a key, a remark."""
    return inner.strip().lstrip("-").isalnum() or ("\\" not in inner and not looks_like_maths(inner))


def formula_open(text: str) -> bool:
    """Whether a formula that may go on in the next line is open at the end of a text."""
    if "$$" not in text and "\\" not in text:
        return False
    at = 0
    while (begin := _FORMULA_BEGINS.search(text, at)) is not None:
        end = text.find(_MATHS[begin.group()], begin.end())
        if end < 0:
            return len(text) - begin.end() < _LONGEST_FORMULA
        at = end + 2
    return False


_FORMULA_BEGINS = re.compile(rf"(?<!{_GLUED.pattern})\\[(\[]|(?<!\\)\$\$")


class _Scanner:
    """One reading of one text."""

    def __init__(self, text: str, close: bool) -> None:
        self._text, self._close = text, close
        self._found = Scanned()
        self._emphasis = Emphasis(text, self._found, close=close)
        self._brackets: list[tuple[int, bool]] = []  # the node of each that is open, and whether of a picture
        self._pictures = 0  # how many of these, from the first on, are known to be of pictures
        self._no_code: set[int] = set()  # lengths of runs of backticks that no later run closes

    def run(self) -> Scanned:
        text, at = self._text, 0
        while (special := _SPECIAL.search(text, at)) is not None:
            if special.start() > at:
                self._add(text[at : special.start()])
            at = self._special(special.group(), special.start())
        if at < len(text):
            self._add(text[at:])
        found = self._found
        found.unclosed = found.unclosed or bool(self._brackets) or self._emphasis.unclosed
        if self._close:
            self._emphasis.close_all()
        return found

    def _add(self, text: str, kind: Kind = "text") -> int:
        return self._found.add(text, kind)

    def _special(self, sign: str, at: int) -> int:
        """Read what begins with a special character; return where the text goes on."""
        end: int | None = None
        if sign == "\\":
            end = self._formula(at) if self._text[at : at + 2] in _MATHS else None
            return end if end is not None else self._escape(at)
        if sign == "`":
            return self._code(at)
        if sign in DELIMITERS:
            return self._emphasis.run(at)
        if sign == "$":
            end = self._formula(at) if self._text.startswith("$$", at) else self._dollar(at)
        elif sign == "[":
            return self._bracket(at)
        elif sign == "]":
            end = self._close_bracket(at)
        elif sign == "<":
            end = self._autolink(at)
        else:
            end = self._url(at)
        if end is None:
            self._add(sign)
            return at + len(sign)
        return end

    # -- what is read as it stands ------------------------------------------------------------

    def _escape(self, at: int) -> int:
        sign = self._text[at + 1 : at + 2]
        if sign in _ESCAPABLE and sign and self._escapes(sign, at):
            self._add(sign)
            return at + 2
        self._add("\\")
        return at + 1

    def _escapes(self, sign: str, at: int) -> bool:
        """Whether a backslash only says that no Markdown is meant; in a path it is a character."""
        text = self._text
        if sign in ".)":
            return bool(_ORDINAL.fullmatch(text, text.rfind("\n", max(0, at - 20), at) + 1, at))
        if sign in "#+->!":
            before = text[max(0, at - _LONGEST_WORD) : at].rpartition("\n")
            return not before[2].strip() and (bool(before[1]) or at <= _LONGEST_WORD)
        begin = max(
            0, at - _LONGEST_WORD, *(text.rfind(space, max(0, at - _LONGEST_WORD), at) + 1 for space in " \n")
        )
        end = _WORD_END.search(text, at, at + _LONGEST_WORD)
        if _PATH.search(text[begin : end.start() if end else at + _LONGEST_WORD]):
            return False
        in_path = text[begin].isupper() and _DRIVE.search(text, max(0, begin - _LONGEST_WORD), begin)
        return not in_path

    def _code(self, at: int) -> int:
        text = self._text
        run = _CODE_FENCE.match(text, at)
        assert run is not None
        length = run.end() - at
        for other in () if length in self._no_code else _CODE_FENCE.finditer(text, run.end()):
            if other.end() - other.start() == length:
                self._add_code(text[run.end() : other.start()])
                return other.end()
        self._no_code.add(length)
        self._found.unclosed = True
        if self._close and run.end() < len(text):
            self._add_code(text[run.end() :])
            return len(text)
        if not self._close or length > 2:
            self._add(run.group())
        return run.end()

    def _add_code(self, code: str) -> None:
        code = code.replace("\n", " ")
        if len(code) > 2 and code[0] == code[-1] == " " and code.strip():
            code = code[1:-1]
        at = 0
        for url in URL.finditer(code) if ":" in code else ():
            if url.start() and code[url.start() - 1].isalnum():
                continue
            whole = trimmed_url(url.group())
            if url.start() > at:
                self._add(code[at : url.start()], "code")
            node = self._add(whole, "code")
            self._link(Link(node, node + 1, whole))
            at = url.start() + len(whole)
        if at < len(code) or not code:
            self._add(code[at:], "code")

    def _formula(self, at: int) -> int | None:
        begin = self._text[at : at + 2]
        if begin != "$$" and _GLUED.match(self._text[at - 1 : at]):
            return None
        end = self._text.find(_MATHS[begin], at + 2, at + _LONGEST_FORMULA)
        if end < 0:
            self._found.unclosed = self._found.unclosed or len(self._text) - at < _LONGEST_FORMULA
            return None
        inner = self._text[at + 2 : end]
        if (
            not inner.strip()
            or self._text[end + 2 : end + 3] == "$"
            or (
                begin == "\\(" and begin in inner
            )  # none stands in another, and each would be read to the end
            or (begin == "\\[" and escaped_brackets(inner))
            or (begin != "$$" and not looks_like_maths(inner))
        ):
            return None
        self._add_formula(inner, self._text[at : end + 2])
        return end + 2

    def _dollar(self, at: int) -> int | None:
        text = self._text
        before, after = text[at - 1 : at], text[at + 1 : at + 2]
        if (
            before.isalnum()
            or (before in ("\\", "$") and before)
            or not after
            or after.isspace()
            or after == "$"
        ):
            return None
        end = text.find("$", at + 1, at + _LONGEST_INLINE)
        while end > 0 and text[end - 1] == "\\":
            end = text.find("$", end + 1, at + _LONGEST_INLINE)
        if end < 0:
            new = not after.isdigit() and len(text) - at < _LONGEST_INLINE
            self._found.unclosed = self._found.unclosed or new
            return None
        inner, follows = text[at + 1 : end], text[end + 1 : end + 2]
        glued = follows.isalnum() and not is_sign(inner)  # `$\\mu$m`, but not `$a$b`
        if inner[-1].isspace() or glued or (follows and follows in "{$") or "\n\n" in inner:
            return None
        if not looks_like_maths(inner):
            return None
        self._add_formula(inner, text[at : end + 1])
        return end + 1

    def _add_formula(self, inner: str, source: str) -> None:
        self._add(readable(inner) or " ".join(source.split("\n")), "maths")

    # -- links --------------------------------------------------------------------------------

    def _bracket(self, at: int) -> int:
        nodes = self._found.nodes
        image = bool(nodes) and nodes[-1].kind == "text" and nodes[-1].text.endswith("!")
        self._brackets.append((self._add("["), image))
        return at + 1

    def _close_bracket(self, at: int) -> int | None:
        if not self._brackets:
            return None
        first, image = self._brackets.pop()
        self._pictures = min(self._pictures, len(self._brackets))
        found = DESTINATION.match(self._text, at + 1)
        if found is None:
            if at + 1 < len(self._text) and self._text[at + 1] == "(":
                self._found.unclosed = True
            return None
        target = target_of(found)
        if not target:
            return None
        nodes = self._found.nodes
        nodes[first].text = ""
        if image:
            nodes[first - 1].text = nodes[first - 1].text[:-1]
            if len(nodes) == first + 1:
                self._add("imagen")
        self._emphasis.forget_after(first)
        if not image:
            later = self._brackets[self._pictures :]
            self._brackets[self._pictures :] = [
                bracket for bracket in later if bracket[1]
            ]  # no link in another
            self._pictures = len(self._brackets)
        self._link(Link(first, len(nodes), target, found.group(3) or found.group(4) or "", image))
        return found.end()

    def _link(self, link: Link) -> None:
        links = self._found.links
        while links and links[-1].first >= link.first:  # a bare address within the text of a link
            links.pop()
        links.append(link)

    def _autolink(self, at: int) -> int | None:
        found = AUTOLINK.match(self._text, at)
        if found is None:
            return None
        node = self._add(found.group(1))
        mail = "" if ":" in found.group(1) else "mailto:"
        self._link(Link(node, node + 1, mail + found.group(1)))
        return found.end()

    def _url(self, at: int) -> int | None:
        if at and self._text[at - 1].isalnum():
            return None
        found = URL.match(self._text, at)
        if found is None:
            return None
        whole = trimmed_url(found.group())
        node = self._add(whole)
        if whole.startswith("www."):  # as in GitHub's Markdown
            self._link(Link(node, node + 1, f"http://{whole}"))
        elif whole.partition(":")[2].strip("/"):
            self._link(Link(node, node + 1, whole))
        return at + len(whole)
