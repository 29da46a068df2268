"""The tables of a team, by version, and who may see which row.

Row-level security decides that by the role that has logged in (`session_user`), whatever a program asks: each
person has the own conversations, and those that others share, which nobody else can change. An entry of
`MIGRATIONS` leads from one version to the next.
"""
# See docs/adr/0020-a-store-for-a-team.md

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from psycopg import Connection

SCHEMA = "stream_core"
LOCK = 0x53434850  # of who sets up the tables

_ME = "(session_user)::text"
_OWN = f"owner = {_ME}"
_FIGURES = """
        input_tokens bigint NOT NULL DEFAULT 0,
        output_tokens bigint NOT NULL DEFAULT 0,
        cache_creation_input_tokens bigint NOT NULL DEFAULT 0,
        cache_read_input_tokens bigint NOT NULL DEFAULT 0"""


def _configuration(name: str, dictionary: str, unaccent: str | None) -> Sequence[str]:
    """A text search configuration in which accents do not count, where the extension is to be had."""
    chain = f"{unaccent}, {dictionary}" if unaccent else dictionary
    return (
        f"CREATE TEXT SEARCH CONFIGURATION {SCHEMA}.{name} (COPY = pg_catalog.simple)",
        f"ALTER TEXT SEARCH CONFIGURATION {SCHEMA}.{name} ALTER MAPPING FOR"
        f" asciiword, word, numword, hword, numhword, hword_part, hword_numpart WITH {chain}",
    )


_TABLES = (
    f"CREATE SEQUENCE {SCHEMA}.uses",
    f"""CREATE TABLE {SCHEMA}.conversations(
        key bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
        owner text COLLATE "C" NOT NULL DEFAULT {_ME},
        id text COLLATE "C" NOT NULL,
        title text NOT NULL,
        created float8 NOT NULL,
        updated float8 NOT NULL,
        last integer NOT NULL DEFAULT 0,
        used bigint NOT NULL DEFAULT nextval('{SCHEMA}.uses'),
        shared boolean NOT NULL DEFAULT false,
        instructions text,
        role text,
        UNIQUE(owner, id)
    )""",
    f"CREATE INDEX ON {SCHEMA}.conversations(owner, used)",
    f"CREATE INDEX ON {SCHEMA}.conversations(id)",
    f"CREATE INDEX ON {SCHEMA}.conversations(used) WHERE shared",
    f"""CREATE TABLE {SCHEMA}.turns(
        key bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
        owner text COLLATE "C" NOT NULL DEFAULT {_ME},
        conversation bigint NOT NULL REFERENCES {SCHEMA}.conversations ON DELETE CASCADE,
        number integer NOT NULL,
        begun float8 NOT NULL,
        ended float8,
        program bigint,
        outcome text,{_FIGURES},
        characters bigint NOT NULL DEFAULT 0,
        model text NOT NULL,
        question text NOT NULL,
        text text CHECK (octet_length(text) <= 268435456),
        blocks text,
        words tsvector,
        UNIQUE(conversation, number)
    )""",
    f"CREATE INDEX ON {SCHEMA}.turns(owner, key)",  # of frequent words the newest are found by it
    f"CREATE INDEX ON {SCHEMA}.turns(program) WHERE outcome IS NULL",
    f"CREATE INDEX ON {SCHEMA}.turns USING gin(words) WITH (fastupdate = off)",
    f"""CREATE TABLE {SCHEMA}.pieces(
        turn bigint NOT NULL REFERENCES {SCHEMA}.turns ON DELETE CASCADE,
        number integer NOT NULL,
        at float8 NOT NULL,
        text text NOT NULL,
        PRIMARY KEY(turn, number)
    )""",
    f"""CREATE TABLE {SCHEMA}.spent(
        owner text COLLATE "C" NOT NULL DEFAULT {_ME},
        model text COLLATE "C" NOT NULL,
        dollars numeric NOT NULL DEFAULT 0,
        priced bigint NOT NULL DEFAULT 0,
        uncounted bigint NOT NULL DEFAULT 0,{_FIGURES},
        cache_creation_1h_input_tokens bigint NOT NULL DEFAULT 0,
        web_search_requests bigint NOT NULL DEFAULT 0,
        PRIMARY KEY(owner, model)
    )""",
    f"""CREATE TABLE {SCHEMA}.receipts(
        owner text COLLATE "C" NOT NULL DEFAULT {_ME},
        program text COLLATE "C" NOT NULL,
        last bigint NOT NULL,
        PRIMARY KEY(owner, program)
    )""",
    f"""CREATE TABLE {SCHEMA}.files(
        owner text COLLATE "C" NOT NULL DEFAULT {_ME},
        sha256 text COLLATE "C" NOT NULL,
        data bytea NOT NULL,
        PRIMARY KEY(owner, sha256)
    )""",
    f"""CREATE TABLE {SCHEMA}.attached(
        turn bigint NOT NULL REFERENCES {SCHEMA}.turns ON DELETE CASCADE,
        owner text COLLATE "C" NOT NULL DEFAULT {_ME},
        sha256 text COLLATE "C" NOT NULL,
        PRIMARY KEY(turn, sha256),
        FOREIGN KEY(owner, sha256) REFERENCES {SCHEMA}.files
    )""",
    f"CREATE INDEX ON {SCHEMA}.attached(owner, sha256)",
)

