"use strict";
(() => {
  const table = document.getElementById("cases");
  if (!table) return;
  const body = table.tBodies[0];
  const rows = [...body.rows];
  const headings = [...table.tHead.rows[1].cells];
  const search = document.getElementById("search");
  const selects = [...document.querySelectorAll("#patients .filters select")];
  const shown = document.getElementById("shown");

  const filter = () => {
    const words = search.value.trim().toLowerCase();
    let count = 0;
    for (const row of rows) {
      const visible = selects.every((s) => !s.value || row.cells[s.dataset.column].textContent === s.value) &&
        row.textContent.toLowerCase().includes(words);
      row.hidden = !visible;
      if (visible) count++;
    }
    shown.textContent = `${count} of ${rows.length} shown`;
  };

  // Undefined values stay at the end whichever way the column is sorted.
  const sort = (column, direction) => {
    const numeric = rows[0].cells[column].hasAttribute("data-key");
    const key = (row) => {
      const cell = row.cells[column];
      if (!numeric) return cell.textContent;
      return cell.dataset.key === "" ? null : Number(cell.dataset.key);
    };
    const sorted = rows.map((row, i) => [key(row), i, row]).sort(([a, i], [b, k]) => {
      if (a === null || b === null) return (a === null) - (b === null) || i - k;
      return (a < b ? -1 : a > b ? 1 : 0) * direction || i - k;
    });
    body.append(...sorted.map(([, , row]) => row));
    headings.forEach((h, i) => i === column
      ? h.setAttribute("aria-sort", direction > 0 ? "ascending" : "descending")
      : h.removeAttribute("aria-sort"));
  };

  headings.forEach((heading, column) => heading.querySelector("button").addEventListener("click", () =>
    sort(column, heading.getAttribute("aria-sort") === "ascending" ? -1 : 1)));
  for (const field of [search, ...selects]) field.addEventListener("input", filter);
  document.querySelector("#patients .filters").addEventListener("submit", (event) => event.preventDefault());
  filter();
})();
