"use strict";
// Tables that are searched, sorted and taken away as CSV; the rest of the page needs no script.

const data = JSON.parse(document.getElementById("data").textContent);
const grouped = new Intl.NumberFormat("en");
const shownMax = 500;

/** A cell of CSV (RFC 4180), by the rules of `stsurvey stats --csv`: no cell is a formula. */
function csvCell(value) {
  let text = value === null ? "" : String(value);
  if (/^[=+\-@\t\r\n]/.test(text) && Number.isNaN(Number(text))) text = `'${text}`;
  return /[,;"\u0000-\u001f]/.test(text) ? `"${text.replaceAll('"', '""')}"` : text;
}

/** Hands rows to the reader as a file. */
function download(name, heads, rows) {
  const text = [heads, ...rows].map(row => row.map(csvCell).join(",") + "\n").join("");
  const link = document.createElement("a");
  link.href = URL.createObjectURL(new Blob([text], { type: "text/csv" }));
  link.download = `${name}.csv`;
  link.click();
  setTimeout(() => URL.revokeObjectURL(link.href), 10000);
}

/** Whether each of the words is somewhere in a text. */
function hasWords(text, words) {
  const low = text.toLowerCase();
  return words.every(word => low.includes(word));
}

function wordsOf(input) {
  return input.value.toLowerCase().split(/\s+/).filter(Boolean);
}

/** Rows in a table whose heads are buttons that sort it. */
class SortedTable {
  /** `told` says how many rows there are. */
  constructor(table, told) {
    this.table = table;
    this.told = told;
    this.sort = null;
  }

  /** Shows rows: arrays of a cell each, as long as the heads. `isText(i)` is of column `i`. */
  show(heads, rows, total, isText, fill) {
    Object.assign(this, { heads, rows, total, isText, fill });
    if (this.sort !== null && this.sort.column >= heads.length) this.sort = null;
    this.draw();
  }

  /** The rows in the order that the reader has chosen. */
  get sorted() {
    if (this.sort === null) return this.rows;
    const { column, isDown } = this.sort;
    const sign = isDown ? -1 : 1;
    return [...this.rows].sort((one, other) => {
      const [a, b] = [one[column], other[column]];
      // What has no value comes last in either order.
      if (a === null || b === null) return (a === null) - (b === null);
      return sign * (typeof a === "number" ? a - b : String(a).localeCompare(String(b), "en"));
    });
  }

  /** The next of three orders: downwards or upwards, the other way, and as it was. */
  turn(column) {
    const begin = !this.isText(column);
    if (this.sort === null || this.sort.column !== column) {
      this.sort = { column, isDown: begin };
    } else if (this.sort.isDown === begin) {
      this.sort = { column, isDown: !begin };
    } else {
      this.sort = null;
    }
    this.draw();
    this.table.querySelectorAll("thead button")[column].focus();
  }

  draw() {
    const head = document.createElement("thead").appendChild(document.createElement("tr"));
    this.heads.forEach((name, column) => {
      const cell = head.appendChild(document.createElement("th"));
      cell.scope = "col";
      if (!this.isText(column)) cell.className = "number";
      const button = cell.appendChild(document.createElement("button"));
      button.type = "button";
      button.textContent = name.replaceAll("_", " ");
      button.addEventListener("click", () => this.turn(column));
      if (this.sort?.column === column) {
        cell.setAttribute("aria-sort", this.sort.isDown ? "descending" : "ascending");
      }
    });
    const body = document.createElement("tbody");
    for (const row of this.sorted.slice(0, shownMax)) {
      const line = body.insertRow();
      row.forEach((value, column) => this.fill(line.insertCell(), value, column, row));
    }
    this.table.replaceChildren(head.parentElement, body);
    const count = grouped.format(this.rows.length);
    this.told.textContent = this.rows.length > shownMax
      ? `${count} rows; the first ${shownMax} are shown, CSV has all`
      : `${count} of ${grouped.format(this.total)} rows`;
  }
}

/** Shows a number right-aligned, anything else as it is. */
function fillPlain(cell, value) {
  if (typeof value === "number") {
    cell.className = "number";
    cell.textContent = grouped.format(value);
  } else {
    cell.textContent = value ?? "";
  }
}

// Every figure.

const tableForm = document.getElementById("search");
const tableView = new SortedTable(
  document.getElementById("figures"), document.getElementById("told"));
for (const table of data.tables) tableForm.table.add(new Option(table.title, table.name));

function chosenTable() {
  return data.tables.find(table => table.name === tableForm.table.value);
}

function showTable() {
  const table = chosenTable();
  const words = wordsOf(tableForm.words);
  const spoken = new Map(table.rows.map((row, place) => [row, table.words?.[place] ?? ""]));
  const rows = table.rows.filter(row => hasWords(`${row.join(" ")} ${spoken.get(row)}`, words));
  document.getElementById("table-note").textContent = table.note.replaceAll("`", "");
  tableView.show(table.heads, rows, table.rows.length, column => column < table.labels,
    (cell, value, column, row) => {
      fillPlain(cell, value);
      if (column === table.labels - 1 && spoken.get(row)) {
        const note = cell.appendChild(document.createElement("small"));
        note.textContent = spoken.get(row);
      }
    });
}

function openTable(name) {
  tableForm.table.value = name;
  tableForm.words.value = "";
  tableView.sort = null;
  showTable();
  document.getElementById("every-figure").scrollIntoView();
  document.getElementById("told").focus({ preventScroll: true });
}

/** Opens the table that the address names, as in `#table=tlds`. */
function followAddress() {
  const name = /^#table=([a-z_]+)$/.exec(location.hash)?.[1];
  if (data.tables.some(table => table.name === name)) openTable(name);
}

tableForm.addEventListener("input", event => {
  if (event.target === tableForm.table) tableView.sort = null;
  showTable();
});
tableForm.addEventListener("submit", event => event.preventDefault());
document.getElementById("csv").addEventListener("click", () =>
  download(tableForm.table.value, tableView.heads, tableView.sorted));
document.addEventListener("click", event => {
  const link = event.target.closest("a[data-open]");
  if (!link) return;
  event.preventDefault();
  const address = `#table=${link.dataset.open}`;
  if (location.hash === address) openTable(link.dataset.open);
  else location.hash = address;
});
addEventListener("hashchange", followAddress);
showTable();
followAddress();

// Domains.

const domainForm = document.getElementById("find");
if (domainForm) {
  const texts = data.domains.texts;
  const word = place => place === null ? null : texts[place][1];
  const heads = ["domain", "rank", "result", "what fails first", "mode", "mail", "policy host"];
  // Lists without ranks have no column for them.
  const isShown = data.domains.rows.some(row => row[2] !== null)
    ? () => true : (_, column) => column !== 1;
  const domains = data.domains.rows.map(([isFaulty, name, rank, ...places]) => ({
    isFaulty,
    cells: [name, rank, ...places.map(word)],
    codes: places.map(place => place === null ? "" : texts[place][0]),
  }));
  const domainView = new SortedTable(
    document.getElementById("domain-table"), document.getElementById("found"));

  /** Fills a choice with the values of a column, the most frequent first. */
  function fillChoice(select, column) {
    const counts = new Map();
    for (const { codes } of domains) {
      if (codes[column]) counts.set(codes[column], (counts.get(codes[column]) ?? 0) + 1);
    }
    const words = new Map(texts);
    for (const [code, count] of [...counts].sort((one, other) => other[1] - one[1])) {
      select.add(new Option(`${words.get(code)} (${grouped.format(count)})`, code));
    }
  }

  function showDomains() {
    const words = wordsOf(domainForm.words);
    const { need, verdict, failure, mail, policy } = domainForm;
    const wanted = [[0, verdict], [1, failure], [3, mail], [4, policy]];
    const found = domains.filter(({ isFaulty, cells, codes }) =>
      hasWords(cells[0], words) && (isFaulty || !need.value)
      && wanted.every(([column, { value }]) => !value || codes[column] === value));
    const shownHeads = heads.filter(isShown);
    domainView.show(
      shownHeads, found.map(domain => domain.cells.filter(isShown)), domains.length,
      column => shownHeads[column] !== "rank", fillPlain);
  }

  /** Chooses a value, also one that none of the domains here has. */
  function choose(select, code, words) {
    if (![...select.options].some(option => option.value === code)) {
      select.add(new Option(words, code));
    }
    select.value = code;
  }

  fillChoice(domainForm.verdict, 0);
  fillChoice(domainForm.failure, 1);
  fillChoice(domainForm.mail, 3);
  fillChoice(domainForm.policy, 4);
  domainForm.addEventListener("input", showDomains);
  domainForm.addEventListener("submit", event => event.preventDefault());
  document.getElementById("domains-csv").addEventListener("click", () =>
    download("domains", domainView.heads, domainView.sorted));
  document.addEventListener("click", event => {
    const link = event.target.closest("a[data-failure]");
    if (!link) return;
    event.preventDefault();
    domainForm.reset();
    domainForm.need.value = "mending";
    choose(domainForm.mail, link.dataset.provider, link.dataset.provider);
    choose(domainForm.failure, link.dataset.failure, link.textContent);
    showDomains();
    document.getElementById("domain-search").scrollIntoView();
    document.getElementById("found").focus({ preventScroll: true });
  });
  showDomains();
}
