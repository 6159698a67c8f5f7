"""erpdesk: accounting's desk between the project side and Sage 300 CRE."""

__version__ = "0.1.0"
