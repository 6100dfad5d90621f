-- Links to people's own pages lie with the plumbing (kit.own_link), as in every service that has such pages.

INSERT INTO kit.own_link SELECT * FROM own_link;
DROP TABLE own_link;
