"""Run by Alembic: migrate over the connection that `cni.store.migrate` opened, in its transaction."""

from alembic import context

from cni.store.schema import metadata

context.configure(
    connection=context.config.attributes["connection"],
    target_metadata=metadata,
    render_as_batch=True,
    transaction_per_migration=False,
    compare_type=True,
)
with context.begin_transaction():
    context.run_migrations()
