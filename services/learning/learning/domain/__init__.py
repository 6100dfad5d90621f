"""The rules: a course in the catalogue, a cohort that holds it with its places, and the arithmetic of places."""
