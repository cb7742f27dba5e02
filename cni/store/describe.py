"""What a database is made of: tables, columns, checks, references, indexes, triggers, as text by name.

Two databases of one kind that were migrated alike have equal descriptions. On PostgreSQL definitions are read as seen from
the connection's schema, so that one made beside the house compares with it.
"""

from __future__ import annotations

from sqlalchemy import Connection, text

from cni.store.migrate import migrate

Description = dict[str, str]

POSTGRESQL = (
    (  # row security and rules could hide rows from whoever reads them
        "SELECT 'table:' || c.relname, concat_ws(' ', c.relkind, c.relrowsecurity, c.relhasrules) FROM pg_class c "
        "WHERE c.relnamespace = current_schema()::regnamespace AND c.relkind NOT IN ('i', 'I', 't', 'c')"
    ),
    (
        "SELECT 'column:' || c.relname || '.' || a.attname, concat_ws(' ', format_type(a.atttypid, a.atttypmod), "
        "a.attnotnull, a.attgenerated, pg_get_expr(d.adbin, d.adrelid)) "
        "FROM pg_attribute a JOIN pg_class c ON c.oid = a.attrelid "
        "LEFT JOIN pg_attrdef d ON d.adrelid = a.attrelid AND d.adnum = a.attnum "
        "WHERE c.relnamespace = current_schema()::regnamespace AND c.relkind = 'r' AND a.attnum > 0 AND NOT a.attisdropped"
    ),
    (  # NOT NULL stands with the columns, constraint triggers with the triggers, where servers list them among these too
        "SELECT 'constraint:' || c.relname || '.' || k.conname, "
        "concat_ws(' ', pg_get_constraintdef(k.oid, true), k.convalidated) "
        "FROM pg_constraint k JOIN pg_class c ON c.oid = k.conrelid "
        "WHERE c.relnamespace = current_schema()::regnamespace AND k.contype NOT IN ('n', 't')"
    ),
    (
        "SELECT 'index:' || i.relname, concat_ws(' ', pg_get_indexdef(x.indexrelid, 0, true), x.indisvalid) "
        "FROM pg_index x JOIN pg_class i ON i.oid = x.indexrelid "
        "WHERE i.relnamespace = current_schema()::regnamespace"
    ),
    (
        "SELECT 'trigger:' || t.tgname, concat_ws(' ', pg_get_triggerdef(t.oid, true), t.tgenabled) "
        "FROM pg_trigger t JOIN pg_class c ON c.oid = t.tgrelid "
        "WHERE c.relnamespace = current_schema()::regnamespace AND NOT t.tgisinternal"
    ),
    ("SELECT 'function:' || p.proname, p.prosrc FROM pg_proc p WHERE p.pronamespace = current_schema()::regnamespace"),
)


def described(connection: Connection) -> Description:
    """Everything that the database's schema holds."""
    if connection.dialect.name == "postgresql":
        rows = [row for wanted in POSTGRESQL for row in connection.execute(text(wanted))]
        return {str(name): " ".join(str(said).split()) for name, said in rows}
    wanted = text("SELECT type, name, sql FROM sqlite_master WHERE sql IS NOT NULL")
    return {f"{kind}:{name}": " ".join(sql.split()) for kind, name, sql in connection.execute(wanted)}


def freshly_migrated(connection: Connection, to: str) -> Description:
    """What the migrations up to a revision make in an empty place of the same kind.

    PostgreSQL: a schema beside the house's, which the caller must roll back; from here on the connection looks there.
    SQLite: the connection must be that of an empty file.
    """
    if connection.dialect.name == "postgresql":
        name = f"cni_check_{connection.execute(text('SELECT pg_backend_pid()')).scalar_one()}"
        connection.execute(text(f"CREATE SCHEMA {name}"))
        connection.execute(text(f"SET LOCAL search_path TO {name}"))
    migrate(connection, to)
    return described(connection)
