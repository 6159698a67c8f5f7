"""One import file for several items, doubts that two people close, strikes, and acknowledged alarms."""

import sqlalchemy as sa
from alembic import op

from erpdesk.migrations.guards import drop_guards, make_guards

revision = "0005"
down_revision = "0004"
branch_labels = None
depends_on = None

OF_A_FILE = ("staged_at", "armed_at", "delivered_at", "withdrawn_at")
FAILED_BEFORE = "state not in ('REFUSED', 'SAGE_REJECTED')"
FAILED = "state <> 'REFUSED' and state <> 'SAGE_REJECTED' and state <> 'CLOSED_ABSENT'"


def upgrade() -> None:
    drop_guards(op.get_bind())
    op.create_table(
        "export_file",
        sa.Column("id", sa.String(length=32), nullable=False),
        sa.Column("company", sa.String(length=80), nullable=False),
        sa.Column("kind", sa.String(length=30), nullable=False),
        sa.Column("name", sa.String(length=80), nullable=False),
        sa.Column("sha256", sa.String(length=64), nullable=False),
        sa.Column("bytes", sa.Integer(), nullable=False),
        sa.Column("line_map", sa.Text(), nullable=False),
        *(sa.Column(name, sa.String(length=27), nullable=True) for name in OF_A_FILE),
        sa.Column("worker", sa.String(length=40), nullable=False),
        sa.Column("lease_epoch", sa.Integer(), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_export_file")),
        sa.UniqueConstraint("name", name=op.f("uq_export_file_name")),
    )
    # Until now each try had a file of its own.
    op.execute(
        "INSERT INTO export_file (id, company, kind, name, sha256, bytes, line_map, staged_at, armed_at, delivered_at,"
        " withdrawn_at, worker, lease_epoch) SELECT attempt.id, outbox.company, outbox.kind, attempt.file_name,"
        " attempt.file_sha256, attempt.bytes, attempt.line_map, attempt.staged_at, attempt.armed_at,"
        " attempt.delivered_at, attempt.withdrawn_at, attempt.worker, attempt.lease_epoch"
        " FROM attempt JOIN outbox ON outbox.id = attempt.outbox_id"
    )
    with op.batch_alter_table("attempt", schema=None) as batch_op:
        batch_op.add_column(sa.Column("file_id", sa.String(length=32), nullable=True))
        batch_op.add_column(sa.Column("sha256", sa.String(length=64), server_default="", nullable=False))
    op.execute("UPDATE attempt SET file_id = id, sha256 = file_sha256")
    with op.batch_alter_table("attempt", schema=None) as batch_op:
        batch_op.alter_column("file_id", existing_type=sa.String(length=32), nullable=False)
        batch_op.alter_column("sha256", existing_type=sa.String(length=64), server_default=None)
        batch_op.create_foreign_key(op.f("fk_attempt_file_id"), "export_file", ["file_id"], ["id"])
        batch_op.create_index(batch_op.f("ix_attempt_file_id"), ["file_id"], unique=False)
        batch_op.drop_constraint(op.f("uq_attempt_file_name"), type_="unique")
        for name in ("file_name", "file_sha256", "bytes", "line_map", *OF_A_FILE, "worker", "lease_epoch"):
            batch_op.drop_column(name)

    with op.batch_alter_table("outbox", schema=None) as batch_op:
        batch_op.add_column(sa.Column("strikes", sa.Integer(), server_default="0", nullable=False))
        batch_op.add_column(sa.Column("acknowledged_by", sa.String(length=32), nullable=True))
        batch_op.add_column(sa.Column("acknowledged_at", sa.String(length=27), nullable=True))
        batch_op.create_foreign_key(op.f("fk_outbox_acknowledged_by"), "person", ["acknowledged_by"], ["id"])
    _live_key(FAILED)

    op.create_table(
        "closing",
        sa.Column("id", sa.String(length=32), nullable=False),
        sa.Column("outbox_id", sa.String(length=32), nullable=False),
        sa.Column("saw", sa.String(length=12), nullable=False),
        sa.Column("note", sa.Text(), nullable=False),
        sa.Column("state", sa.String(length=12), nullable=False),
        sa.Column("stated_by", sa.String(length=32), nullable=False),
        sa.Column("stated_at", sa.String(length=27), nullable=False),
        sa.Column("answered_by", sa.String(length=32), nullable=True),
        sa.Column("answered_at", sa.String(length=27), nullable=True),
        sa.Column("answer", sa.Text(), nullable=False),
        sa.CheckConstraint(
            "state <> 'CONFIRMED' or (answered_by is not null and answered_by <> stated_by)",
            name=op.f("ck_closing_second_person"),
        ),
        sa.ForeignKeyConstraint(["answered_by"], ["person.id"], name=op.f("fk_closing_answered_by")),
        sa.ForeignKeyConstraint(["outbox_id"], ["outbox.id"], name=op.f("fk_closing_outbox_id")),
        sa.ForeignKeyConstraint(["stated_by"], ["person.id"], name=op.f("fk_closing_stated_by")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_closing")),
    )
    with op.batch_alter_table("closing", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_closing_outbox_id"), ["outbox_id"], unique=False)
    op.create_index(
        "uq_closing_open",
        "closing",
        ["outbox_id"],
        unique=True,
        sqlite_where=sa.text("state = 'STATED'"),
        postgresql_where=sa.text("state = 'STATED'"),
    )
    make_guards(op.get_bind(), 5)


def downgrade() -> None:
    drop_guards(op.get_bind())
    op.drop_table("closing")
    _live_key(FAILED_BEFORE)
    with op.batch_alter_table("outbox", schema=None) as batch_op:
        batch_op.drop_constraint(op.f("fk_outbox_acknowledged_by"), type_="foreignkey")
        for name in ("acknowledged_at", "acknowledged_by", "strikes"):
            batch_op.drop_column(name)
    with op.batch_alter_table("attempt", schema=None) as batch_op:
        batch_op.add_column(sa.Column("file_name", sa.String(length=80), nullable=True))
        batch_op.add_column(sa.Column("file_sha256", sa.String(length=64), server_default="", nullable=False))
        batch_op.add_column(sa.Column("bytes", sa.Integer(), server_default="0", nullable=False))
        batch_op.add_column(sa.Column("line_map", sa.Text(), server_default="", nullable=False))
        for name in OF_A_FILE:
            batch_op.add_column(sa.Column(name, sa.String(length=27), nullable=True))
        batch_op.add_column(sa.Column("worker", sa.String(length=40), server_default="", nullable=False))
        batch_op.add_column(sa.Column("lease_epoch", sa.Integer(), server_default="1", nullable=False))
    kept = ("sha256", "bytes", "line_map", *OF_A_FILE, "worker", "lease_epoch")
    for name in kept:
        own = "file_sha256" if name == "sha256" else name
        held = f"SELECT {name} FROM export_file WHERE export_file.id = attempt.file_id"
        op.execute(f"UPDATE attempt SET {own} = ({held})")
    # Of a file that held several items each item keeps a name of its own.
    op.execute(
        "UPDATE attempt SET file_name = (SELECT name FROM export_file WHERE export_file.id = attempt.file_id)"
        " || CASE WHEN (SELECT COUNT(*) FROM attempt AS other WHERE other.file_id = attempt.file_id) > 1"
        " THEN '#' || substr(attempt.id, 1, 8) ELSE '' END"
    )
    with op.batch_alter_table("attempt", schema=None) as batch_op:
        batch_op.alter_column("file_name", existing_type=sa.String(length=80), nullable=False)
        for name in ("file_sha256", "bytes", "line_map", "worker", "lease_epoch"):
            batch_op.alter_column(name, existing_type=_type(name), server_default=None)
        batch_op.create_unique_constraint(op.f("uq_attempt_file_name"), ["file_name"])
        batch_op.drop_index(batch_op.f("ix_attempt_file_id"))
        batch_op.drop_constraint(op.f("fk_attempt_file_id"), type_="foreignkey")
        for name in ("file_id", "sha256"):
            batch_op.drop_column(name)
    op.drop_table("export_file")
    make_guards(op.get_bind(), 4)


def _type(name: str) -> sa.String | sa.Text | sa.Integer:
    lengths = {"file_sha256": 64, "worker": 40}
    if name in lengths:
        return sa.String(length=lengths[name])
    return sa.Text() if name == "line_map" else sa.Integer()


def _live_key(where: str) -> None:
    op.drop_index("uq_outbox_live_key", table_name="outbox")
    op.create_index(
        "uq_outbox_live_key",
        "outbox",
        ["company", "kind", "natural_key"],
        unique=True,
        sqlite_where=sa.text(where),
        postgresql_where=sa.text(where),
    )
