// Keeps an open page up to date: every few seconds it asks for itself again and puts in what differs. The page works without.
const main = document.querySelector("main[data-refresh]") ?? document.querySelector("[data-refresh]");
const switcher = document.querySelector("[data-live-switch]");
const news = document.querySelector("[data-live-news]");
let paused = false;
let tag = ""; // of the answer that is shown: while it is the same, nothing is counted and nothing is sent

async function refresh() {
  if (paused || document.hidden) return;
  const answer = await fetch(location.href, { headers: { accept: "text/html", "if-none-match": tag } });
  if (!answer.ok) return; // 304 among them
  tag = answer.headers.get("etag") ?? "";
  const fresh = new DOMParser().parseFromString(await answer.text(), "text/html");
  let changed = false;
  for (const part of document.querySelectorAll("[data-live]")) {
    const other = fresh.querySelector(`[data-live="${part.dataset.live}"]`);
    if (other && other.textContent !== part.textContent) {
      part.replaceChildren(...other.childNodes);
      changed = true;
    }
  }
  if (changed && news) news.textContent = "The figures on this page have changed.";
}

if (main) setInterval(() => refresh().catch(() => {}), 1000 * Number(main.dataset.refresh));
if (switcher) {
  switcher.hidden = false;
  switcher.addEventListener("click", () => {
    paused = !paused;
    switcher.setAttribute("aria-pressed", String(paused));
    switcher.textContent = paused ? "Resume updates" : "Pause updates";
  });
}
