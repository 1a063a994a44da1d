"""What the commands give back: plain values that a terminal shows as tables and `--json` as JSON."""
