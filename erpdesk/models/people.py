"""The people who act, and what each of them may do in each tool."""

from __future__ import annotations

from enum import StrEnum

from sqlalchemy import ForeignKey, String
from sqlalchemy.orm import Mapped, mapped_column, relationship

from erpdesk.models.base import Base, Word, new_id


class Tool(StrEnum):
    """The tools of the window; rights are given tool by tool."""

    COMMITMENTS = "Commitments"
    DIRECTORY = "Directory"
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


class Person(Base):
    """A person who signs in. ``can_push`` is the privilege "Can push to accounting"."""

    __tablename__ = "person"

    id: Mapped[str] = mapped_column(String(32), primary_key=True, default=new_id)
    name: Mapped[str] = mapped_column(String(80), unique=True)
    title: Mapped[str] = mapped_column(String(80), default="")
    can_push: Mapped[bool] = mapped_column(default=False)
    rights: Mapped[list[ToolRight]] = relationship(cascade="all, delete-orphan", lazy="selectin")

    def right(self, tool: Tool) -> Right:
        """How far this person may go in ``tool``."""
        return next((given.right for given in self.rights if given.tool is tool), Right.NONE)


class ToolRight(Base):
    """One person's right in one tool."""

    __tablename__ = "tool_right"

    person_id: Mapped[str] = mapped_column(ForeignKey("person.id"), primary_key=True)
    tool: Mapped[Tool] = mapped_column(Word(Tool, 30), primary_key=True)
    right: Mapped[Right] = mapped_column(Word(Right, 20))
