-- Who was erased, by the id that stands for nobody: what happened to them stays counted, and is nobody's.
CREATE TABLE erased (nobody uuid PRIMARY KEY);
