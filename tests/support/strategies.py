"""Texts that hypothesis makes up."""

from __future__ import annotations

from hypothesis import strategies as st

MARKDOWN = st.lists(
    st.sampled_from(
        [
            "# Título", "## Otro ##", "texto suelto", "otra línea", "", "", "- uno", "- dos", "  - dentro",
            "    - más dentro", "1. primero", "2) segundo", "> cita", ">> doble", "> - en cita", "```python",
            "```", "~~~", "   ```", "x = 1", "    código", "| a | b |", "|---|---|", "| 1 | 2 |", "---",
            "===", "***", "vector<int>", "[1]: nota", "<b>", "**sin cerrar", "`a", "cierra** y `b`", "* * *",
            "-", "#", "\tsangrado", "> > doble", "1.", "|", "Ñandú 🤖 日本語", "a" * 90, "palabra " * 20,
            "*b* " * 40,
        ]
    ),
    max_size=25,
).map("\n".join)  # fmt: skip
