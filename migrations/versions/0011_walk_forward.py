"""Evaluations may be walk-forwards."""

from __future__ import annotations

from alembic import op

revision = "0011"
down_revision = "0010"
branch_labels = None
depends_on = None

BEFORE = "'backtest', 'stress_test', 'comparison'"


def upgrade() -> None:
    # A migration that cannot get its lock gives way, instead of holding up everybody behind it.
    op.execute("SET LOCAL lock_timeout = '5s'")
    _allow(f"{BEFORE}, 'walk_forward'")


def downgrade() -> None:
    op.execute("SET LOCAL lock_timeout = '5s'")
    op.execute("DELETE FROM evaluations WHERE kind = 'walk_forward'")
    _allow(BEFORE)


def _allow(kinds: str) -> None:
    op.drop_constraint(op.f("ck_evaluations_kind"), "evaluations", type_="check")
    op.create_check_constraint(op.f("ck_evaluations_kind"), "evaluations", f"kind IN ({kinds})")
