"""The database: schema, engine, migrations, history, audit."""
