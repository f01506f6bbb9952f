"""A single column of a table: its type and role, its values as texts and dates, and what it looks like."""
