"""The rules. A course of the catalogue; a cohort that holds it: its roll, its places, its register."""
