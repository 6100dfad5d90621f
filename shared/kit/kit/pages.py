"""What a page needs: assets from this machine only, a policy that forbids others, and the OpenAPI page drawn with them."""

import re
from functools import cache
from pathlib import Path

from fastapi import FastAPI
from fastapi.openapi.docs import get_swagger_ui_html
from fastapi.responses import HTMLResponse, Response
from fastapi.staticfiles import StaticFiles

POLICY = (
    b"default-src 'none'; style-src 'self' 'unsafe-inline'; script-src 'self' 'unsafe-inline'; img-src 'self' data:; "
    b"font-src 'self'; connect-src 'self'; form-action 'self'; base-uri 'none'; frame-ancestors 'none'"
)
NHSUK = "nhsuk-frontend/dist/nhsuk/nhsuk-frontend.min.css"
FONT_FACE = re.compile(r"@font-face\s*\{[^}]*\}")


def serve_assets(app: FastAPI, folder: Path | None, title: str) -> None:
    """Serve the styles of nhsuk-frontend and swagger-ui under /assets, and /docs; without the folder only the OpenAPI document."""
    if folder is None:
        return
    if (folder / "swagger-ui-dist").is_dir():
        app.mount("/assets/swagger", StaticFiles(directory=folder / "swagger-ui-dist"), name="swagger")

    @app.get("/assets/nhsuk.css", include_in_schema=False)
    async def nhsuk_css() -> Response:
        return Response(_stylesheet(folder), media_type="text/css")

    @app.get("/docs", include_in_schema=False)
    async def docs() -> HTMLResponse:
        return get_swagger_ui_html(
            openapi_url=app.openapi_url or "/openapi.json",
            title=title,
            swagger_js_url="/assets/swagger/swagger-ui-bundle.js",
            swagger_css_url="/assets/swagger/swagger-ui.css",
            swagger_favicon_url="data:,",
        )


@cache
def _stylesheet(folder: Path) -> str:
    """nhsuk-frontend's styles without its fonts, which are another host's; nothing where it is not installed."""
    file = folder / NHSUK
    return FONT_FACE.sub("", file.read_text()) if file.is_file() else ""
