// Keeps an open page up to date: every few seconds it asks for itself again and puts in what differs. The page works without.
const main = document.querySelector("main[data-refresh]") ?? document.querySelector("[data-refresh]");
const switcher = document.querySelector("[data-live-switch]");
const news = document.querySelector("[data-live-news]");
let paused = false;

async function refresh() {
  if (paused || document.hidden) return;
  const answer = await fetch(location.href, { headers: { accept: "text/html" } });
  if (!answer.ok) return;
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
