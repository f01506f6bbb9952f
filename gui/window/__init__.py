"""What surrounds the panels: docks, centre, bars, and the commands on files and training."""
