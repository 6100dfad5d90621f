"""The pages: published without sign-in, exact by a one-time link, readable by everybody, asking nothing of another host."""

import re
from collections.abc import Callable, Iterator
from html import unescape
from html.parser import HTMLParser

import httpx2
import pytest
from markupsafe import Markup

from reporting.disclosure import Door, Profile
from reporting.pages import drawing, paper
from reporting.pages.views import KINDS

PAGES = (
    "/dashboard", "/dashboard/board", "/dashboard/funnel", "/dashboard/funnel?by=route", "/dashboard/funnel?by=employer",
    "/dashboard/time-to-hire", "/dashboard/learning", "/dashboard/compliance", "/dashboard/sources", "/dashboard/figures/q6",
    "/dashboard/figures/q7?by=role", "/dashboard/figures/q9?by=campaign", "/dashboard/figures/q10", "/dashboard/figures/q11",
    "/dashboard/figures/q8-training", "/dashboard/figures/sustained", "/dashboard/figures/endings", "/sign-in",
)  # fmt: skip
DOOR = Door(Profile.PUBLISHED)
VOID = {"meta", "link", "input", "br", "hr", "img", "source"}


class Outline(HTMLParser):
    """What a screen reader goes by."""

    def __init__(self, html: str) -> None:
        super().__init__()
        self.headings: list[int] = []
        self.ids: list[str] = []
        self.references: list[str] = []
        self.hosts: list[str] = []
        self.handlers: list[str] = []
        self.tables_without_caption = self.fields_without_label = self.drawings_without_title = 0
        self.lang = self.title = ""
        self._open: list[str] = []
        self._labelled: set[str] = set(re.findall(r'<label for="([^"]+)"', html))
        self.feed(html)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        given = {name: value or "" for name, value in attrs}
        if tag not in VOID:
            self._open.append(tag)
        if re.fullmatch(r"h[1-6]", tag):
            self.headings.append(int(tag[1]))
        if tag == "html":
            self.lang = given.get("lang", "")
        if tag == "table":
            self.tables_without_caption += 1
        if tag == "caption":
            self.tables_without_caption -= 1
        if tag == "input" and given.get("type") != "hidden" and given.get("id") not in self._labelled:
            self.fields_without_label += 1
        if tag == "svg" and given.get("role") == "img":
            self.references += given["aria-labelledby"].split()
        self.references += given.get("aria-labelledby", "").split()
        self.ids += [given["id"]] if "id" in given else []
        self.hosts += [value for name, value in given.items() if name in ("href", "src", "action") and "//" in value]
        self.handlers += [name for name in given if name.startswith("on")]


@pytest.mark.parametrize("path", PAGES)
async def test_a_page_can_be_read_by_everybody(path: str, visitor: httpx2.AsyncClient) -> None:
    answer = await visitor.get(path)
    assert answer.status_code == 200
    outline = Outline(answer.text)
    assert outline.lang == "en"
    assert outline.headings.count(1) == 1
    assert all(after - before <= 1 for before, after in zip(outline.headings, outline.headings[1:], strict=False))
    assert len(outline.ids) == len(set(outline.ids))
    assert set(outline.references) <= set(outline.ids)
    assert outline.tables_without_caption == outline.fields_without_label == 0
    assert 'href="#maincontent"' in answer.text
    assert re.search("<title>[^<]+ \u2013 One Workforce, Leeds</title>", answer.text)


@pytest.mark.parametrize("path", PAGES)
async def test_a_page_asks_nothing_of_another_host(path: str, visitor: httpx2.AsyncClient) -> None:
    answer = await visitor.get(path)
    outline = Outline(answer.text)
    assert outline.hosts == []
    assert outline.handlers == []
    assert "nhsuk-header__logo" not in answer.text
    assert "default-src 'none'" in answer.headers["content-security-policy"]


async def test_the_styles_load_no_font(visitor: httpx2.AsyncClient) -> None:
    styles = (await visitor.get("/assets/nhsuk.css")).text + (await visitor.get("/assets/reporting/page.css")).text
    assert "@font-face" not in styles
    assert re.findall(r"url\([\"']?(?:https?:)?//", styles) == []


