"""Live plots of the column on the right."""
