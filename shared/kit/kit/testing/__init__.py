"""What tests of any service stand on: databases cloned in milliseconds, records as the broker would give them, no network."""