async def test_assets_are_served_by_name_and_nothing_else_is(visitor: httpx2.AsyncClient) -> None:
    for name, kind in KINDS.items():
        assert (await visitor.get(f"/assets/reporting/{name}")).headers["content-type"].startswith(kind)
    assert (await visitor.get("/assets/reporting/paper.py")).status_code == 404


@pytest.mark.parametrize("path", PAGES)
async def test_without_sign_in_no_page_shows_a_small_number(path: str, visitor: httpx2.AsyncClient) -> None:
    text = re.sub(r"<(script|style|defs|input|svg)\b.*?</?\1>|<[^>]+>", " ", (await visitor.get(path)).text, flags=re.S)
    seen = {int(number) for number in re.findall(r"(?<![\w.:/-])(\d{1,3})(?![\w%:-])", unescape(text))}
    dates_and_rules = {1, 2, 3, 5, 6, 7, 13, *range(8, 32)}
    assert not seen & {21, 22, 43, 42, 41, 44}
    assert {number for number in seen if number % 5} <= dates_and_rules


@pytest.mark.parametrize("path", ["/dashboard", "/dashboard/figures/q6", "/dashboard/funnel"])
async def test_exact_pages_are_for_named_roles(
    path: str, visitor: httpx2.AsyncClient, bearer: Callable[[str], dict[str, str]]
) -> None:
    exact = {"profile": "internal_exact"}
    refused = await visitor.get(path, params=exact)
    assert refused.status_code == 401
    assert "Sign in to see this" in refused.text
    assert (await visitor.get(path, params=exact, headers=bearer("coordinator"))).status_code == 403
    answer = await visitor.get(path, params=exact, headers=bearer("board"))
    assert answer.status_code == 200
    assert "not for publication" in answer.text
    assert ">22<" in answer.text or ">43<" in answer.text


async def test_a_name_is_text_and_no_markup(visitor: httpx2.AsyncClient) -> None:
    answer = await visitor.get("/dashboard/figures/q9?by=campaign")
    assert "Lincoln <b>" not in answer.text
    assert "Lincoln &lt;b&gt;" in answer.text


@pytest.mark.parametrize(
    ("path", "status"),
    [("/dashboard/figures/q99", 404), ("/dashboard/figures/q6?by=x", 422), ("/dashboard?as_at=2999-01-01", 422),
     ("/dashboard?as_at=x", 422)],
)  # fmt: skip
async def test_a_question_that_makes_no_sense_is_answered_by_a_page(
    path: str, status: int, visitor: httpx2.AsyncClient
) -> None:
    answer = await visitor.get(path)
    assert answer.status_code == status
    assert answer.headers["content-type"].startswith("text/html")


# -- signing in --------------------------------------------------------------------------------------------------------


async def test_a_one_time_link_signs_in_once_by_its_button(
    client: httpx2.AsyncClient, code: Callable[[str], str]
) -> None:
    given = code("auditor")
    for _ in range(2):  # a scanner of mail opens it first
        opened = await client.get("/sign-in", params={"code": given})
        assert (opened.status_code, "set-cookie" in opened.headers) == (200, False)
    answer = await client.post("/sign-in", data={"code": given})
    cookie = answer.headers["set-cookie"]
    assert (answer.status_code, answer.headers["location"]) == (303, "/dashboard?profile=internal_exact")
    assert {"HttpOnly", "Secure"} <= {part.strip() for part in cookie.split(";")}
    assert "samesite=strict" in cookie.lower()
    assert given not in answer.text + cookie
    assert "Signed in as auditor" in (await client.get("/dashboard?profile=internal_exact")).text
    client.cookies.clear()
    for written in (given, f"{given}=="):
        again = await client.post("/sign-in", data={"code": written})
        assert (again.status_code, "set-cookie" in again.headers) == (401, False)
    assert "Signed in as" not in (await client.get("/dashboard")).text


async def test_a_link_s_code_is_no_token_and_a_token_is_no_code(
    client: httpx2.AsyncClient, code: Callable[[str], str], token: Callable[[str], str]
) -> None:
    asked = {"profile": "internal_exact"}
    by_code = await client.get("/figures/q6", params=asked, headers={"Authorization": f"Bearer {code('auditor')}"})
    assert by_code.status_code == 401
    assert (await client.post("/sign-in", data={"code": token("auditor")})).status_code == 401
    client.cookies.set("session", token("auditor"))
    assert (await client.get("/figures/q6", params=asked)).status_code == 401


