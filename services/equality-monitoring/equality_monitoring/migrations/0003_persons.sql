-- Who was erased stands with the plumbing (kit.erased): every service forgets in one way. Marks of before are of another kind, and
-- protect from nothing: whoever was erased is known to nobody who gives out links.

DROP TABLE erased;
