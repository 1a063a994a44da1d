"""The process `nncli`, or `python -m nncli`: the command line, and signals before and behind it."""

from nncli.cli.signals import end_at_once


def main() -> None:
    """Run the command line and leave with its exit code, whenever a signal comes."""
    end_at_once()
    from nncli.cli.main import main as command_line  # which takes a fifth of a second

    try:
        command_line()
    except SystemExit as left:
        end_at_once(left.code if isinstance(left.code, int) else 1)
        raise


if __name__ == "__main__":
    main()
