"""What comes along with the program: ready experiments, icons and help."""
