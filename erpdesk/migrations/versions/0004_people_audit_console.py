"""People and their rights, an audit trail that nothing can change, drafts, attachments and mail."""

import sqlalchemy as sa
from alembic import op

from erpdesk.migrations.guards import drop_guards, make_guards

revision = "0004"
down_revision = "0003"
branch_labels = None
depends_on = None

TRUE, FALSE = sa.text("true"), sa.text("false")

AUDIT_COLUMNS = (
    ("login", sa.String(length=120)),
    ("machine", sa.String(length=80)),
    ("version", sa.String(length=20)),
    ("before", sa.Text()),
    ("after", sa.Text()),
    ("reason", sa.Text()),
    ("evidence", sa.Text()),
)
TWO_PEOPLE = "state <> 'ACCEPTED' or (decided_by is not null and decided_by <> sent_by)"
ONLY_OTHERS = "state <> 'ACCEPTED' or decided_by <> sent_by"


def upgrade() -> None:
    with op.batch_alter_table("person", schema=None) as batch_op:
        batch_op.add_column(sa.Column("windows_account", sa.String(length=120), nullable=True))
        batch_op.add_column(sa.Column("password", sa.String(length=200), server_default="", nullable=False))
        batch_op.add_column(sa.Column("email", sa.String(length=200), server_default="", nullable=False))
        batch_op.add_column(sa.Column("digest", sa.Boolean(), server_default=TRUE, nullable=False))
        batch_op.add_column(sa.Column("all_projects", sa.Boolean(), server_default=FALSE, nullable=False))
        batch_op.add_column(sa.Column("invoice_administrator", sa.Boolean(), server_default=FALSE, nullable=False))
        batch_op.add_column(sa.Column("active", sa.Boolean(), server_default=TRUE, nullable=False))
        batch_op.add_column(sa.Column("version", sa.Integer(), server_default="1", nullable=False))
        batch_op.add_column(sa.Column("sign_in_set_by", sa.Text(), server_default="", nullable=False))
        batch_op.create_unique_constraint(op.f("uq_person_windows_account"), ["windows_account"])
    # Until now everybody worked on every project.
    op.execute("UPDATE person SET all_projects = true")

    op.create_table(
        "project_member",
        sa.Column("person_id", sa.String(length=32), nullable=False),
        sa.Column("project_id", sa.String(length=32), nullable=False),
        sa.ForeignKeyConstraint(["person_id"], ["person.id"], name=op.f("fk_project_member_person_id")),
        sa.ForeignKeyConstraint(["project_id"], ["project.id"], name=op.f("fk_project_member_project_id")),
        sa.PrimaryKeyConstraint("person_id", "project_id", name=op.f("pk_project_member")),
    )
    with op.batch_alter_table("project_member", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_project_member_project_id"), ["project_id"], unique=False)

    op.create_table(
        "kind_right",
        sa.Column("person_id", sa.String(length=32), nullable=False),
        sa.Column("kind", sa.String(length=30), nullable=False),
        sa.Column("can_import", sa.Boolean(), nullable=False),
        sa.Column("can_export", sa.Boolean(), nullable=False),
        sa.ForeignKeyConstraint(["person_id"], ["person.id"], name=op.f("fk_kind_right_person_id")),
        sa.PrimaryKeyConstraint("person_id", "kind", name=op.f("pk_kind_right")),
    )
    op.create_table(
        "granular_right",
        sa.Column("person_id", sa.String(length=32), nullable=False),
        sa.Column("name", sa.String(length=60), nullable=False),
        sa.ForeignKeyConstraint(["person_id"], ["person.id"], name=op.f("fk_granular_right_person_id")),
        sa.PrimaryKeyConstraint("person_id", "name", name=op.f("pk_granular_right")),
    )
    op.create_table(
        "push_grant",
        sa.Column("id", sa.String(length=32), nullable=False),
        sa.Column("person_id", sa.String(length=32), nullable=False),
        sa.Column("state", sa.String(length=12), nullable=False),
        sa.Column("requested_by", sa.String(length=32), nullable=False),
        sa.Column("requested_at", sa.String(length=27), nullable=False),
        sa.Column("answered_by", sa.String(length=32), nullable=True),
        sa.Column("answered_at", sa.String(length=27), nullable=True),
        sa.Column("reason", sa.Text(), nullable=False),
        sa.CheckConstraint("requested_by <> person_id", name=op.f("ck_push_grant_not_oneself")),
        sa.CheckConstraint(
            "state <> 'CONFIRMED' or (answered_by is not null and answered_by <> requested_by"
            " and answered_by <> person_id)",
            name=op.f("ck_push_grant_second_person"),
        ),
        sa.ForeignKeyConstraint(["answered_by"], ["person.id"], name=op.f("fk_push_grant_answered_by")),
        sa.ForeignKeyConstraint(["person_id"], ["person.id"], name=op.f("fk_push_grant_person_id")),
        sa.ForeignKeyConstraint(["requested_by"], ["person.id"], name=op.f("fk_push_grant_requested_by")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_push_grant")),
    )
    op.create_index(
        "uq_push_grant_open",
        "push_grant",
        ["person_id"],
        unique=True,
        sqlite_where=sa.text("state = 'REQUESTED'"),
        postgresql_where=sa.text("state = 'REQUESTED'"),
    )

    with op.batch_alter_table("audit", schema=None) as batch_op:
        batch_op.add_column(sa.Column("form", sa.Integer(), server_default="1", nullable=False))
        for name, kind in AUDIT_COLUMNS:
            batch_op.add_column(sa.Column(name, kind, server_default="", nullable=False))

    with op.batch_alter_table("submission", schema=None) as batch_op:
        batch_op.add_column(sa.Column("archived_at", sa.String(length=27), nullable=True))
        batch_op.drop_constraint(op.f("ck_submission_two_people"), type_="check")
        batch_op.create_check_constraint(op.f("ck_submission_two_people"), TWO_PEOPLE)
        batch_op.drop_index(op.f("ix_submission_kind_state"))
        batch_op.create_index(
            "ix_submission_standing",
            ["kind", "state", "archived_at", "sent_at", "id", "item_id", "sent_by"],
            unique=False,
        )
    with op.batch_alter_table("commitment_line", schema=None) as batch_op:
        batch_op.drop_index(op.f("ix_commitment_line_commitment_id"))
        batch_op.create_index(
            batch_op.f("ix_commitment_line_commitment_id_amount"), ["commitment_id", "amount"], unique=False
        )

    op.create_table(
        "draft",
        sa.Column("person_id", sa.String(length=32), nullable=False),
        sa.Column("form", sa.String(length=30), nullable=False),
        sa.Column("ref", sa.String(length=32), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("body", sa.Text(), nullable=False),
        sa.Column("saved_at", sa.String(length=27), nullable=False),
        sa.ForeignKeyConstraint(["person_id"], ["person.id"], name=op.f("fk_draft_person_id")),
        sa.PrimaryKeyConstraint("person_id", "form", "ref", name=op.f("pk_draft")),
    )
    op.create_table(
        "attachment",
        sa.Column("id", sa.String(length=32), nullable=False),
        sa.Column("kind", sa.String(length=30), nullable=False),
        sa.Column("ref", sa.String(length=32), nullable=False),
        sa.Column("name", sa.String(length=255), nullable=False),
        sa.Column("sha256", sa.String(length=64), nullable=False),
        sa.Column("bytes", sa.Integer(), nullable=False),
        sa.Column("added_by", sa.String(length=32), nullable=False),
        sa.Column("added_at", sa.String(length=27), nullable=False),
        sa.Column("removed_by", sa.String(length=32), nullable=True),
        sa.Column("removed_at", sa.String(length=27), nullable=True),
        sa.Column("reason", sa.Text(), nullable=False),
        sa.ForeignKeyConstraint(["added_by"], ["person.id"], name=op.f("fk_attachment_added_by")),
        sa.ForeignKeyConstraint(["removed_by"], ["person.id"], name=op.f("fk_attachment_removed_by")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_attachment")),
    )
    with op.batch_alter_table("attachment", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_attachment_sha256"), ["sha256"], unique=False)
        batch_op.create_index(batch_op.f("ix_attachment_kind_ref"), ["kind", "ref"], unique=False)

    op.create_table(
        "mail",
        sa.Column("id", sa.String(length=32), nullable=False),
        sa.Column("key", sa.String(length=120), nullable=False),
        sa.Column("person_id", sa.String(length=32), nullable=False),
        sa.Column("address", sa.String(length=200), nullable=False),
        sa.Column("subject", sa.String(length=200), nullable=False),
        sa.Column("body", sa.Text(), nullable=False),
        sa.Column("state", sa.String(length=12), nullable=False),
        sa.Column("tries", sa.Integer(), nullable=False),
        sa.Column("problem", sa.Text(), nullable=False),
        sa.Column("made_at", sa.String(length=27), nullable=False),
        sa.Column("next_at", sa.String(length=27), nullable=False),
        sa.Column("sent_at", sa.String(length=27), nullable=True),
        sa.Column("row_version", sa.Integer(), nullable=False),
        sa.ForeignKeyConstraint(["person_id"], ["person.id"], name=op.f("fk_mail_person_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_mail")),
        sa.UniqueConstraint("key", name=op.f("uq_mail_key")),
    )
    with op.batch_alter_table("mail", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_mail_state"), ["state"], unique=False)
    make_guards(op.get_bind(), 4)


def downgrade() -> None:
    drop_guards(op.get_bind())
    for table in ("mail", "attachment", "draft"):
        op.drop_table(table)
    with op.batch_alter_table("submission", schema=None) as batch_op:
        batch_op.drop_constraint(op.f("ck_submission_two_people"), type_="check")
        batch_op.create_check_constraint(op.f("ck_submission_two_people"), ONLY_OTHERS)
        batch_op.drop_index("ix_submission_standing")
        batch_op.create_index(op.f("ix_submission_kind_state"), ["kind", "state"], unique=False)
        batch_op.drop_column("archived_at")
    with op.batch_alter_table("commitment_line", schema=None) as batch_op:
        batch_op.drop_index(op.f("ix_commitment_line_commitment_id_amount"))
        batch_op.create_index(op.f("ix_commitment_line_commitment_id"), ["commitment_id"], unique=False)
    with op.batch_alter_table("audit", schema=None) as batch_op:
        for name, _ in AUDIT_COLUMNS:
            batch_op.drop_column(name)
        batch_op.drop_column("form")
    for table in ("push_grant", "granular_right", "kind_right", "project_member"):
        op.drop_table(table)
    with op.batch_alter_table("person", schema=None) as batch_op:
        batch_op.drop_constraint(op.f("uq_person_windows_account"), type_="unique")
        for name in (
            *("sign_in_set_by", "version", "active", "invoice_administrator", "all_projects"),
            *("digest", "email", "password", "windows_account"),
        ):
            batch_op.drop_column(name)
