"""The rules, pure. `person` knows no name: what is said of somebody goes to everybody. `details` is how names and contacts are
written and compared; `duplicates` is when two records are likely one person."""
