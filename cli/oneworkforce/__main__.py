"""The command line: `oneworkforce`, or `python -m oneworkforce`."""

from kit.garbage import loading


def main() -> None:
    with loading():
        from oneworkforce import main as commands
    commands.main()


if __name__ == "__main__":
    main()
