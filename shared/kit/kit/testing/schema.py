"""A service's schema: what migrations build is what tables.sql says, and every statement is one that PostgreSQL takes."""

import re
from collections.abc import Iterator, Mapping
from importlib import resources
from types import ModuleType

import asyncpg

from kit.testing.databases import Clone

PART = re.compile(r"\{[a-z]+\}")
VERBS = ("SELECT ", "INSERT ", "UPDATE ", "DELETE ", "WITH ")
SHAPE = """
SELECT 'column', table_name, column_name, data_type, is_nullable, coalesce(generation_expression, column_default, '')
FROM information_schema.columns WHERE table_schema = current_schema()
UNION ALL SELECT 'constraint', conrelid::regclass::text, conname::text, pg_get_constraintdef(oid), '', ''
FROM pg_constraint WHERE connamespace = quote_ident(current_schema())::regnamespace
UNION ALL SELECT 'index', tablename::text, indexname::text, indexdef, '', '' FROM pg_indexes WHERE schemaname = current_schema()
UNION ALL SELECT 'policy', tablename::text, policyname::text, coalesce(qual, ''), coalesce(with_check, ''), ''
FROM pg_policies WHERE schemaname = current_schema()
UNION ALL SELECT 'view', viewname::text, definition, '', '', '' FROM pg_views WHERE schemaname = current_schema()
UNION ALL SELECT 'type', typname::text, typtype::text, '', '', ''
FROM pg_type WHERE typnamespace = quote_ident(current_schema())::regnamespace AND typtype IN ('d', 'e', 'r')
UNION ALL SELECT 'function', proname::text, pg_get_functiondef(oid), '', '', ''
FROM pg_proc WHERE pronamespace = quote_ident(current_schema())::regnamespace AND prokind = 'f'
ORDER BY 1, 2, 3, 4
"""


def statements(*modules: ModuleType) -> Iterator[tuple[str, str]]:
    """Every statement that stands as a constant in these modules, alone or in a mapping, by name; none with a part to fill in."""
    for module in modules:
        for name, value in vars(module).items():
            if name.isupper() and _is_statement(value):
                yield f"{module.__name__}.{name}", value
            elif name.isupper() and isinstance(value, Mapping):
                yield from (
                    (f"{module.__name__}.{name} {key}", each) for key, each in value.items() if _is_statement(each)
                )


def _is_statement(value: object) -> bool:
    return isinstance(value, str) and value.lstrip().startswith(VERBS) and not PART.search(value)


async def shapes(
    clone: Clone, package: str, schema: str = "public"
) -> tuple[set[tuple[object, ...]], set[tuple[object, ...]]]:
    """A schema as the migrations have built it in this clone, and as the package's tables.sql builds it there anew."""
    connection = await asyncpg.connect(clone.admin_dsn)
    try:
        await connection.execute(f'DROP TABLE public.migration; SET search_path = "{schema}"')
        migrated = {tuple(row) for row in await connection.fetch(SHAPE)}
        await connection.execute(f'DROP SCHEMA "{schema}" CASCADE; CREATE SCHEMA "{schema}"')
        await connection.execute((resources.files(package) / "tables.sql").read_text())
        return migrated, {tuple(row) for row in await connection.fetch(SHAPE)}
    finally:
        await connection.close()
