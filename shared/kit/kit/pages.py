"""What a page needs: assets from this machine only, a policy that forbids others, and the OpenAPI page drawn with them."""

from pathlib import Path

from fastapi import FastAPI
from fastapi.openapi.docs import get_swagger_ui_html
from fastapi.responses import HTMLResponse
from fastapi.staticfiles import StaticFiles

POLICY = (
    b"default-src 'none'; style-src 'self' 'unsafe-inline'; script-src 'self' 'unsafe-inline'; img-src 'self' data:; "
    b"font-src 'self'; connect-src 'self'; form-action 'self'; base-uri 'none'; frame-ancestors 'none'"
)


def serve_assets(app: FastAPI, folder: Path | None, title: str) -> None:
    """Serve nhsuk-frontend and swagger-ui under /assets, and /docs with them; without the folder only the OpenAPI document."""
    if folder is None:
        return
    for name, place in (("nhsuk", "nhsuk-frontend/dist/nhsuk"), ("swagger", "swagger-ui-dist")):
        if (folder / place).is_dir():
            app.mount(f"/assets/{name}", StaticFiles(directory=folder / place), name=name)

    @app.get("/docs", include_in_schema=False)
    async def docs() -> HTMLResponse:
        return get_swagger_ui_html(
            openapi_url=app.openapi_url or "/openapi.json",
            title=title,
            swagger_js_url="/assets/swagger/swagger-ui-bundle.js",
            swagger_css_url="/assets/swagger/swagger-ui.css",
            swagger_favicon_url="data:,",
        )
