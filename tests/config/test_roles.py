"""System prompts and roles: from flags, variables, files and `config.toml`."""

from __future__ import annotations

import sys
from pathlib import Path

import pytest
from support.places import UNSAFE, Place

from stream_core.config import roles
from stream_core.core.instructions import Instructions

HEAD = "---\nmodel: opus  \n# nota\neffort: Muy alto\ntools:\n - calculate\n - web_search\n---\n"
NEEDS = "Al rol «traductor» le falta"


def role(place: Place, name: str, text: str) -> Path:
    folder = place.config / "roles"
    folder.mkdir(exist_ok=True)
    (folder / f"{name}.md").write_text(text, "utf-8")
    return folder / f"{name}.md"


# -- a system prompt -------------------------------------------------------------------------------


def test_a_system_prompt_from_a_flag_a_variable_a_file_and_the_configuration(
    place: Place, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    (tmp_path / "aquí.md").write_text("\ufeffDe aquí\r\ncon dos líneas\n", "utf-8")
    (place.config / "allí.md").write_text("De allí\n", "utf-8")
    assert place.load("-s", "@aquí.md").system == "De aquí\ncon dos líneas"
    assert place.load("-s", "@@ana").system == "@ana"
    assert place.load("-s", "a @b").system == "a @b"
    (place.config / "config.toml").write_text('system = "@allí.md"\n')
    told = place.load()
    assert (told.system, told.origin.source("system")) == ("De allí", "por config.toml")
    told = place.load(STREAM_CORE_SYSTEM="De la variable")
    assert (told.system, told.origin.source("system")) == ("De la variable", "por STREAM_CORE_SYSTEM")
    assert place.load("-s", "", STREAM_CORE_SYSTEM="x").instructions == Instructions()
    assert place.load("-s", "y", STREAM_CORE_SYSTEM="x").origin.source("system") == "por --system"


def test_a_file_of_a_system_prompt_that_cannot_be_used(place: Place, tmp_path: Path) -> None:
    assert place.refused("-s", "@/nada/de\x1b[1mnada") == "--system: no existe el archivo «/nada/denada»."
    assert "no es un archivo corriente" in place.refused("-s", f"@{tmp_path}")
    (tmp_path / "x").write_text(" \n")
    assert "está vacío" in place.refused("-s", f"@{tmp_path / 'x'}")
    assert place.refused(STREAM_CORE_SYSTEM="@nada").startswith("STREAM_CORE_SYSTEM: no existe")


# -- roles -----------------------------------------------------------------------------------------


def test_a_role_with_its_head(place: Place) -> None:
    role(
        place,
        "Poeta",
        HEAD + "\nEn verso.\n",
    )
    told = place.load("--role", "poeta")
    assert told.instructions == Instructions("En verso.", "Poeta") and told.system == "En verso."
    assert (told.line, told.preferences.thinking.effort) == ("opus", "xhigh")
    assert told.tools.only == ("calculate", "web_search")
    assert told.origin.source("model") == "por el rol «Poeta»"
    assert told.origin.source("effort") == "por el rol «Poeta»"
    assert told.origin.source("system") == "por --role"
    told = place.load("--role", "Poeta", "-m", "haiku", "--effort", "bajo", "--only-tools", "no")
    assert (told.line, told.preferences.thinking.effort, told.tools.only) == ("haiku", "low", ())
    assert place.load("--role", "Poeta", ANTHROPIC_MODEL="haiku").line == "opus"


def test_a_role_of_the_configuration_gives_way_to_what_is_told_now(place: Place) -> None:
    role(place, "a", "Eres A, en {{idioma}}")
    role(place, "b", "Eres B")
    (place.config / "config.toml").write_text('role = "a"\nparam = ["idioma=inglés", "otra=cosa"]\n')
    assert place.load().system == "Eres A, en inglés"
    assert place.load("-p", "idioma=ruso").system == "Eres A, en ruso"
    assert place.load("--role", "b").system == "Eres B"
    assert place.load("-s", "C").system == place.load(STREAM_CORE_SYSTEM="C").system == "C"
    assert place.load("--role", "no").instructions == Instructions()


def test_a_template(place: Place) -> None:
    role(place, "traductor", "Traduce a {{idioma}}:\n\n{{input}}")
    told = place.load("--role", "traductor", "-p", "idioma=inglés", "--param", "idioma=francés")
    assert told.system is None and told.instructions.asked("hola") == "Traduce a francés:\n\nhola"
    assert told.instructions.params == (("idioma", "francés"),)


@pytest.mark.parametrize(
    ("argv", "told"),
    [
        (["--role", "traducto"], "¿Querías decir «traductor»?"),
        (["--role", "zzz"], "Hay «traductor»."),
        (["--role", "../traductor"], "No hay ningún rol «../traductor»"),
        (["--role", "\x1b[31mx"], "No hay ningún rol «x»"),
        (
            ["--role", "traductor"],
            f"{NEEDS}n «idioma» y «tono»: añade -p idioma=… -p tono=….",
        ),
        (["--role", "traductor", "-p", "idioma=x"], f"{NEEDS} «tono»: añade -p tono=…."),
        (
            ["--role", "traductor", "-p", "idoma=x"],
            " no tiene «idoma»: tiene «idioma», «tono».",
        ),
        (["--role", "traductor", "-p", "idioma"], "«idioma» no sirve; se escribe nombre=valor"),
        (["--role", "traductor", "-p", "=x"], "«=x» no sirve; se escribe nombre=valor"),
        (["--role", "traductor", "-s", "x"], "--role y --system no van juntas"),
        (["-p", "a=b"], "-p rellena las variables de un rol: elige uno con --role."),
    ],
)
def test_a_role_that_cannot_be_used_is_one_sentence(place: Place, argv: list[str], told: str) -> None:
    role(place, "traductor", "Traduce a {{idioma}}, {{tono}}: {{input}}")
    hint = place.refused(*argv)
    assert told in hint and not UNSAFE.search(hint)


@pytest.mark.parametrize(
    ("text", "told"),
    [
        ("---\nmodelo: opus\n---\nx", "línea 2: no conozco «modelo». ¿Querías decir «model»?"),
        ("---\nmodel: opus\n\nefort: alto\n---\nx", "línea 4: no conozco «efort». ¿Querías decir «effort»?"),
        ("---\nzzz: 1\n---\nx", "línea 2: no conozco «zzz». Puede ser model, effort, tools."),
        ("---\neffort: enorme\n---\nx", "línea 2: «enorme» no sirve para «esfuerzo»"),
        ("---\nmodel: opus\nmodel: haiku\n---\nx", "línea 3: «model» está dos veces"),
        ("---\nmodel: opus\nTraduces.", "falta la línea «---» que cierra el encabezado"),
        ("---\nsin dos puntos\n---\nx", "línea 2: no conozco «sin dos puntos»"),
        ("---\nmodel: opus\n---\n \n", "está vacío"),
        ("", "está vacío"),
    ],
)
def test_a_wrong_file_of_a_role(place: Place, text: str, told: str) -> None:
    role(place, "r", text)
    assert told in place.refused("--role", "r")
    assert not UNSAFE.search(roles.summary(place.config, "r"))


def test_comments_of_a_head(place: Place) -> None:
    role(place, "a", '---\n# nota\nmodel: "opus"  # el grande\ntools: # ninguna más\n  - calculate\n---\nx')
    settings = place.load("--role", "a")
    assert "opus" in settings.model and settings.tools.only == ("calculate",)


def test_a_rule_at_the_beginning_is_no_head(place: Place) -> None:
    role(place, "r", "---\nsin cierre")
    assert place.load("--role", "r").system == "---\nsin cierre"


def test_roles_in_a_list(place: Place) -> None:
    assert roles.names(place.config) == roles.names(None) == []
    role(place, "b", "# Título\n\nTexto")
    role(place, "a", "---\nmodel: opus\n---\nUna línea muy " + "larga " * 30)
    (place.config / "roles" / "nota.txt").touch()
    (place.config / "roles" / ".oculto.md").touch()
    assert roles.names(place.config) == ["a", "b"]
    assert roles.summary(place.config, "b") == "Título"
    assert len(roles.summary(place.config, "a")) == 60


@pytest.mark.skipif(sys.platform == "win32", reason="modes of POSIX")
def test_a_role_that_others_can_write_is_not_obeyed(place: Place) -> None:
    role(place, "r", "x").chmod(0o666)
    assert "no lo uso" in place.refused("--role", "r")