async def test_whoever_has_no_figures_beyond_the_published_ones_is_not_signed_in(
    client: httpx2.AsyncClient, code: Callable[[str], str]
) -> None:
    answer = await client.post("/sign-in", data={"code": code("coordinator")})
    assert (answer.status_code, "set-cookie" in answer.headers) == (401, False)


async def test_a_code_of_somebody_elses_making_is_refused(client: httpx2.AsyncClient) -> None:
    answer = await client.post("/sign-in", data={"code": "eyJhbGciOiJub25lIn0.e30."})
    assert answer.status_code == 401
    assert "set-cookie" not in answer.headers


async def test_signing_out_ends_the_session_also_for_whoever_kept_the_cookie(
    client: httpx2.AsyncClient, code: Callable[[str], str]
) -> None:
    await client.post("/sign-in", data={"code": code("board")})
    kept = client.cookies["session"]
    answer = await client.post("/sign-out")
    assert "Signed in as" not in answer.text
    client.cookies.set("session", kept)
    assert (await client.get("/dashboard?profile=internal_exact")).status_code == 401


async def test_an_auditor_follows_a_figure_to_its_events(
    visitor: httpx2.AsyncClient, bearer: Callable[[str], dict[str, str]]
) -> None:
    path = "/dashboard/figures/q6/events"
    assert (await visitor.get(path)).status_code == 401
    assert (await visitor.get(path, headers=bearer("board"))).status_code == 403
    answer = await visitor.get(path, headers=bearer("auditor"))
    assert answer.text.count("candidate-placed.v1") == 22
    assert (
        'href="/dashboard/figures/q6/events"'
        in (await visitor.get("/dashboard/figures/q6", headers=bearer("auditor"))).text
    )


# -- drawing -----------------------------------------------------------------------------------------------------------


def test_a_drawing_gives_no_hidden_number_away() -> None:
    def drawn(n: int) -> str:
        rows = [drawing.Bar("few", DOOR.count(n)), drawing.Bar("many", DOOR.count(40))]
        return re.sub(r"(drawing|hatch)-\d+", r"\1", drawing.bars("People", rows))

    assert drawn(2) == drawn(6)
    assert "hidden, from 1 to 7" in drawn(2)


def test_a_drawing_escapes_what_it_is_told() -> None:
    assert "<script>" not in drawing.bars("<script>", [drawing.Bar("<script>", DOOR.count(40), "<script>")])


def test_a_drawing_of_nothing_is_one_too() -> None:
    assert "nothing to show" in drawing.bars("People", [])


def test_the_longest_bar_fills_the_drawing() -> None:
    widths = re.findall(r'class="ow-bar" x="0" y="\d+" width="([\d.]+)%"', _two())
    assert widths == ["100.00", "50.00"]


def _two() -> Markup:
    return drawing.bars("People", [drawing.Bar("a", DOOR.count(100)), drawing.Bar("b", DOOR.count(50))])


def test_a_template_cannot_print_a_number_beside_the_door() -> None:
    template = paper.environment().from_string("{{ n }}")
    assert template.render(n=DOOR.count(40)) == "40"
    with pytest.raises(paper.NumberBesideTheDoor):
        template.render(n=40)


async def test_every_page_is_linked_from_the_menu(visitor: httpx2.AsyncClient) -> None:
    text = (await visitor.get("/dashboard")).text
    for path, _ in paper.MENU:
        assert f'href="{path}"' in text


def test_every_page_is_looked_at_here() -> None:
    from reporting.pages.views import router

    looked_at = {re.sub(r"/q[\w-]+", "/{figure_id}", path.split("?")[0]) for path in PAGES}
    assert set(_page_paths(router)) <= looked_at | {"/", "/dashboard/figures/{figure_id}/events"}


def _page_paths(router: object) -> Iterator[str]:
    return (route.path for route in router.routes if not route.path.startswith("/assets"))  # type: ignore[attr-defined]
