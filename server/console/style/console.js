// The keyboard: j and k move along the rows, Enter opens one, / searches, g and a letter go to a section, ? shows all this.
"use strict";
(() => {
  const rows = () => [...document.querySelectorAll("tbody tr[data-href]")];
  const keys = document.getElementById("keys");
  let at = -1, going = false;
  const choose = step => {
    const all = rows();
    if (!all.length) return;
    const here = all.indexOf(document.activeElement.closest("tr[data-href]"));
    at = Math.max(0, Math.min(all.length - 1, (here < 0 ? at : here) + step));
    const link = [...all[at].querySelectorAll("a")].find(each => each.getAttribute("href") === all[at].dataset.href) || all[at].querySelector("a");
    link.focus();
    all[at].scrollIntoView({ block: "nearest" });
  };
  const search = () => {
    const field = document.querySelector("input[type=search]");
    if (field) { field.focus(); field.select(); } else location.assign("/instruments?search");
  };
  const go = letter => document.querySelector(`nav a[data-key="${letter}"]`)?.click();
  addEventListener("keydown", event => {
    if (event.key === "Escape") { if (keys) keys.hidden = true; document.activeElement.blur(); return; }
    if (event.target.matches("input, select, textarea") || event.ctrlKey || event.metaKey || event.altKey) return;
    const letter = event.key;
    if (going) { going = false; go(letter); return; }
    if (letter === "g") going = true;
    else if (letter === "j") choose(1);
    else if (letter === "k") choose(-1);
    else if (letter === "/") { event.preventDefault(); search(); }
    else if (letter === "?" && keys) keys.hidden = !keys.hidden;
  });
  addEventListener("click", event => {
    const row = event.target.closest("tr[data-href]");
    if (!row || event.target.closest("a, button, form, input, label") || String(getSelection())) return;
    if (event.ctrlKey || event.metaKey) open(row.dataset.href, "_blank"); else location.assign(row.dataset.href);
  });
  for (const each of document.querySelectorAll("[data-print]")) each.addEventListener("click", () => print());
  for (const each of document.querySelectorAll("[data-keys]")) each.addEventListener("click", () => { keys.hidden = !keys.hidden; });
  if (location.search === "?search") search();
})();
