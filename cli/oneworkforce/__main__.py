"""`python -m oneworkforce`: the same as `oneworkforce`."""

from oneworkforce.main import main

main()
