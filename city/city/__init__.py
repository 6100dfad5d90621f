"""The example city and the player of the demo."""
