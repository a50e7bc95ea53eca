"""How often an address was fetched in vain, so that it is asked less and less often.

Revision: 0002
"""

import sqlalchemy as sa
from alembic import op

revision = "0002"
down_revision = "0001"


def upgrade() -> None:
    """Count from now on."""
    op.add_column("fetches", sa.Column("in_vain", sa.Integer(), nullable=False, server_default="0"))
