"""Errors of the store in Spanish; `errors_es` explains with them."""

from __future__ import annotations

from collections.abc import Mapping

from stream_core.core import store_errors as e
from stream_core.core.sanitize import one_line

from .explanation import Advice, Explainer, Explanation


def _store(sentence: str, advice: Advice) -> Explainer:
    """Return an explainer whose sentence holds the file or folder in place of `{}`."""

    def tell(error: e.StoreError) -> Explanation:
        where = one_line(error.location, 80)
        return sentence.format(f" («{where}»)" if where else ""), advice

    return tell


def _store_holder_stopped(error: e.StoreHolderStopped) -> Explanation:
    process = f" (proceso {error.pid})" if error.pid else ""
    return (
        f"Otro chat está detenido{process} justo mientras guardaba, y tiene ocupado el archivo de conversaciones.",
        (
            "Este sigue: lo que hables se guarda aparte y pasa al archivo en cuanto el otro continúe («fg») o acabe.",
            "Haz que continúe («fg») o ciérralo.",
        ),
    )


def _store_corrupt(error: e.StoreCorrupt) -> Explanation:
    where, aside = one_line(error.location, 80), one_line(error.moved_to, 80)
    what = f"El archivo de conversaciones está dañado{f' («{where}»)' if where else ''}."
    if not aside:
        return what, "No lo toco: apártalo tú, o indica otra carpeta en STREAM_CORE_DATA_DIR."
    return what, f"No se borró nada: quedó apartado como «{aside}» y empiezo uno nuevo."


STORE_ERRORS: Mapping[type, Explanation | Explainer] = {
    e.StoreError: _store(
        "No se pudieron guardar o leer las conversaciones{}.",
        (
            "El chat sigue; lo de esta sesión se conserva y se intentará guardar otra vez.",
            "Esta vez no se guarda nada.",
        ),
    ),
    e.StoreFull: _store(
        "No queda espacio para guardar la conversación{}.",
        (
            "El chat sigue; libera espacio y se guardará todo solo.",
            "Libera espacio: hasta entonces no se guarda nada.",
        ),
    ),
    e.StoreReadOnly: _store(
        "No se puede escribir donde se guardan las conversaciones{}.",
        (
            "El chat sigue sin guardar; revisa los permisos y se guardará solo.",
            "Revisa los permisos: hasta entonces no se guarda nada.",
        ),
    ),
    e.StoreBusy: _store(
        "Otro programa ocupa el archivo de conversaciones, o el disco no responde{}.",
        (
            "El chat sigue; lo que hables se guarda aparte y pasa al archivo en cuanto se pueda.",
            "Esta vez no se guarda nada.",
        ),
    ),
    e.StoreHolderStopped: _store_holder_stopped,
    e.StoreCorrupt: _store_corrupt,
    e.StoreTooLarge: _store(
        "Un texto guardado ocupa más de lo que este programa lee o escribe{}.",
        "Lo demás sigue como estaba.",
    ),
    e.StoreMoved: _store(
        "Alguien movió o borró el archivo de conversaciones mientras el chat estaba abierto{}.",
        "Empiezo uno nuevo; lo anterior sigue allí donde lo hayan llevado.",
    ),
    e.StoreTooNew: _store(
        "Las conversaciones guardadas son de una versión más nueva de este programa{}.",
        "No las toco: actualiza el programa, que recogerá también lo que hables ahora.",
    ),
    e.StoreRefused: _store(
        "La carpeta de las conversaciones es un enlace, es de otra persona o no es un archivo corriente{}.",
        "No la uso: quítala, o indica otra carpeta en STREAM_CORE_DATA_DIR.",
    ),
    e.StoreUnreachable: _store(
        "El almacén del equipo no responde{}.",
        (
            "El chat sigue; lo que hables se guarda en esta máquina y pasa al almacén en cuanto vuelva.",
            "Esta vez no se guarda nada.",
        ),
    ),
    e.StoreAccessDenied: _store(
        "El almacén del equipo no te deja entrar, o no te da permiso para esto{}.",
        "Revisa el usuario y la contraseña de STREAM_CORE_STORE, o habla con quien lo administra.",
    ),
    e.StoreNotSetUp: _store(
        "La base de datos del equipo no existe o no está preparada, y tu usuario no puede prepararla{}.",
        "Quien la administra la prepara con «python -m stream_core.store.postgres» y la dirección de la base.",
    ),
}
