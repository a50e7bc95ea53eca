"""How often an address was fetched in vain, and which pages show articles of other sources.

Revision: 0002
"""

import sqlalchemy as sa
from alembic import op

revision = "0002"
down_revision = "0001"

Number = sa.BigInteger().with_variant(sa.Integer(), "sqlite")


def upgrade() -> None:
    """Nothing was in vain and no copy was seen until now; both are found out by themselves."""
    op.add_column("fetches", sa.Column("in_vain", sa.Integer(), nullable=False, server_default="0"))
    op.create_table(
        "copies",
        sa.Column("source_id", Number, nullable=False),
        sa.Column("upstream_id", sa.Text(), nullable=False),
        sa.Column("article_id", Number, nullable=False),
        sa.Column("stamp", sa.Text(), nullable=False),
        sa.ForeignKeyConstraint(["article_id"], ["articles.id"], name="fk_copies_article_id"),
        sa.ForeignKeyConstraint(["source_id"], ["sources.id"], name="fk_copies_source_id"),
        sa.PrimaryKeyConstraint("source_id", "upstream_id", name="pk_copies"),
    )
    op.create_index("ix_copies_article_id", "copies", ["article_id"], unique=False)
