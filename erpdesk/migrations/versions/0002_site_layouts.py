"""What a site settled about its Sage: confirmed fields, pasted field orders, proven record classes."""

import sqlalchemy as sa
from alembic import op

revision = "0002"
down_revision = "0001"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "layout_confirmation",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("layout", sa.String(length=30), nullable=False),
        sa.Column("order_sha", sa.String(length=64), nullable=False),
        sa.Column("record", sa.String(length=10), nullable=False),
        sa.Column("position", sa.Integer(), nullable=False),
        sa.Column("label", sa.String(length=80), nullable=False),
        sa.Column("confirmed", sa.Boolean(), nullable=False),
        sa.Column("how", sa.Text(), nullable=False),
        sa.Column("by", sa.String(length=32), nullable=False),
        sa.Column("at", sa.String(length=27), nullable=False),
        sa.CheckConstraint("position >= 1", name=op.f("ck_layout_confirmation_position")),
        sa.ForeignKeyConstraint(["by"], ["person.id"], name=op.f("fk_layout_confirmation_by")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_layout_confirmation")),
    )
    with op.batch_alter_table("layout_confirmation", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_layout_confirmation_layout_record"), ["layout", "record"], unique=False)

    op.create_table(
        "site_layout",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("layout", sa.String(length=30), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("text", sa.Text(), nullable=False),
        sa.Column("by", sa.String(length=32), nullable=False),
        sa.Column("at", sa.String(length=27), nullable=False),
        sa.ForeignKeyConstraint(["by"], ["person.id"], name=op.f("fk_site_layout_by")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_site_layout")),
    )
    with op.batch_alter_table("site_layout", schema=None) as batch_op:
        batch_op.create_index("uq_site_layout_layout_version", ["layout", "version"], unique=True)

    op.create_table(
        "record_class",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("record_type", sa.String(length=30), nullable=False),
        sa.Column("class", sa.String(length=1), nullable=False),
        sa.Column("evidence", sa.Text(), nullable=False),
        sa.Column("by", sa.String(length=32), nullable=False),
        sa.Column("at", sa.String(length=27), nullable=False),
        sa.CheckConstraint("class in ('A', 'B', 'C')", name=op.f("ck_record_class_class")),
        sa.ForeignKeyConstraint(["by"], ["person.id"], name=op.f("fk_record_class_by")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_record_class")),
    )
    with op.batch_alter_table("record_class", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_record_class_record_type"), ["record_type"], unique=False)


def downgrade() -> None:
    with op.batch_alter_table("record_class", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_record_class_record_type"))

    op.drop_table("record_class")
    with op.batch_alter_table("site_layout", schema=None) as batch_op:
        batch_op.drop_index("uq_site_layout_layout_version")

    op.drop_table("site_layout")
    with op.batch_alter_table("layout_confirmation", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_layout_confirmation_layout_record"))

    op.drop_table("layout_confirmation")
