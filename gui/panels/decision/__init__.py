"""The decision panel."""
