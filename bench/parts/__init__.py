"""One measurement a module. Each answers a dict of numbers, or raises `Failed`."""
