"""Opening what is below a folder, and nothing else, whatever the path says and whoever renames things.

The folder is the one that was named at the start, by its identity. On POSIX each name of a path is opened
from the folder before it and no link is followed, not even one that stays inside, so there is no moment
between a check and an open. The way stays on the folder's own disk: what is mounted below it (`/proc`, say)
is not entered. Where the system cannot do that (Windows), the path is resolved, checked and then opened, and
somebody who changes the folder in that moment could get in between.

What cannot be told apart is a hard link: a second name of a file is that file.
"""
# See docs/adr/0014-open-paths-name-by-name.md

from __future__ import annotations

import errno
import os
import stat
import unicodedata
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from fnmatch import fnmatchcase
from pathlib import Path

from stream_core.core.errors import ConfigError
from stream_core.core.numbers import number
from stream_core.core.sanitize import one_line
from stream_core.texts.file_errors_es import why_not
from stream_core.texts.tool_errors_es import ToolError

LONGEST_PATH = 500
"""Characters of a path; a question that shows it can show it whole."""

# What people call secrets, and where programs put them; compared without case, accents and backup endings.
_PRIVATE = (
    # words, in English and in the languages of Spain
    "*secret* *credential* *credencial* *token* *contrasena* *contrasenya* *contrasinal* *contraseny* "
    "*pasahitz* *password* *passwor* pass.txt pw.txt pwd pin.txt *mot?de?passe* *motdepasse* passwd.* "
    "*?passwd *passphrase* *passcode* *pwd.* clave clave.* claves* *-claves* *_claves* *clave?privada* "
    "jwt* *.jwt jwk* bearer* *clave?api* *api?key* *apikey* *private?key* *privatekey* *secring* "
    "*recovery?code* *backup?code* *codigos?de?recuperacion* *codigos?recuperacion* frase?semilla* "
    "semilla.txt seed.txt seed?phrase* *seedphrase* "
    # keys, certificates with a key, encrypted files, password managers
    "id_* key.txt keys.txt key.json keys.json *[-_.]key.txt *[-_.]keys.txt *[-_.]key.json "
    "*[-_.]keys.json sshkey* ssh?key* ssh_host_*_key bitwarden* lastpass* keepass* 1password* *.pem* "
    "*.key *.key.* *.p8 *.p12 *.pfx *.ppk *.jks *.jceks *.bks *.keystore *.keytab *.gpg *.pgp *.asc "
    "*.age *.kdb *.kdbx *.psafe3 *.1pux *.opvault *.agilekeychain *.keychain* *.ovpn wg?.conf wallet* "
    "monedero* *mnemonic* "
    # files of programs, with or without their dot
    "*.env *.env.* netrc _netrc npmrc pypirc pgpass* my.cnf htpasswd* dockercfg kubeconfig* "
    "*.kubeconfig *.tfstate* *.tfvars* rclone.conf *service?account* *serviceaccount* "
    "*cuenta?de?servicio* *cuenta?servicio* auth.json oauth*.json vault.y*ml *[-_.]vault.y*ml "
    "wp-config.php s3cfg boto boto.cfg cookies.txt *adminsdk* logins.json key[34].db cookies.sqlite* "
    "shadow gshadow sudoers *vault?pass* "
).split()
_BACKUP = (".bak", ".old", ".orig", ".copia", ".copy", ".save", ".swp", ".tmp", "~")
_UNREADABLE = {
    errno.ENOENT: "no existe",
    errno.ENOTDIR: "por el camino hay un enlace o algo que no es una carpeta",
    errno.ELOOP: "por el camino hay un enlace",
    errno.EACCES: "el sistema no lo permite",
    errno.EPERM: "el sistema no lo permite",
    errno.ENAMETOOLONG: "tiene un nombre demasiado largo",
}
_STEPWISE = os.open in os.supports_dir_fd and os.scandir in os.supports_fd and hasattr(os, "O_NOFOLLOW")
_NO_LINK = getattr(os, "O_NOFOLLOW", 0)
_FOLDER = os.O_RDONLY | getattr(os, "O_DIRECTORY", 0) | _NO_LINK
# Not blocking: a pipe that slipped in would wait for somebody to write. A terminal must not become ours.
_FILE = (
    os.O_RDONLY
    | _NO_LINK
    | getattr(os, "O_NONBLOCK", 0)
    | getattr(os, "O_NOCTTY", 0)
    | getattr(os, "O_BINARY", 0)
)


