"""A stand-in Sage 300 CRE company on disk: its tables, its own import program, its operator and its faults.

Another program than erpdesk's connector on purpose: written from Sage's documents, it shares no code with the writer.
"""
