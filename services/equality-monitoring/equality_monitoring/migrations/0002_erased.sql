-- Who was erased is forgotten.

-- Who was erased, by the id that stands for nobody: they declare nothing any more.
CREATE TABLE erased (
    nobody    uuid PRIMARY KEY,
    erased_at timestamptz NOT NULL DEFAULT now()
);