class Below:
    """A folder that can be read from.

    What is not allowed or cannot be read raises `ToolError`: it may name the path as it was given, but
    nothing of where the folder lies.
    """

    def __init__(self, folder: Path) -> None:
        """Remember which folder it is.

        Raises:
            ConfigError: there is no such folder, or it is not one to read from.
        """
        shown = one_line(str(folder), 200)
        try:
            self._root = folder.resolve(strict=True)
            found = self._root.stat()
        except (FileNotFoundError, NotADirectoryError):
            raise ConfigError(f"La carpeta {shown} no existe.") from None
        except (OSError, RuntimeError, ValueError) as error:  # a loop of links is a RuntimeError before 3.13
            why = why_not(error) if isinstance(error, OSError) else "no es una ruta"
            raise ConfigError(f"La carpeta {shown} no se puede leer: {why}.") from None
        if not stat.S_ISDIR(found.st_mode):
            raise ConfigError(f"{shown} no es una carpeta.")
        if self._root == self._root.parent or self._root.parts[1] in ("proc", "sys"):
            raise ConfigError(f"{shown} es del sistema entero: elige una carpeta tuya.")
        self._identity = (found.st_dev, found.st_ino)

    def read(self, path: str, most: int) -> bytes:
        """Read the first `most` bytes of a regular file.

        Raises:
            ToolError: it is not allowed, or cannot be read.
        """
        names = names_of(path)
        with _telling(path):
            handle = self._stepwise_file(names) if _STEPWISE else self._resolved_file(names)
            with os.fdopen(handle, "rb") as stream:
                return stream.read(most)

    def entries(self, path: str, most: int) -> tuple[list[str], int]:
        """List a folder: what can be read from it, folders with a `/` at the end.

        Args:
            most: entries to look at, at most.

        Returns:
            The names, sorted, and how many others there are: private ones, links, what is no file.

        Raises:
            ToolError: it is not allowed, or cannot be read.
        """
        names = names_of(path)
        with _telling(path):
            if not _STEPWISE:
                return _looked_through(self._resolved(names), most)
            handle = self._stepwise_folder(names)
            try:
                return _looked_through(handle, most)
            finally:
                os.close(handle)

    # -- POSIX: a step is an open -------------------------------------------------------------

    def _stepwise_folder(self, names: Sequence[str]) -> int:
        """Open a folder from the root down; give its handle."""
        handle = os.open(self._root, _FOLDER)
        try:
            self._must_be_the_same(os.fstat(handle))
            for name in names:
                inner = os.open(name, _FOLDER, dir_fd=handle)
                os.close(handle)
                handle = inner
                if os.fstat(handle).st_dev != self._identity[0]:
                    raise ToolError(f"«{name}» está en otro disco")
        except BaseException:
            os.close(handle)
            raise
        return handle

    def _stepwise_file(self, names: Sequence[str]) -> int:
        """Open a regular file from the root down; give its handle."""
        folder = self._stepwise_folder(names[:-1])
        try:
            name = names[-1] if names else "."
            _must_be_regular(
                os.stat(name, dir_fd=folder, follow_symlinks=False)
            )  # some devices act when opened
            return _regular(os.open(name, _FILE, dir_fd=folder))
        finally:
            os.close(folder)

    # -- Windows: resolved, checked, opened ---------------------------------------------------

    def _resolved(self, names: Sequence[str]) -> Path:
        """Return the real path, which has no link in it and lies below the root."""
        self._must_be_the_same(self._root.stat())
        path = self._root
        for name in names:
            path = path / name
            if path.is_symlink():
                raise ToolError("por el camino hay un enlace")
        real = path.resolve(strict=True)
        if not real.is_relative_to(self._root):  # a junction is no symlink
            raise ToolError("no está dentro de la carpeta")
        if any(map(is_private, real.relative_to(self._root).parts)):  # under a short name (GIT~1)
            raise ToolError(_NOT_READ)
        return real

    def _resolved_file(self, names: Sequence[str]) -> int:
        real = self._resolved(names)
        _must_be_regular(real.lstat())
        return _regular(os.open(real, _FILE))

    def _must_be_the_same(self, found: os.stat_result) -> None:
        if (found.st_dev, found.st_ino) != self._identity:
            raise ToolError("la carpeta ya no es la que era al empezar")


