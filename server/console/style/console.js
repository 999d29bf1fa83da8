// The keyboard: j and k move along the rows, Enter opens one, / goes to the search.
"use strict";
(() => {
  const rows = () => [...document.querySelectorAll("tbody tr[data-href]")];
  let at = -1;
  const go = step => {
    const all = rows();
    if (!all.length) return;
    at = Math.max(0, Math.min(all.length - 1, at + step));
    all[at].querySelector("a").focus();
  };
  addEventListener("keydown", event => {
    if (event.target.matches("input, select, textarea") || event.ctrlKey || event.metaKey || event.altKey) return;
    if (event.key === "j") go(1);
    else if (event.key === "k") go(-1);
    else if (event.key === "/") {
      const field = document.querySelector("input[type=search]");
      if (field) { event.preventDefault(); field.focus(); }
    }
  });
})();