_SHARED = f"EXISTS (SELECT 1 FROM {SCHEMA}.conversations c WHERE c.key = conversation AND c.shared)"
_HERE = f"EXISTS (SELECT 1 FROM {SCHEMA}.conversations c WHERE c.key = conversation AND c.owner = {_ME})"
_TURN = f"EXISTS (SELECT 1 FROM {SCHEMA}.turns t WHERE t.key = turn"
# Of the rows of `attached`, too, only those of turns that can be read are seen.
_ATTACHED = (
    f"EXISTS (SELECT 1 FROM {SCHEMA}.attached a WHERE a.owner = files.owner AND a.sha256 = files.sha256)"
)


def _policies(table: str, *, read: str, write: str) -> Sequence[str]:
    return (
        f"ALTER TABLE {SCHEMA}.{table} ENABLE ROW LEVEL SECURITY",
        f"CREATE POLICY read ON {SCHEMA}.{table} FOR SELECT USING ({read})",
        f"CREATE POLICY add ON {SCHEMA}.{table} FOR INSERT WITH CHECK ({write})",
        f"CREATE POLICY change ON {SCHEMA}.{table} FOR UPDATE USING ({write}) WITH CHECK ({write})",
        f"CREATE POLICY remove ON {SCHEMA}.{table} FOR DELETE USING ({write})",
        f"GRANT SELECT, INSERT, UPDATE, DELETE ON {SCHEMA}.{table} TO PUBLIC",
    )


# The index of words is behind a function: `@@` is not leakproof, so under a policy PostgreSQL would read each
# row instead of the index. It returns keys only; the rows are then read under the policies. Its statement is
# planned for the words in question: whether an index of words or the newest turns are read depends on them.
# https://www.postgresql.org/docs/15/ddl-rowsecurity.html, https://www.postgresql.org/docs/15/rules-privileges.html
_MATCHING = f"""CREATE FUNCTION {SCHEMA}.matching(wanted tsquery, most integer, best integer)
    RETURNS SETOF bigint LANGUAGE plpgsql STABLE SECURITY DEFINER SET search_path = pg_catalog, pg_temp AS $$
    BEGIN
        RETURN QUERY EXECUTE format('
            WITH found AS MATERIALIZED (
                (SELECT t.key, t.words FROM {SCHEMA}.turns t WHERE t.owner = %1$L AND t.words @@ %2$L::tsquery
                    ORDER BY t.key DESC LIMIT %3$s)
                UNION ALL
                (SELECT t.key, t.words FROM {SCHEMA}.turns t
                    JOIN {SCHEMA}.conversations c ON c.key = t.conversation
                    WHERE c.shared AND c.owner <> %1$L AND t.words @@ %2$L::tsquery
                    ORDER BY t.key DESC LIMIT %3$s)
            )
            SELECT key FROM found ORDER BY
                CASE WHEN (SELECT count(*) FROM found) >= %3$s THEN 0
                ELSE ts_rank(words, %2$L::tsquery, 2) END DESC, key DESC LIMIT %4$s
        ', session_user, wanted, most + 1, best);
    END
    $$"""


