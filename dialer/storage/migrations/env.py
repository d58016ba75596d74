"""Run by alembic: the connection, with its transaction open, comes from `upgrade`."""

from __future__ import annotations

from alembic import context

from dialer.storage.tables import metadata

context.configure(
    connection=context.config.attributes["connection"],
    target_metadata=metadata,
    transactional_ddl=True,
    render_as_batch=True,
)
with context.begin_transaction():
    context.run_migrations()
