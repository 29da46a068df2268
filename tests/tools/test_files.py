"""The tools for files: whatever the path, the folder and its changes, nothing comes from anywhere else."""

from __future__ import annotations

import os
import posixpath
import re
import stat
import tempfile
import threading
import time
import unicodedata
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import Any

import pytest
from conftest import QUICK
from hypothesis import given, settings
from hypothesis import strategies as st
from support.generated import up_to
from support.turns import Call, Take, said, serving, turn_async, turn_sync

from stream_core import ToolBox, ToolCall, ToolStarted, tool_schema
from stream_core.core.errors import ConfigError
from stream_core.core.sanitize import one_line, sanitize
from stream_core.texts.tool_errors_es import ToolError
from stream_core.tools import confined_folder as below
from stream_core.tools import must_ask
from stream_core.tools.confined_folder import LONGEST_PATH, is_private
from stream_core.tools.files import describe, file_lister, file_reader

PATIENCE = 20.0
"""Seconds after which a test that waits gives up; none of them is meant to pass."""
WAYS = (True, False) if below._STEPWISE else (False,)
MIB = 1024 * 1024


@contextmanager
def way(stepwise: bool) -> Iterator[None]:
    """Open step by step, or as systems must that cannot."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(below, "_STEPWISE", stepwise)
        yield


@pytest.fixture(params=WAYS, ids=lambda stepwise: "stepwise" if stepwise else "resolved")
def both_ways(request: pytest.FixtureRequest) -> Iterator[None]:
    with way(request.param):
        yield


@pytest.fixture
def folder(quick_path: Path) -> Path:
    """A folder to read from, beside something that must stay unread."""
    (quick_path / "fuera").mkdir()
    (quick_path / "fuera" / "notas.txt").write_text("SECRETO")
    inside = quick_path / "dentro"
    (inside / "sub").mkdir(parents=True)
    (inside / "notas.txt").write_text("unas notas\n")
    (inside / "sub" / "más.txt").write_text("más notas\n")
    return inside


def refusal(path: str, folder: Path, **options: Any) -> str:
    """Why a path is not read; it never says where the folder lies."""
    with pytest.raises(ToolError) as refused:
        file_reader(folder)(path, **options)
    assert type(refused.value) is ToolError and refused.value.__cause__ is None
    told = str(refused.value)
    assert told and str(folder) not in told and str(folder.parent) not in told and len(told) < 700
    assert told.isprintable()
    return told


def in_time(work: Callable[[], Any]) -> Any:
    """Result of work that must not block."""
    found: list[Any] = []
    thread = threading.Thread(target=lambda: found.append(work()), daemon=True)
    thread.start()
    thread.join(PATIENCE)
    assert found, "it waits"
    return found[0]


# -- any tree, any path ------------------------------------------------------------------------

NAMES = [
    "a",
    "b",
    "ñ",
    "c.txt",
    "A",
    "con espacio",
    "...",
    ".env",
    ".ENV",
    ".git",
    "id_rsa",
    "x.pem",
    "-",
    "~",
]
ODD = [
    "..",
    ".",
    "",
    "/",
    "\0",
    "a\0",
    "\u202ea",
    "a\u200b",
    "\ud800",
    "..\\",
    "x" * 300,
    "．．",
    "․env",
    "\n",
]
TARGETS = [
    *NAMES[:5],
    ".",
    "..",
    "../fuera",
    "../fuera/a",
    "a/b",
    "../../fuera",
    "nada",
    "/dev/null",
    "/proc/self",
]


def trees() -> st.SearchStrategy[list[tuple[int, str, str, str]]]:
    """Entries to make in turn: below which of the folders so far, the name, the kind, where a link leads."""
    kinds = st.sampled_from(["folder", "folder", "file", "file", "link", "absolute link", "pipe"])
    return st.lists(
        st.tuples(st.integers(0, 9), st.sampled_from(NAMES), kinds, st.sampled_from(TARGETS)), max_size=14
    )


def grown(root: Path, tree: list[tuple[int, str, str, str]]) -> None:
    outside = root.parent / "fuera"
    outside.mkdir()
    for name in NAMES:
        (outside / name).write_text(f"SECRETO {name}")
    root.mkdir()
    folders = [root]
    for number, (where, name, kind, target) in enumerate(tree):
        path = folders[where % len(folders)] / name
        if os.path.lexists(path):
            continue
        if kind == "folder":
            path.mkdir()
            folders.append(path)
        elif kind == "file":
            path.write_text(f"{number}: de dentro")
        elif kind == "pipe" and hasattr(os, "mkfifo"):
            os.mkfifo(path)
        else:
            path.symlink_to(outside / target if kind == "absolute link" else target)


def inside(root: Path) -> tuple[dict[str, str], dict[str, set[str]]]:
    """Readable files and folders by a walk that crosses no link: texts and names."""
    files: dict[str, str] = {}
    folders: dict[str, set[str]] = {}
    waiting = [""]
    while waiting:
        here = waiting.pop()
        names = folders[here or "."] = set()
        for name in os.listdir(root / here):  # noqa: PTH208
            kind = (root / here / name).lstat().st_mode
            if name in (".env", ".ENV", ".git", "...", "id_rsa", "x.pem"):
                continue
            if stat.S_ISDIR(kind):
                names.add(f"{name}/")
                waiting.append(posixpath.join(here, name))
            elif stat.S_ISREG(kind):
                names.add(name)
                files[posixpath.join(here, name)] = (root / here / name).read_text()
    return files, folders


def paths() -> st.SearchStrategy[str]:
    parts = st.lists(st.one_of(st.sampled_from(NAMES), st.sampled_from(ODD)), max_size=5)
    joined = st.builds(
        lambda parts, end: "/".join(parts) + end, parts, st.sampled_from(["", "", "/", "/.", "//"])
    )
    return st.one_of(
        joined, st.lists(st.sampled_from(NAMES[:5]), max_size=4).map("/".join), st.text(max_size=12)
    )


@pytest.mark.parametrize("stepwise", WAYS)
@settings(max_examples=up_to(100), deadline=None)
@given(trees(), st.lists(paths(), max_size=12), st.booleans())
def test_only_what_is_inside_is_ever_read(
    stepwise: bool, tree: list[tuple[int, str, str, str]], asked: list[str], absolute: bool
) -> None:
    with tempfile.TemporaryDirectory(dir=QUICK) as made, way(stepwise):
        root = Path(made) / "dentro"
        grown(root, tree)
        files, folders = inside(root)
        read, listed = file_reader(root), file_lister(root)
        there = [path.relative_to(root).as_posix() for path in root.rglob("*")]
        asked = [*asked, *files, *there, *(f"{path}/{name}" for path in there for name in NAMES[:3])]
        if absolute:
            asked += [str(root / path) for path in asked if "\0" not in path]
        for path in asked:
            meant = posixpath.normpath(path) if path and ".." not in path.split("/") else None
            try:
                text = read(path)
            except ToolError as refused:
                assert meant not in files, refused
                assert made not in str(refused) or made in path
            else:
                assert meant is not None and text == files[meant]
            try:
                names = listed(path)
            except ToolError:
                assert meant not in folders or path != meant
            else:
                assert meant is None or not path.startswith("/")
                shown = {line for line in names.split("\n") if not line.startswith("[")}
                assert shown == folders[meant or "."]


@pytest.mark.usefixtures("both_ways")
@pytest.mark.parametrize(
    "path",
    [
        "../fuera/notas.txt",
        "sub/../notas.txt",
        "..",
        "sub/../../fuera/notas.txt",
        "/etc/passwd",
        "//etc/passwd",
        "/",
        "",
        ".",
        "sub",
        "sub/",
        "nada.txt",
        "notas.txt/x",
        "notas.txt\0",
        "\0",
        "no\ttas.txt",
        "notas\u202e.txt",
        "notas\u200b.txt",
        "notas.txt\n",
        "\ud800.txt",
        "\x1b[31mnotas.txt",
        "x" * 300,
        "ñ" * 200,
        "x/" * 200,
        "x/" * 100_000,
        "~/notas.txt",
        "file:///etc/passwd",
        "..\\fuera\\notas.txt",
        "%2e%2e/fuera/notas.txt",
        "．．/fuera/notas.txt",
        "‥/fuera/notas.txt",
    ],
)
def test_a_path_that_leads_elsewhere_is_refused(folder: Path, path: str) -> None:
    refusal(path, folder)


@pytest.mark.usefixtures("both_ways")
@pytest.mark.parametrize(
    "path", ["sub/más.txt", "./sub/más.txt", "sub//más.txt", "sub/./más.txt", ".//sub/más.txt"]
)
def test_a_path_that_leads_inside_is_read(folder: Path, path: str) -> None:
    assert file_reader(folder)(path) == "más notas"


@pytest.mark.usefixtures("both_ways")
@pytest.mark.parametrize(
    "name",
    [
        *(".env", ".env.local", ".ENV", "prod.env", "prod.env.bak", ".netrc", ".gitignore", "․env", "..."),
        *(
            "id_rsa",
            "ID_ED25519",
            "id_rsa.pub",
            "clave.pem",
            "Clave.PEM",
            "clave.pem.bak",
            "tls.key",
            "tls.key~",
        ),
        *(
            "credentials",
            "credentials.json",
            "Credentials.csv",
            "credenciales.txt",
            "secrets.yaml",
            "ｉd_rsa",
        ),
        *("x.p12", "x.pfx", "x.kdbx"),
        *(unicodedata.normalize("NFD", "mi contraseña.txt"), "CONTRASEÑAS.TXT", "mi-token.txt", "wallet.dat"),
    ],
)
def test_what_looks_like_a_secret_is_neither_read_nor_listed(folder: Path, name: str) -> None:
    (folder / name).write_text("SECRETO")
    (folder / "sub" / name).mkdir()
    (folder / "sub" / name / "notas.txt").write_text("SECRETO")
    for path in (name, f"sub/{name}/notas.txt", f"./{name}", f"{name}/"):
        assert "secreto" in refusal(path, folder)
    assert file_lister(folder)() == "notas.txt\nsub/\n[sin mostrar: 1 que no se puede leer]"
    assert name not in file_lister(folder)("sub")


SECRETS = """
    secret.txt secretos.md mis_secretos.txt client_secret_1.json SECRETS.YAML credential.xml aws-credentials
    credenciales.csv token token.txt api_tokens.json refresh-token.json contraseña.txt Contraseñas.docx
    mi_contraseña.md contrasenas.txt password passwords.csv PASSWORD.TXT mypasswords.txt passphrase.txt
    clave.txt claves.txt claves-wifi.odt clave_privada.txt api-key.txt apikey api_key.json private-key.txt
    backup.gpg doc.pgp firma.asc copia.age boveda.kdbx vieja.kdb kubeconfig kubeconfig.yaml prod.kubeconfig
    terraform.tfstate terraform.tfstate.backup prod.tfvars casa.ovpn wg0.conf netrc _netrc npmrc pypirc pgpass
    my.cnf htpasswd wallet wallet.dat wallets.json service-account.json service_account.json
    mi-serviceaccount.json x-firebase-adminsdk-1.json cuenta-de-servicio.json
    application_default_credentials.json server.key server.key.old tls.pem tls.pem.bak cert.p12 cert.pfx
    llave.ppk app.jks app.keystore krb5.keytab AuthKey_1.p8 id_rsa id_ed25519 id_ecdsa.pub logins.json
    key4.db cookies.sqlite shadow recovery-codes.txt codigos-de-recuperacion.txt .ssh .aws .npmrc .pypirc
    .pgpass .netrc .kube .docker .gnupg .bash_history login.keychain-db vault-pass.txt
