"""Reading delimited text (CSV and its kin): bytes → text → layout → typed columns."""
