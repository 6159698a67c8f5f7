"""What erpdesk records: SQLAlchemy mappings, column types, constraints."""

from erpdesk.models import audit, commitments, company, directory, erp, jobs, office, people, sage
from erpdesk.models.base import Base

__all__ = ["Base", "audit", "commitments", "company", "directory", "erp", "jobs", "office", "people", "sage"]
