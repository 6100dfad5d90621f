"""The rules. A course of the catalogue; a cohort that holds it: its roll, its places, its register. A refresher period, and a
competence: training in a core skill, by the arithmetic of `core_skills`. An enrolment, and the induction that starters have.
"""
