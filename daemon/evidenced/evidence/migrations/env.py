"""Run by Alembic: brings the store on the connection it was given to the wanted revision."""

from alembic import context

from evidenced.evidence.schema import metadata

context.configure(
    connection=context.config.attributes["connection"],
    target_metadata=metadata,
    version_table=context.config.attributes["version_table"],
)
with context.begin_transaction():
    context.run_migrations()
