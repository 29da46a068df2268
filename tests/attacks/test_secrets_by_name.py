"""Promises about files that people call secrets: no tool reads them, no folder or pattern takes one along."""

from __future__ import annotations

import unicodedata
from pathlib import Path

import pytest

from stream_core.chat.attached.finding import find
from stream_core.chat.attached.tray import take
from stream_core.files.attaching import NotAttachable
from stream_core.files.blobs import Blobs
from stream_core.tools.confined_folder import is_private

SECRETS = (
    "secret.txt Secretos.md mi_secreto.txt credentials.json Credenciales.txt token.txt api-token.txt "
    "contraseña.txt CONTRASEÑAS.TXT contrasenas.docx contrasenyes.txt passwords.csv Passwörter.txt "
    "mot-de-passe.txt pwd pass.txt pw.txt pin.txt claves.txt claves-banco.txt clave_privada.txt "
    "clave-api.txt privkey.pem server.key id_rsa x.gpg X.ASC x.KDBX kubeconfig "
    "terraform.tfstate.backup prod.tfvars vpn.ovpn netrc _netrc wallet.dat monedero.dat "
    "service-account.json cuenta-de-servicio.json cuenta_servicio.json gcp-key.json "
    "firebase-adminsdk-x.json .env prod.env vault.yml .htpasswd .pgpass auth.json oauth_tokens.json "
    "cookies.sqlite cookies.txt seed-phrase.txt frase-semilla.txt mnemonic.txt recovery-codes.txt "
    "códigos_de_recuperación.txt key.txt api_keys.txt keys.json wp-config.php s3cfg jwt.txt "
    "bearer.txt ssh_host_rsa_key ssh-key.txt bitwarden_export.json keepass.xml jwk.json "
).split()
HARMLESS = (
    "notas.txt secretaria.txt keyboard.md monkey.json turkey.txt clavel.txt autoclave.txt compass.txt "
    "pin.svg seed.py author.json passage.txt keynote.txt pass.py "
).split()


@pytest.mark.parametrize("form", ["NFC", "NFD", "NFKC", "NFKD"])
@pytest.mark.parametrize(
    "change", [str, str.upper, str.title, lambda name: f"{name}.bak", lambda name: f"{name}~"]
)
def test_a_secret_by_any_spelling(form: str, change: object) -> None:
    assert callable(change)
    read = [name for name in SECRETS if not is_private(unicodedata.normalize(form, change(name)))]  # type: ignore[arg-type]
    assert read == []


def test_what_only_looks_alike_can_be_read() -> None:
    assert [name for name in HARMLESS if is_private(name)] == []


@pytest.mark.parametrize("typed", ["", "/*", "/**/*"])
def test_a_folder_and_a_pattern_leave_secrets_out_and_say_so(tmp_path: Path, typed: str) -> None:
    folder = tmp_path / "mías"
    (folder / "dentro").mkdir(parents=True)
    for name in ("notas.txt", ".env", "ID_RSA", "dentro/Contraseñas.txt", "dentro/otra.txt"):
        (folder / name).write_text("texto")
    asked: list[str] = []

    def confirm(question: str) -> bool:
        asked.append(question)
        return True

    taken = take(f"{folder}{typed}", Blobs(tmp_path / "blobs"), confirm)
    below = {"otra.txt"} if typed != "/*" else set()
    assert {each.name for each in taken.attached} == {"notas.txt"} | below
    assert f"{1 + len(below)} archivo" in asked[0]
    assert "ID_RSA" in taken.notes[0] and "secretos" in taken.notes[0]


def test_a_folder_of_secrets_only(tmp_path: Path) -> None:
    (tmp_path / "id_rsa").write_text("texto")
    with pytest.raises(NotAttachable, match="secretos"):
        find(str(tmp_path))
    assert find(str(tmp_path / "id_rsa")).files  # the person named it