def _first(unaccent: str | None) -> Sequence[str]:
    return (
        *_configuration("plain", "pg_catalog.simple", unaccent),
        *_configuration("spanish", "pg_catalog.spanish_stem", unaccent),
        *_TABLES,
        *_policies("conversations", read=f"{_OWN} OR shared", write=_OWN),
        *_policies("turns", read=f"{_OWN} OR {_SHARED}", write=f"{_OWN} AND {_HERE}"),
        *_policies("pieces", read=f"{_TURN})", write=f"{_TURN} AND t.owner = {_ME})"),
        *_policies("spent", read=_OWN, write=_OWN),
        *_policies("receipts", read=_OWN, write=_OWN),
        *_policies("files", read=f"{_OWN} OR {_ATTACHED}", write=_OWN),
        *_policies("attached", read=f"{_TURN})", write=f"{_OWN} AND {_TURN} AND t.owner = {_ME})"),
        _MATCHING,
        f"GRANT EXECUTE ON FUNCTION {SCHEMA}.matching TO PUBLIC",
        f"GRANT USAGE ON SCHEMA {SCHEMA} TO PUBLIC",
        f"GRANT USAGE ON SEQUENCE {SCHEMA}.uses TO PUBLIC",
    )


MIGRATIONS = (_first,)
"""The statements that lead to version 1, 2, …, given the name of the dictionary for accents or None."""


def version_of(connection: Connection[tuple[object, ...]]) -> int:
    """Return the version of the tables; 0 if there are none."""
    row = connection.execute(
        "SELECT obj_description(oid, 'pg_namespace') FROM pg_namespace WHERE nspname = %s", (SCHEMA,)
    ).fetchone()
    return 0 if row is None else int(str(row[0] or 0))


def set_up(connection: Connection[tuple[object, ...]]) -> None:
    """Create the tables, or bring them to the newest version, in one transaction.

    Raises:
        psycopg.Error: the server refused, such as for a role that may not create a schema.
    """
    with connection.transaction():
        connection.execute("SELECT pg_advisory_xact_lock(%s)", (LOCK,))
        version = version_of(connection)
        if version >= len(MIGRATIONS):
            return
        if version == 0:
            connection.execute(f"CREATE SCHEMA {SCHEMA}")
        unaccent = _unaccent(connection)
        for statements in MIGRATIONS[version:]:
            for statement in statements(unaccent):
                connection.execute(statement)
        connection.execute(f"COMMENT ON SCHEMA {SCHEMA} IS '{len(MIGRATIONS)}'")


def _unaccent(connection: Connection[tuple[object, ...]]) -> str | None:
    """The dictionary of the extension `unaccent`, which is created if it can be."""
    import psycopg

    try:
        with connection.transaction():
            connection.execute("CREATE EXTENSION IF NOT EXISTS unaccent")
    except psycopg.Error:
        return None  # our own folding of accents remains
    row = connection.execute(
        "SELECT format('%I.unaccent', n.nspname) FROM pg_extension e"
        " JOIN pg_namespace n ON n.oid = e.extnamespace WHERE e.extname = 'unaccent'"
    ).fetchone()
    return None if row is None else str(row[0])
