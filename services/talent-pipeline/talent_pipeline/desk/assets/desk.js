// Puts names beside ids. The page holds ids; people, under this very host, tells the names to whoever signed in there as well, in one
// question for the whole page, and keeps that they were looked at and why. It tells nobody but the reader for whom the page was drawn.
// Without it, or without an answer, the page stays as it is.
const told = document.querySelectorAll("[data-person]");
const notice = document.querySelector("[data-names]");

async function names() {
  const ids = [...new Set([...told].map((place) => place.dataset.person))].slice(0, 100);
  const body = JSON.stringify({ ids, reason: notice.dataset.names });
  const reader = document.querySelector("meta[name=reader]").content;
  const headers = { "content-type": "application/json", "expected-reader": reader };
  const answer = await fetch("/names", { method: "POST", body, headers });
  if (!answer.ok) return;
  const { rows } = await answer.json();
  const by = new Map(rows.map((row) => [row.person_id, row.name]));
  for (const place of told) {
    const name = by.get(place.dataset.person);
    if (name) place.prepend(name, " ");
    place.classList.toggle("desk-named", Boolean(name));
  }
  notice.hidden = true;
}

if (told.length && notice) names().catch(() => {});

// Signing in here signs in there, with the same link: each believes it once. Where people cannot be asked, there are no names.
for (const [form, path] of [["[data-sign-in]", "/names/sign-in"], ["[data-sign-out]", "/names/sign-out"]]) {
  document.querySelector(form)?.addEventListener("submit", async (event) => {
    event.preventDefault();
    const { target } = event;
    await fetch(path, { method: "POST", body: new URLSearchParams(new FormData(target)) }).catch(() => {});
    target.submit();
  });
}

// The code stays in no history and is on no screen.
if (location.search.includes("code=")) history.replaceState(null, "", location.pathname);