"""


@pytest.mark.parametrize("name", SECRETS.split())
def test_what_people_call_a_secret_is_one_however_it_is_written(name: str) -> None:
    for form in ("NFC", "NFD", "NFKC", "NFKD"):
        plain = unicodedata.normalize(form, name)
        for written in (
            plain,
            plain.upper(),
            plain.title(),
            f"{plain}~",
            f"{plain}.bak",
            f"{plain}. ",
            f"#{plain}#",
        ):
            assert is_private(written), written


@pytest.mark.parametrize(
    "name",
    [
        *("notas.txt", "env", "monkey", "tls.keynote", "secretaria.txt", "identidad", "a.b"),
        *("teclado.md", "conclave.txt", "palabras-clave.md"),
        *("gallery.png", "Secretario.odt", "keys.py", "monedas.csv", "envases.csv", "shadows.css"),
    ],
)
def test_a_usual_name_is_no_secret(name: str) -> None:
    assert not is_private(name)


@pytest.mark.usefixtures("both_ways")
@pytest.mark.parametrize("target", ["notas.txt", "../fuera/notas.txt", "/etc/passwd", "nada", "enlace.txt"])
def test_a_link_is_not_followed_wherever_it_leads(folder: Path, target: str) -> None:
    (folder / "enlace.txt").symlink_to(target)
    assert "enlace" in refusal("enlace.txt", folder)
    assert "enlace" not in file_lister(folder)()


@pytest.mark.usefixtures("both_ways")
@pytest.mark.parametrize("target", ["sub", ".", "..", "../fuera", "/etc"])
def test_no_folder_on_the_way_is_a_link(folder: Path, target: str) -> None:
    (folder / "enlace").symlink_to(target, target_is_directory=True)
    for path in (
        "enlace/más.txt",
        "enlace/notas.txt",
        "enlace/./notas.txt",
        "enlace/sub/más.txt",
        "enlace/passwd",
    ):
        assert "enlace" in refusal(path, folder)
    for path in ("enlace", "enlace/", "enlace/sub"):
        with pytest.raises(ToolError, match="enlace"):
            file_lister(folder)(path)


@pytest.mark.usefixtures("both_ways")
@pytest.mark.skipif(not hasattr(os, "mkfifo"), reason="there are no pipes in a folder")
def test_a_pipe_makes_nobody_wait(folder: Path) -> None:
    os.mkfifo(folder / "tubo.txt")
    assert "no es un archivo corriente" in in_time(lambda: refusal("tubo.txt", folder))
    assert "tubo" not in file_lister(folder)()


def slips_in(patch: pytest.MonkeyPatch, change: Callable[[], Any]) -> None:
    """Let something change between the look at a file and its opening."""
    looked = below._must_be_regular

    def changing(found: os.stat_result) -> None:
        looked(found)
        patch.setattr(below, "_must_be_regular", looked)
        change()

    patch.setattr(below, "_must_be_regular", changing)


@pytest.mark.usefixtures("both_ways")
@pytest.mark.skipif(not hasattr(os, "mkfifo"), reason="there are no pipes in a folder")
def test_a_pipe_that_slips_in_makes_nobody_wait(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    os.mkfifo(folder / "tubo")
    slips_in(monkeypatch, lambda: (folder / "tubo").rename(folder / "notas.txt"))
    assert "no es un archivo corriente" in in_time(lambda: refusal("notas.txt", folder))
    assert stat.S_ISFIFO((folder / "notas.txt").stat().st_mode)


@pytest.mark.usefixtures("both_ways")
@pytest.mark.skipif(not hasattr(os, "O_NOFOLLOW"), reason="this system follows links")
def test_a_link_that_slips_in_is_not_followed(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (folder / "enlace").symlink_to("../fuera/notas.txt")
    slips_in(monkeypatch, lambda: (folder / "enlace").rename(folder / "notas.txt"))
    assert "enlace" in refusal("notas.txt", folder)
    assert (folder / "notas.txt").read_text() == "SECRETO"


@pytest.mark.skipif(not below._STEPWISE, reason="this system cannot open step by step")
def test_a_folder_that_is_swapped_after_it_was_opened_is_the_one_that_was(
    folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def swap() -> None:
        (folder / "sub").rename(folder / "aparte")
        (folder / "sub").symlink_to("../fuera")
        (folder.parent / "fuera" / "más.txt").write_text("SECRETO")

    slips_in(monkeypatch, swap)
    assert file_reader(folder)("sub/más.txt") == "más notas"
    assert (folder / "sub" / "más.txt").read_text() == "SECRETO"


@pytest.mark.parametrize(
    ("target", "told"),
    [
        ("../fuera", "no está dentro de la carpeta"),
        (".git", "secreto"),
        ("..", "no está dentro de la carpeta"),
    ],
)
def test_what_does_not_call_itself_a_link_does_not_lead_out_either(
    folder: Path, monkeypatch: pytest.MonkeyPatch, target: str, told: str
) -> None:
    """Junctions and short names (`GIT~1`) of Windows."""
    (folder / ".git").mkdir()
    for path in (folder / ".git", folder.parent):
        (path / "notas.txt").write_text("SECRETO")
    (folder / "GIT~1").symlink_to(target)
    with way(False):
        monkeypatch.setattr(Path, "is_symlink", lambda _: False)
        assert told in refusal("GIT~1/notas.txt", folder)
        with pytest.raises(ToolError, match=told):
            file_lister(folder)("GIT~1")


@pytest.mark.usefixtures("both_ways")
@pytest.mark.skipif(not Path("/dev/null").exists(), reason="there are no devices in a folder")
def test_a_device_is_no_file() -> None:
    for name in ("null", "zero", "tty", "random"):
        if Path("/dev", name).exists():
            with pytest.raises(ToolError, match="no es un archivo corriente"):
                file_reader(Path("/dev"))(name)


@pytest.mark.skipif(
    not below._STEPWISE or not os.path.ismount("/dev/shm"),
    reason="nothing is mounted below a folder",
)
def test_what_is_mounted_below_is_not_entered() -> None:
    with tempfile.NamedTemporaryFile(dir="/dev/shm", prefix="notas", mode="w") as file:
        file.write("de otro disco")
        file.flush()
        assert file_reader(Path("/dev/shm"))(Path(file.name).name) == "de otro disco"
        with pytest.raises(ToolError, match="otro disco"):
            file_reader(Path("/dev"))(f"shm/{Path(file.name).name}")


@pytest.mark.usefixtures("both_ways")
@pytest.mark.skipif(not hasattr(os, "geteuid") or os.geteuid() == 0, reason="root may read anything")
def test_what_the_system_does_not_allow_is_told(folder: Path) -> None:
    (folder / "notas.txt").chmod(0)
    assert "el sistema no lo permite" in refusal("notas.txt", folder)


@pytest.mark.usefixtures("both_ways")
def test_no_handle_is_left_open(folder: Path) -> None:
    (folder / "enlace").symlink_to("sub")
    read, listed = file_reader(folder), file_lister(folder)

    def next_handle() -> int:
        handle = os.open(folder / "notas.txt", os.O_RDONLY)
        os.close(handle)
        return handle

    before = next_handle()
    for path in (
        "notas.txt",
        "sub/más.txt",
        "sub",
        "sub/nada",
        "enlace/más.txt",
        "enlace",
        "",
        "sub/más.txt/x",
    ):
        for tool in (read, listed):
            with suppress(ToolError):
                tool(path)
    assert next_handle() == before


# -- somebody changes the folder meanwhile -----------------------------------------------------


def swapped_folder(folder: Path) -> tuple[Path, Path]:
    return folder / "sub", folder.parent / "fuera"


def swapped_file(folder: Path) -> tuple[Path, Path]:
    return folder / "sub" / "notas.txt", folder.parent / "fuera" / "notas.txt"


def swapped_root(folder: Path) -> tuple[Path, Path]:
    (folder.parent / "fuera" / "sub").symlink_to(".")
    return folder, folder.parent / "fuera"


@pytest.mark.skipif(not below._STEPWISE, reason="this system cannot open step by step")
@pytest.mark.parametrize("swapped", [swapped_folder, swapped_file, swapped_root])
def test_what_is_swapped_with_a_link_while_it_is_read_never_leads_out(
    folder: Path, swapped: Callable[[Path], tuple[Path, Path]]
) -> None:
    (folder / "sub" / "notas.txt").write_text("de dentro")
    read, listed = file_reader(folder), file_lister(folder)
    (folder.parent / "fuera" / "SECRETO").write_text("SECRETO")
    victim, target = swapped(folder)
    aside, link = folder.parent / "aparte", folder.parent / "enlace"
    path = folder / "sub" / "notas.txt"
    stop = threading.Event()

    def swap() -> None:
        while not stop.is_set():
            link.symlink_to(target)
            victim.rename(aside)
            link.rename(victim)
            victim.unlink()
            aside.rename(victim)

    swapper = threading.Thread(target=swap)
    swapper.start()
    try:
        until = time.monotonic() + PATIENCE
        told = {"de dentro": 0, "refused": 0, "followed": 0}
        while min(told.values()) < 200 and time.monotonic() < until:
            with suppress(OSError):  # what a plain open makes of it: the swap is a real one
                told["followed"] += path.read_text() == "SECRETO"
            try:
                told[read("sub/notas.txt")] += 1  # a KeyError would be the secret
                assert "SECRETO" not in listed("sub")
            except ToolError:
                told["refused"] += 1
        assert min(told.values()) >= 200, told
    finally:
        stop.set()
        swapper.join()


@pytest.mark.usefixtures("both_ways")
def test_another_folder_in_the_place_of_the_first_is_not_read(folder: Path) -> None:
    read, listed = file_reader(folder), file_lister(folder)
    folder.rename(folder.with_name("aparte"))
    (folder.parent / "fuera").rename(folder)
    for tool, path in ((read, "notas.txt"), (listed, ".")):
        with pytest.raises(ToolError, match="ya no es la que era"):
            tool(path)


def test_the_folder_may_be_named_by_a_link(folder: Path) -> None:
    (folder.parent / "enlace").symlink_to(folder)
    assert file_reader(folder.parent / "enlace")("notas.txt") == "unas notas"


@pytest.mark.parametrize(
    ("name", "told"),
    [
        ("nada", "no existe"),
        ("notas.txt", "no es una carpeta"),
        ("notas.txt/x", "no existe"),
        ("vuelta", "no se puede leer"),
        ("a\0b", "no se puede leer"),
        ("/", "elige una carpeta tuya"),
        pytest.param(
            "/proc/self",
            "elige una carpeta tuya",
            marks=pytest.mark.skipif(not Path("/proc/self").exists(), reason="there is no /proc"),
        ),
    ],
)
@pytest.mark.parametrize("make", [file_reader, file_lister])
def test_a_folder_that_is_none_is_told_in_spanish(
    folder: Path, make: Callable[[Path], Any], name: str, told: str
) -> None:
    (folder / "vuelta").symlink_to("vuelta")
    with pytest.raises(ConfigError) as refused:
        make(folder / name)
    assert told in refused.value.hint and refused.value.hint.endswith(".") and "\0" not in refused.value.hint


# -- what is given -----------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("data", "text"),
    [
        (b"", "[el archivo está vacío]"),
        (b"\xef\xbb\xbf", "[el archivo está vacío]"),
        (b"\n", ""),
        (b"una", "una"),
        (b"una\ndos\n", "una\ndos"),
        (b"una\r\ndos\r\n", "una\ndos"),
        (b"una\n\n\n", "una\n\n"),
        (b"a\rb\x0bc\xe2\x80\xa8d\n", "a\rb\x0bc\u2028d"),
        ("\ufeffcañón".encode(), "cañón"),
        (b"ca\xf1\xf3n", "ca\ufffd\ufffdn\n[no todo está en UTF-8: lo que no, va como \ufffd]"),
        (b"\xef\xbb", "\ufffd\n[no todo está en UTF-8: lo que no, va como \ufffd]"),
        ("\ufffd".encode(), "\ufffd"),
        (b"\x1b[31mrojo", "\x1b[31mrojo"),
    ],
)
def test_how_a_file_is_read(folder: Path, data: bytes, text: str) -> None:
    (folder / "x").write_bytes(data)
    assert file_reader(folder)("x") == text


@pytest.mark.parametrize("data", [b"\0", b"PNG\0\1", "hola".encode("utf-16"), b"x" * 5000 + b"\0"])
def test_what_is_not_text_is_told(folder: Path, data: bytes) -> None:
    (folder / "x").write_bytes(data)
    assert "no es un archivo de texto" in refusal("x", folder)


@pytest.mark.parametrize(
    ("options", "told"),
    [
        ({"first_line": 2}, "no hay línea 2: la última que se puede leer es la 1"),
        ({"first_line": 10**30}, "la última que se puede leer es la 1"),
        ({"first_line": 0}, "1 o más"),
        ({"first_line": -1}, "1 o más"),
        ({"lines": 0}, "1 o más"),
    ],
)
def test_lines_that_are_not_there(folder: Path, options: dict[str, int], told: str) -> None:
    assert told in refusal("notas.txt", folder, **options)


def test_what_is_left_is_told(folder: Path) -> None:
    (folder / "x").write_text("".join(f"línea {number}\n" for number in range(1, 1001)))
    read = file_reader(folder)
    assert read("x", 1, 2) == "línea 1\nlínea 2\n[líneas por leer: 998; sigue con first_line=3]"
    assert read("x", 999) == "línea 999\nlínea 1000"
    assert read("x", 1000, 10**30) == "línea 1000"
    assert read("x").endswith("línea 500\n[líneas por leer: 500; sigue con first_line=501]")


NEXT = re.compile(r"\n\[líneas por leer: (\d+); sigue con first_line=(\d+)\]\Z")


@settings(max_examples=up_to(60), deadline=None)
@given(
    st.lists(st.one_of(st.text(max_size=30), st.integers(1, 39_999).map("ñ".__mul__)), max_size=30),
    st.integers(1, 40),
)
def test_piece_by_piece_the_whole_file_is_given(lines: list[str], most: int) -> None:
    whole = re.sub("[\r\n\0\ud800-\udfff]|\\[", " ", "\u2028".join(lines)).split("\u2028")
    with tempfile.TemporaryDirectory(dir=QUICK) as made:
        (Path(made) / "x").write_bytes(b"\xef\xbb\xbf" + "\n".join([*whole, ""]).encode())
        read, got, line = file_reader(Path(made)), [], 1
        while True:
            text = read("x", line, most)
            assert len(text) <= 40_100
            left = NEXT.search(text)
            got += (text[: left.start()] if left else text).split("\n")
            if left is None:
                break
            line = int(left[2])
            assert line == len(got) + 1 and int(left[1]) == len(whole) - len(got) > 0
    assert got == whole


def test_of_a_long_line_the_beginning_is_given(folder: Path) -> None:
    (folder / "x").write_text("ñ" * 100_000 + "\nfin\n")
    text = file_reader(folder)("x")
    given, cut, left = text.split("\n")
    assert given == "ñ" * 40_000 and cut == "[la línea 1 está cortada; caracteres que faltan: 60000]"
    assert left == "[líneas por leer: 1; sigue con first_line=2]"
    assert file_reader(folder)("x", 2) == "fin"


@pytest.mark.parametrize("end", [b"", b"\n"])
def test_a_large_file_is_read_as_far_as_it_may_be(folder: Path, end: bytes) -> None:
    line = b"x" * 1023
    (folder / "justo").write_bytes(b"\n".join([line] * 1024) + b"\n")
    (folder / "largo").write_bytes(b"\n".join([line] * 1024) + b"\n" + b"y" + end)
    (folder / "una").write_bytes("ñ".encode() * MIB)
    read = file_reader(folder)
    assert read("justo", 1024) == line.decode()
    assert read("largo", 1024) == (
        f"{line.decode()}\n[el archivo pasa de 1 MB: solo se puede leer el principio]"
    )
    assert "la última que se puede leer es la 1024" in refusal("largo", folder, first_line=1025)
    assert "pasa de 1 MB" in read("una") and "UTF-8" not in read("una")


def test_a_huge_file_is_not_taken_into_memory(folder: Path) -> None:
    with (folder / "x").open("wb") as file:
        file.write(b"una\n" * MIB)
        file.truncate(1 << 36)
    text = file_reader(folder)("x", 1, 1)
    assert text.startswith("una\n[el archivo pasa de 1 MB") and f"[líneas por leer: {MIB // 4 - 1};" in text


@pytest.mark.usefixtures("both_ways")
def test_a_folder_is_listed(folder: Path) -> None:
    listed = file_lister(folder)
    assert listed() == listed(".") == listed("./") == "notas.txt\nsub/"
    assert listed("sub") == listed("sub/") == "más.txt"
    (folder / "vacía").mkdir()
    assert listed("vacía") == "[nada que se pueda leer]"
    for path in ("notas.txt", "nada", "..", "/", "sub/..", "\0"):
        with pytest.raises(ToolError):
            listed(path)


@pytest.mark.usefixtures("both_ways")
def test_a_long_folder_is_listed_in_part(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    for number in range(1000, 1250):
        (folder / "sub" / f"{number}").touch()
    (folder / "sub" / "\x1b]0;x\x07").touch()
    told = file_lister(folder)("sub").split("\n")
    assert told[:-1] == [str(number) for number in range(1000, 1200)]
    assert told[-1] == "[sin mostrar: 51 más; 1 que no se puede leer]"
    monkeypatch.setattr("stream_core.tools.files._LOOKED_AT", 100)
    assert file_lister(folder)("sub").endswith("lo que haya después de 100 nombres]")


# -- what the model and the person are told ----------------------------------------------------


def test_the_schemas(folder: Path) -> None:
    reader, lister = tool_schema(file_reader(folder)), tool_schema(file_lister(folder))
    assert (reader["name"], lister["name"]) == ("read_file", "list_files")
    for schema in (reader, lister):
        form = schema["input_schema"]
        assert form["type"] == "object" and form["additionalProperties"] is False
        assert all(given["description"] for given in form["properties"].values())
        assert "asked each time" in schema["description"] and str(folder) not in str(schema)
    form = reader["input_schema"]
    assert form["required"] == ["path"] and "required" not in lister["input_schema"]
    assert {name: given["type"] for name, given in form["properties"].items()} == {
        "path": "string",
        "first_line": "integer",
        "lines": "integer",
    }
    assert ".env" in reader["description"] and "private keys" in reader["description"]


def test_both_ask_first(folder: Path) -> None:
    assert must_ask(file_reader(folder)) and must_ask(file_lister(folder))


@pytest.mark.parametrize(
    ("name", "given", "told"),
    [
        ("read_file", {"path": "notas.txt"}, "leer el archivo «notas.txt»"),
        ("read_file", {"path": "sub/más.txt", "first_line": 3}, "leer el archivo «sub/más.txt»"),
        ("read_file", {"path": "\x1b[2Jnotas\u202e.txt\n"}, "leer el archivo «notas.txt»"),
        ("read_file", {"path": "a» y borrar «b"}, "leer el archivo «a› y borrar ‹b»"),
        ("read_file", {"path": "x" * LONGEST_PATH}, f"leer el archivo «{'x' * LONGEST_PATH}»"),
        ("read_file", {"path": 3}, "usar la herramienta «read_file» con path=«3»"),
        ("read_file", {}, "usar la herramienta «read_file» sin argumentos"),
        ("read_file", ["notas.txt"], 'usar la herramienta «read_file» con «["notas.txt"]»'),
        ("list_files", {}, "ver los nombres de la carpeta"),
        ("list_files", {"path": "."}, "ver los nombres de la carpeta"),
        ("list_files", {"path": "sub"}, "ver los nombres de la carpeta «sub»"),
        ("pagar", {"€": "5\x07"}, "usar la herramienta «pagar» con €=«5»"),
        ("pa\ngar\x1b[m»", {}, "usar la herramienta «pa gar›» sin argumentos"),
        ("f", {"a": None, "b": [1, {"c": "ñ"}]}, 'usar la herramienta «f» con a=«null», b=«[1,{"c":"ñ"}]»'),
        ("f", {"a": "x», b=«y"}, "usar la herramienta «f» con a=«x›, b=‹y»"),
        ("f", {"a=«/mía», b": "/tuya"}, "usar la herramienta «f» con a=‹/mía›, b=«/tuya»"),
        ("f", {"a": "x" * 500}, f"usar la herramienta «f» con a=«{'x' * 500}»"),
        (
            "f",
            {"nota": "x" * 300, "ruta": "/importante"},
            f"usar la herramienta «f» con nota=«{'x' * 250}…» (300 caracteres), ruta=«/importante»",
        ),
        (
            "f",
            {"nota": " " * 300 + "rm", "n": 3},
            "usar la herramienta «f» con nota=«…» (302 caracteres), n=«3»",
        ),
        ("f", {"x" * 41: 1}, f"usar la herramienta «f» con {'x' * 39}…=«1»"),
        ("f" * 81, {}, f"usar la herramienta «{'f' * 79}…» sin argumentos"),
    ],
)
def test_a_call_is_described(name: str, given: Any, told: str) -> None:
    assert describe(ToolCall("toolu_1", name, given)) == told


def test_how_many_more_arguments_there_are_is_told() -> None:
    for more, words in ((0, ""), (1, " y 1 argumento más"), (5, " y 5 argumentos más")):
        given = {f"a{number}": number for number in range(10 + more)}
        shown = ", ".join(f"a{number}=«{number}»" for number in range(10))
        assert describe(ToolCall("toolu_1", "f", given)) == f"usar la herramienta «f» con {shown}{words}"


HOSTILE = st.text(st.one_of(st.characters(codec=None), st.sampled_from("«»…=,\x1b\u202e\n ")), max_size=60)
LONG = st.builds(str.__mul__, HOSTILE, st.sampled_from([1, 1, 30]))
VALUES = st.recursive(
    st.one_of(st.none(), st.booleans(), st.integers(), st.floats(), LONG),
    lambda inner: st.one_of(st.lists(inner, max_size=4), st.dictionaries(HOSTILE, inner, max_size=4)),
    max_leaves=6,
)


@given(
    st.one_of(st.sampled_from(["read_file", "list_files"]), LONG),
    st.one_of(
        st.builds(lambda path: {"path": path}, LONG), st.dictionaries(LONG, VALUES, max_size=14), VALUES
    ),
)
def test_any_call_is_described_in_one_safe_line(name: str, given: Any) -> None:
    told = describe(ToolCall("toolu_1", name, given))
    assert told.startswith(("leer el archivo «", "ver los nombres de la carpeta", "usar la herramienta «"))
    assert sanitize(told) == told and len(told.splitlines()) == 1 and len(told) < 1700
    assert told.count("«") == told.count("»")
    if not told.startswith("usar"):
        assert told.count("«") <= 1


@given(st.dictionaries(LONG, VALUES, min_size=1, max_size=14))
def test_no_argument_hides_another(given: dict[str, Any]) -> None:
    """Each argument is shown by name, in order; no name or value can end a quotation."""
    told = describe(ToolCall("toolu_1", "f", given)).removeprefix("usar la herramienta «f» con ")
    for number, name in enumerate(list(given)[:10]):
        safe = one_line(name, 40).replace("«", "‹").replace("»", "›")
        shown = re.match(re.escape(", " * (number > 0) + safe) + r"=«[^«»]*»( \([\d,]+ caracteres\))?", told)
        assert shown is not None
        told = told[shown.end() :]
    left = len(given) - 10
    assert told == (f" y {left} argumento{'s' * (left > 1)} más" if left > 0 else "")


@pytest.mark.parametrize("take", [turn_sync, turn_async])
@pytest.mark.parametrize("allowed", [True, False])
def test_a_turn_reads_what_the_person_allows(folder: Path, take: Take, allowed: bool) -> None:
    asked: list[str] = []

    async def approve(call: ToolCall) -> bool:
        asked.append(describe(call))
        return allowed

    calls: list[Call] = [
        ("toolu_1", "list_files", {}),
        ("toolu_2", "read_file", {"path": "sub/más.txt"}),
        ("toolu_3", "read_file", {"path": "../fuera/notas.txt"}),
        ("toolu_4", "read_file", {"ruta": "notas.txt"}),
    ]
    box = ToolBox([file_reader(folder), file_lister(folder)], approve=approve)
    with serving(said("Miro.", *calls), said("Ya.")) as server:
        turn = take(server.base_url, box)
        turn.check(server)
        sent = server.requests[1].json()["messages"][-1]["content"]
    results = {result["tool_use_id"]: result for result in sent}
    assert asked == [
        "ver los nombres de la carpeta",
        "leer el archivo «sub/más.txt»",
        "leer el archivo «../fuera/notas.txt»",
        "usar la herramienta «read_file» con ruta=«notas.txt»",
    ]
    assert "SECRETO" not in str(sent) and str(folder.parent) not in str(sent)
    if allowed:
        assert [results[f"toolu_{n}"]["content"] for n in (1, 2)] == ["notas.txt\nsub/", "más notas"]
        assert results["toolu_3"]["content"] == "la ruta no puede subir de carpeta (..)"
        assert [results[f"toolu_{n}"].get("is_error", False) for n in (1, 2, 3, 4)] == [
            False,
            False,
            True,
            True,
        ]
    else:
        assert {result["content"] for result in sent} == {"la persona no dio permiso"}
        assert not turn.of(ToolStarted)
