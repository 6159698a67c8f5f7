"""The people who act: how they sign in, what each may do in each tool, and on which projects."""

from __future__ import annotations

from datetime import datetime
from enum import StrEnum

from sqlalchemy import CheckConstraint, ForeignKey, Index, String, Text, text
from sqlalchemy.orm import Mapped, mapped_column, relationship

from erpdesk.models.base import Base, UtcTime, Word, new_id


class Tool(StrEnum):
    """The tools in which rights are given; each is named as on screen."""

    ADMIN = "Project Admin"
    BUDGET = "Budget"
    COMMITMENTS = "Commitments"
    CHANGE_ORDERS = "Change Orders"
    PRIME_CONTRACTS = "Prime Contracts"
    DIRECTORY = "Directory"
    INVOICES = "Invoices"
    ERP_INTEGRATIONS = "ERP Integrations"


class Right(StrEnum):
    """How far a person may go in a tool; each includes the ones before it."""

    NONE = "None"
    READ_ONLY = "Read Only"
    STANDARD = "Standard"
    ADMIN = "Admin"

    @property
    def rank(self) -> int:
        return list(Right).index(self)


class GrantState(StrEnum):
    """What became of a request to give somebody the privilege "Can push to accounting"."""

    REQUESTED = "REQUESTED"
    CONFIRMED = "CONFIRMED"
    REFUSED = "REFUSED"
    WITHDRAWN = "WITHDRAWN"


class Person(Base):
    """A person who signs in.

    ``can_push`` is the privilege "Can push to accounting"; ``windows_account`` signs in by itself, ``password`` is a
    scrypt text ('' = none set); ``all_projects`` makes a member of every project, also of later ones; ``digest``
    subscribes to the daily summary; a person who left is not ``active`` and keeps their place in the history.
    ``sign_in_set_by`` holds the ids, parted by blanks, of those who added the person or set the password or Windows
    account; '' once the person set an own password after proving who they are, and for a company's first people.
    """

    __tablename__ = "person"

    id: Mapped[str] = mapped_column(String(32), primary_key=True, default=new_id)
    name: Mapped[str] = mapped_column(String(80), unique=True)
    title: Mapped[str] = mapped_column(String(80), default="")
    can_push: Mapped[bool] = mapped_column(default=False)
    windows_account: Mapped[str | None] = mapped_column(String(120), unique=True)
    password: Mapped[str] = mapped_column(String(200), default="", server_default="")
    email: Mapped[str] = mapped_column(String(200), default="", server_default="")
    digest: Mapped[bool] = mapped_column(default=True, server_default=text("true"))
    all_projects: Mapped[bool] = mapped_column(default=False, server_default=text("false"))
    invoice_administrator: Mapped[bool] = mapped_column(default=False, server_default=text("false"))
    active: Mapped[bool] = mapped_column(default=True, server_default=text("true"))
    version: Mapped[int] = mapped_column(default=1, server_default="1")
    sign_in_set_by: Mapped[str] = mapped_column(Text, default="", server_default="")
    rights: Mapped[list[ToolRight]] = relationship(cascade="all, delete-orphan", lazy="selectin")
    projects: Mapped[list[ProjectMember]] = relationship(cascade="all, delete-orphan", lazy="selectin")
    kinds: Mapped[list[KindRight]] = relationship(cascade="all, delete-orphan", lazy="selectin")
    granted: Mapped[list[GranularRight]] = relationship(cascade="all, delete-orphan", lazy="selectin")

    __mapper_args__ = {"version_id_col": version}  # noqa: RUF012  # SQLAlchemy reads this name

    def right(self, tool: Tool) -> Right:
        """How far this person may go in ``tool``."""
        return next((given.right for given in self.rights if given.tool is tool), Right.NONE)

    def member_of(self, project_id: str) -> bool:
        """Whether this person belongs to a project."""
        return self.all_projects or any(each.project_id == project_id for each in self.projects)


class ToolRight(Base):
    """One person's right in one tool."""

    __tablename__ = "tool_right"

    person_id: Mapped[str] = mapped_column(ForeignKey("person.id"), primary_key=True)
    tool: Mapped[Tool] = mapped_column(Word(Tool, 30), primary_key=True)
    right: Mapped[Right] = mapped_column(Word(Right, 20))


class ProjectMember(Base):
    """One person's membership of one project."""

    __tablename__ = "project_member"

    person_id: Mapped[str] = mapped_column(ForeignKey("person.id"), primary_key=True)
    project_id: Mapped[str] = mapped_column(ForeignKey("project.id"), primary_key=True, index=True)


class KindRight(Base):
    """What an approver may decide on, kind by kind; a kind without a row follows "Can push to accounting" alone."""

    __tablename__ = "kind_right"

    person_id: Mapped[str] = mapped_column(ForeignKey("person.id"), primary_key=True)
    kind: Mapped[str] = mapped_column(String(30), primary_key=True)
    can_import: Mapped[bool]
    can_export: Mapped[bool]


class GranularRight(Base):
    """A single act that a person may do below the level that it usually needs, such as "Lock budget"."""

    __tablename__ = "granular_right"

    person_id: Mapped[str] = mapped_column(ForeignKey("person.id"), primary_key=True)
    name: Mapped[str] = mapped_column(String(60), primary_key=True)


class PushGrant(Base):
    """A request to give the privilege "Can push to accounting": one person asks, a second one confirms."""

    __tablename__ = "push_grant"

    id: Mapped[str] = mapped_column(String(32), primary_key=True, default=new_id)
    person_id: Mapped[str] = mapped_column(ForeignKey("person.id"))
    state: Mapped[GrantState] = mapped_column(Word(GrantState, 12))
    requested_by: Mapped[str] = mapped_column(ForeignKey("person.id"))
    requested_at: Mapped[datetime] = mapped_column(UtcTime)
    answered_by: Mapped[str | None] = mapped_column(ForeignKey("person.id"))
    answered_at: Mapped[datetime | None] = mapped_column(UtcTime)
    reason: Mapped[str] = mapped_column(Text, default="")

    __table_args__ = (
        CheckConstraint("requested_by <> person_id", name="not_oneself"),
        CheckConstraint(
            "state <> 'CONFIRMED' or (answered_by is not null and answered_by <> requested_by"
            " and answered_by <> person_id)",
            name="second_person",
        ),
        Index(
            "uq_push_grant_open",
            "person_id",
            unique=True,
            sqlite_where=text("state = 'REQUESTED'"),
            postgresql_where=text("state = 'REQUESTED'"),
        ),
    )
