"""What may follow what. Pure: time comes in as an argument, nothing is read or written."""
