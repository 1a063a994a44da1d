"""Reports, problems and progress, for terminals and as JSON."""