_NOT_READ = "no se leen los archivos ocultos ni lo que parece un secreto"


def names_of(path: str) -> list[str]:
    """Cut a relative path into names.

    Raises:
        ToolError: it leads elsewhere, or to something that is not read.
    """
    if len(path) > LONGEST_PATH:
        raise ToolError(f"la ruta tiene más de {number(LONGEST_PATH)} caracteres")
    if not path.isprintable():  # a person who is asked must see what is read
        raise ToolError("la ruta tiene caracteres que no se ven")
    if os.sep == "\\":
        path = path.replace("\\", "/")
    if path.startswith("/") or (os.sep == "\\" and ":" in path):
        raise ToolError("la ruta tiene que ser relativa a la carpeta")
    names = [name for name in path.split("/") if name not in ("", ".")]
    if ".." in names:
        raise ToolError("la ruta no puede subir de carpeta (..)")
    if any(map(is_private, names)):
        raise ToolError(_NOT_READ)
    return names


def is_private(name: str) -> bool:
    """Whether a file or folder of this name is never read; also in a form that some disk takes for it."""
    decomposed = unicodedata.normalize("NFKD", unicodedata.normalize("NFKD", name).casefold())
    plain = "".join(sign for sign in decomposed if not unicodedata.combining(sign)).strip("#").rstrip(". ")
    while (shorter := _without_backup(plain)) != plain:
        plain = shorter
    plain = plain.replace("secretari", "")  # somebody's office is no secret
    hidden = name.startswith(".") or plain.startswith(".")
    return hidden or any(fnmatchcase(plain, pattern) for pattern in _PRIVATE)


def _without_backup(name: str) -> str:
    ending = next((ending for ending in _BACKUP if name.endswith(ending)), "")
    return name.removesuffix(ending).rstrip(". ")


def _looked_through(folder: int | Path, most: int) -> tuple[list[str], int]:
    names: list[str] = []
    looked = 0
    with os.scandir(folder) as entries:
        for entry in entries:
            looked += 1
            if is_private(entry.name) or not entry.name.isprintable() or entry.is_symlink():
                pass
            elif entry.is_dir(follow_symlinks=False):
                names.append(f"{entry.name}/")
            elif entry.is_file(follow_symlinks=False):
                names.append(entry.name)
            if looked == most:
                break
    return sorted(names), looked - len(names)


def _must_be_regular(found: os.stat_result) -> None:
    if stat.S_ISDIR(found.st_mode):
        raise ToolError("es una carpeta")
    if stat.S_ISLNK(found.st_mode):
        raise ToolError("es un enlace")
    if not stat.S_ISREG(found.st_mode):
        raise ToolError("no es un archivo corriente")


def _regular(handle: int) -> int:
    try:
        _must_be_regular(os.fstat(handle))
    except BaseException:
        os.close(handle)
        raise
    return handle


@contextmanager
def _telling(path: str) -> Iterator[None]:
    """Describe what is wrong with a path, without revealing where the folder lies."""
    try:
        yield
    except OSError as error:
        why = _UNREADABLE.get(error.errno or 0, "el sistema no puede leerlo")
        raise ToolError(f"no se puede leer «{path}»: {why}") from None
    except ValueError as error:  # or a name that this system cannot encode
        why = str(error) if isinstance(error, ToolError) else "el sistema no admite ese nombre"
        raise ToolError(f"no se puede leer «{path}»: {why}") from None
