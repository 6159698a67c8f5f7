"""Commitments: the list of subcontracts and purchase orders, and the page of each."""
