"use strict";
// Tables sort by the column whose title is pressed, and hide rows without the text in the field above them.
const FILTER_FROM_ROWS = 6;

function number(text) {
  const found = text.replaceAll(",", "").match(/[+-]?\d+(\.\d+)?/);
  return found ? Number(found[0]) : null;
}

function compare(left, right) {
  const [a, b] = [number(left), number(right)];
  if (a === null && b === null) return left.localeCompare(right);
  if (a === null || b === null) return a === null ? 1 : -1;  // text after numbers
  return a - b;
}

function value(row, column) {
  const cell = row.cells[column];
  return cell.dataset.sort ?? cell.textContent;
}

function sort(table, column) {
  const title = table.tHead.rows[0].cells[column];
  const down = title.getAttribute("aria-sort") === "ascending";
  for (const cell of table.tHead.rows[0].cells) cell.removeAttribute("aria-sort");
  title.setAttribute("aria-sort", down ? "descending" : "ascending");
  for (const body of table.tBodies) {
    const rows = [...body.rows].sort((a, b) => compare(value(a, column), value(b, column)));
    body.append(...(down ? rows.reverse() : rows));
  }
}

function filter(table, text) {
  for (const body of table.tBodies)
    for (const row of body.rows) row.hidden = !row.textContent.toLowerCase().includes(text.trim().toLowerCase());
}

for (const table of document.querySelectorAll("table.sortable")) {
  [...table.tHead.rows[0].cells].forEach((cell, column) => {
    const button = document.createElement("button");
    button.append(...cell.childNodes);
    button.title = "sort by this column";
    button.addEventListener("click", () => sort(table, column));
    cell.append(button);
  });
  if (table.tBodies[0].rows.length < FILTER_FROM_ROWS) continue;
  const field = document.createElement("input");
  field.type = "search";
  field.placeholder = "show rows with \u2026";
  field.setAttribute("aria-label", "show only rows with this text");
  field.addEventListener("input", () => filter(table, field.value));
  table.parentElement.before(field);
}

for (const figures of document.querySelectorAll("details.data")) {
  const link = document.createElement("a");
  link.textContent = "Save as CSV";
  link.download = figures.dataset.name;
  link.href = "#";
  link.addEventListener("click", () => {
    link.href = URL.createObjectURL(new Blob([figures.querySelector("pre").textContent], {type: "text/csv"}));
  });
  figures.querySelector("pre").before(link);
}
