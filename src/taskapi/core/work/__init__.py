"""What happens outside of requests: jobs, their engine, sweeps, signs of life."""

import os

from taskapi.core.work.tables import SCHEMA

# pgqueuer reads this once, when it is first imported, which only modules of this package do. Its tables then stay
# out of Alembic's sight.
os.environ["PGQUEUER_SCHEMA"] = SCHEMA
