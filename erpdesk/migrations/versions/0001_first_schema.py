"""The first schema: people, projects, commitments, the way to Sage, the audit trail."""

import sqlalchemy as sa
from alembic import op

revision = "0001"
down_revision = None
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "audit",
        sa.Column("seq", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("at", sa.String(length=27), nullable=False),
        sa.Column("who", sa.String(length=32), nullable=False),
        sa.Column("act", sa.String(length=40), nullable=False),
        sa.Column("kind", sa.String(length=30), nullable=False),
        sa.Column("ref", sa.String(length=32), nullable=False),
        sa.Column("body", sa.Text(), nullable=False),
        sa.Column("prev", sa.String(length=64), nullable=False),
        sa.Column("hash", sa.String(length=64), nullable=False),
        sa.PrimaryKeyConstraint("seq", name=op.f("pk_audit")),
        sa.UniqueConstraint("hash", name=op.f("uq_audit_hash")),
    )
    with op.batch_alter_table("audit", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_audit_kind_ref_seq"), ["kind", "ref", "seq"], unique=False)

    op.create_table(
        "company_identity",
        sa.Column("id", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("company", sa.String(length=80), nullable=False),
        sa.Column("sage_folder", sa.Text(), nullable=False),
        sa.Column("odbc", sa.Text(), nullable=False),
        sa.Column("control_name", sa.String(length=40), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_company_identity")),
    )
    op.create_table(
        "directory_company",
        sa.Column("id", sa.String(length=32), nullable=False),
        sa.Column("name", sa.String(length=120), nullable=False),
        sa.Column("sage_vendor", sa.String(length=10), nullable=True),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_directory_company")),
        sa.UniqueConstraint("sage_vendor", name=op.f("uq_directory_company_sage_vendor")),
    )
    op.create_table(
        "mirror_file",
        sa.Column("id", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("number", sa.Integer(), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_mirror_file")),
    )
    op.create_table(
        "op",
        sa.Column("op_id", sa.String(length=36), nullable=False),
        sa.Column("who", sa.String(length=32), nullable=False),
        sa.Column("what", sa.String(length=40), nullable=False),
        sa.Column("at", sa.String(length=27), nullable=False),
        sa.Column("result", sa.Text(), nullable=False),
        sa.PrimaryKeyConstraint("op_id", name=op.f("pk_op")),
    )
    op.create_table(
        "person",
        sa.Column("id", sa.String(length=32), nullable=False),
        sa.Column("name", sa.String(length=80), nullable=False),
        sa.Column("title", sa.String(length=80), nullable=False),
        sa.Column("can_push", sa.Boolean(), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_person")),
        sa.UniqueConstraint("name", name=op.f("uq_person_name")),
    )
    op.create_table(
        "project",
        sa.Column("id", sa.String(length=32), nullable=False),
        sa.Column("number", sa.String(length=20), nullable=False),
        sa.Column("name", sa.String(length=80), nullable=False),
        sa.Column("sage_job", sa.String(length=10), nullable=True),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_project")),
        sa.UniqueConstraint("number", name=op.f("uq_project_number")),
        sa.UniqueConstraint("sage_job", name=op.f("uq_project_sage_job")),
    )
    op.create_table(
        "commitment",
        sa.Column("id", sa.String(length=32), nullable=False),
        sa.Column("type", sa.String(length=20), nullable=False),
        sa.Column("project_id", sa.String(length=32), nullable=False),
        sa.Column("company_id", sa.String(length=32), nullable=True),
        sa.Column("number", sa.String(length=60), nullable=False),
        sa.Column("title", sa.String(length=255), nullable=False),
        sa.Column("description", sa.Text(), nullable=False),
        sa.Column("status", sa.String(length=30), nullable=False),
        sa.Column("method", sa.String(length=10), nullable=False),
        sa.Column("retainage_percent", sa.BigInteger(), nullable=False),
        sa.Column("date", sa.Date(), nullable=True),
        sa.Column("created_by", sa.String(length=32), nullable=False),
        sa.Column("created_at", sa.String(length=27), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.CheckConstraint("retainage_percent between 0 and 1000000", name=op.f("ck_commitment_retainage")),
        sa.ForeignKeyConstraint(["company_id"], ["directory_company.id"], name=op.f("fk_commitment_company_id")),
        sa.ForeignKeyConstraint(["created_by"], ["person.id"], name=op.f("fk_commitment_created_by")),
        sa.ForeignKeyConstraint(["project_id"], ["project.id"], name=op.f("fk_commitment_project_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_commitment")),
    )
    with op.batch_alter_table("commitment", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_commitment_project_id_number"), ["project_id", "number"], unique=False)

    op.create_table(
        "submission",
        sa.Column("id", sa.String(length=32), nullable=False),
        sa.Column("company", sa.String(length=80), nullable=False),
        sa.Column("kind", sa.String(length=30), nullable=False),
        sa.Column("item_id", sa.String(length=32), nullable=False),
        sa.Column("natural_key", sa.String(length=60), nullable=False),
        sa.Column("revision", sa.Integer(), nullable=False),
        sa.Column("payload", sa.Text(), nullable=False),
        sa.Column("payload_sha", sa.String(length=64), nullable=False),
        sa.Column("state", sa.String(length=12), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("sent_by", sa.String(length=32), nullable=False),
        sa.Column("sent_at", sa.String(length=27), nullable=False),
        sa.Column("decided_by", sa.String(length=32), nullable=True),
        sa.Column("decided_at", sa.String(length=27), nullable=True),
        sa.Column("comment", sa.Text(), nullable=False),
        sa.CheckConstraint("state <> 'ACCEPTED' or decided_by <> sent_by", name=op.f("ck_submission_two_people")),
        sa.ForeignKeyConstraint(["decided_by"], ["person.id"], name=op.f("fk_submission_decided_by")),
        sa.ForeignKeyConstraint(["sent_by"], ["person.id"], name=op.f("fk_submission_sent_by")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_submission")),
    )
    with op.batch_alter_table("submission", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_submission_item_id"), ["item_id"], unique=False)
        batch_op.create_index(batch_op.f("ix_submission_kind_state"), ["kind", "state"], unique=False)
        batch_op.create_index(
            "uq_submission_key_revision",
            ["company", "kind", "natural_key", "revision", "item_id"],
            unique=True,
            sqlite_where=sa.text("state in ('PENDING', 'ACCEPTED')"),
            postgresql_where=sa.text("state in ('PENDING', 'ACCEPTED')"),
        )
        batch_op.create_index(
            "uq_submission_live",
            ["company", "kind", "item_id"],
            unique=True,
            sqlite_where=sa.text("state in ('PENDING', 'ACCEPTED')"),
            postgresql_where=sa.text("state in ('PENDING', 'ACCEPTED')"),
        )

    op.create_table(
        "tool_right",
        sa.Column("person_id", sa.String(length=32), nullable=False),
        sa.Column("tool", sa.String(length=30), nullable=False),
        sa.Column("right", sa.String(length=20), nullable=False),
        sa.ForeignKeyConstraint(["person_id"], ["person.id"], name=op.f("fk_tool_right_person_id")),
        sa.PrimaryKeyConstraint("person_id", "tool", name=op.f("pk_tool_right")),
    )
    op.create_table(
        "commitment_line",
        sa.Column("id", sa.String(length=32), nullable=False),
        sa.Column("commitment_id", sa.String(length=32), nullable=False),
        sa.Column("position", sa.Integer(), nullable=False),
        sa.Column("extra", sa.String(length=10), nullable=False),
        sa.Column("cost_code", sa.String(length=12), nullable=False),
        sa.Column("category", sa.String(length=3), nullable=False),
        sa.Column("description", sa.String(length=255), nullable=False),
        sa.Column("quantity", sa.BigInteger(), nullable=True),
        sa.Column("unit", sa.String(length=20), nullable=False),
        sa.Column("unit_cost", sa.BigInteger(), nullable=True),
        sa.Column("amount", sa.BigInteger(), nullable=False),
        sa.ForeignKeyConstraint(["commitment_id"], ["commitment.id"], name=op.f("fk_commitment_line_commitment_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_commitment_line")),
    )
    with op.batch_alter_table("commitment_line", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_commitment_line_commitment_id"), ["commitment_id"], unique=False)

    op.create_table(
        "outbox",
        sa.Column("id", sa.String(length=32), nullable=False),
        sa.Column("submission_id", sa.String(length=32), nullable=False),
        sa.Column("company", sa.String(length=80), nullable=False),
        sa.Column("kind", sa.String(length=30), nullable=False),
        sa.Column("natural_key", sa.String(length=60), nullable=False),
        sa.Column("export_key", sa.String(length=10), nullable=False),
        sa.Column("approved_sha256", sa.String(length=64), nullable=False),
        sa.Column("state", sa.String(length=16), nullable=False),
        sa.Column("attempt", sa.Integer(), nullable=False),
        sa.Column("class", sa.String(length=1), nullable=False),
        sa.Column("row_version", sa.Integer(), nullable=False),
        sa.Column("accepted_at", sa.String(length=27), nullable=False),
        sa.Column("changed_at", sa.String(length=27), nullable=False),
        sa.Column("message", sa.Text(), nullable=False),
        sa.ForeignKeyConstraint(["submission_id"], ["submission.id"], name=op.f("fk_outbox_submission_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_outbox")),
        sa.UniqueConstraint("export_key", name=op.f("uq_outbox_export_key")),
        sa.UniqueConstraint("submission_id", name=op.f("uq_outbox_submission_id")),
    )
    with op.batch_alter_table("outbox", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_outbox_state"), ["state"], unique=False)
        batch_op.create_index(
            "uq_outbox_live_key",
            ["company", "kind", "natural_key"],
            unique=True,
            sqlite_where=sa.text("state not in ('REFUSED', 'SAGE_REJECTED')"),
            postgresql_where=sa.text("state not in ('REFUSED', 'SAGE_REJECTED')"),
        )

    op.create_table(
        "attempt",
        sa.Column("id", sa.String(length=32), nullable=False),
        sa.Column("outbox_id", sa.String(length=32), nullable=False),
        sa.Column("n", sa.Integer(), nullable=False),
        sa.Column("file_name", sa.String(length=80), nullable=False),
        sa.Column("file_sha256", sa.String(length=64), nullable=False),
        sa.Column("bytes", sa.Integer(), nullable=False),
        sa.Column("line_map", sa.Text(), nullable=False),
        sa.Column("staged_at", sa.String(length=27), nullable=True),
        sa.Column("armed_at", sa.String(length=27), nullable=True),
        sa.Column("delivered_at", sa.String(length=27), nullable=True),
        sa.Column("withdrawn_at", sa.String(length=27), nullable=True),
        sa.Column("worker", sa.String(length=40), nullable=False),
        sa.Column("lease_epoch", sa.Integer(), nullable=False),
        sa.ForeignKeyConstraint(["outbox_id"], ["outbox.id"], name=op.f("fk_attempt_outbox_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_attempt")),
        sa.UniqueConstraint("file_name", name=op.f("uq_attempt_file_name")),
    )
    with op.batch_alter_table("attempt", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_attempt_outbox_id"), ["outbox_id"], unique=False)
        batch_op.create_index("uq_attempt_outbox_n", ["outbox_id", "n"], unique=True)

    op.create_table(
        "evidence",
        sa.Column("id", sa.String(length=32), nullable=False),
        sa.Column("attempt_id", sa.String(length=32), nullable=False),
        sa.Column("source", sa.String(length=12), nullable=False),
        sa.Column("read_began", sa.String(length=27), nullable=False),
        sa.Column("read_ended", sa.String(length=27), nullable=False),
        sa.Column("result", sa.String(length=20), nullable=False),
        sa.Column("detail", sa.Text(), nullable=False),
        sa.Column("detail_sha", sa.String(length=64), nullable=False),
        sa.ForeignKeyConstraint(["attempt_id"], ["attempt.id"], name=op.f("fk_evidence_attempt_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_evidence")),
    )
    with op.batch_alter_table("evidence", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_evidence_attempt_id"), ["attempt_id"], unique=False)


def downgrade() -> None:
    with op.batch_alter_table("evidence", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_evidence_attempt_id"))

    op.drop_table("evidence")
    with op.batch_alter_table("attempt", schema=None) as batch_op:
        batch_op.drop_index("uq_attempt_outbox_n")
        batch_op.drop_index(batch_op.f("ix_attempt_outbox_id"))

    op.drop_table("attempt")
    with op.batch_alter_table("outbox", schema=None) as batch_op:
        batch_op.drop_index(
            "uq_outbox_live_key",
            sqlite_where=sa.text("state not in ('REFUSED', 'SAGE_REJECTED')"),
            postgresql_where=sa.text("state not in ('REFUSED', 'SAGE_REJECTED')"),
        )
        batch_op.drop_index(batch_op.f("ix_outbox_state"))

    op.drop_table("outbox")
    with op.batch_alter_table("commitment_line", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_commitment_line_commitment_id"))

    op.drop_table("commitment_line")
    op.drop_table("tool_right")
    with op.batch_alter_table("submission", schema=None) as batch_op:
        batch_op.drop_index(
            "uq_submission_live",
            sqlite_where=sa.text("state in ('PENDING', 'ACCEPTED')"),
            postgresql_where=sa.text("state in ('PENDING', 'ACCEPTED')"),
        )
        batch_op.drop_index(
            "uq_submission_key_revision",
            sqlite_where=sa.text("state in ('PENDING', 'ACCEPTED')"),
            postgresql_where=sa.text("state in ('PENDING', 'ACCEPTED')"),
        )
        batch_op.drop_index(batch_op.f("ix_submission_kind_state"))
        batch_op.drop_index(batch_op.f("ix_submission_item_id"))

    op.drop_table("submission")
    with op.batch_alter_table("commitment", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_commitment_project_id_number"))

    op.drop_table("commitment")
    op.drop_table("project")
    op.drop_table("person")
    op.drop_table("op")
    op.drop_table("mirror_file")
    op.drop_table("directory_company")
    op.drop_table("company_identity")
    with op.batch_alter_table("audit", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_audit_kind_ref_seq"))

    op.drop_table("audit")
