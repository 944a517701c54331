/// The report's style: no font, picture or sheet from elsewhere.
let reportStyle = """
    :root { color-scheme: light dark; --ground: #fbfaf7; --card: #ffffff; --ink: #1d2327;
      --soft: #5b666e; --line: #dcd9d0; --track: #eceae3; --accent: #0b6e6e; --good: #1b8a6b;
      --fair: #d79a1e; --poor: #8a94a0; --bad: #c2453d; --plain: #3f7fae; }
    @media (prefers-color-scheme: dark) { :root { --ground: #14181b; --card: #1c2226;
      --ink: #e7e9ea; --soft: #a3afb6; --line: #333c42; --track: #2a3237; --accent: #57c4bd;
      --good: #3fbf95; --fair: #e5b348; --poor: #86929b; --bad: #ee7f74; --plain: #6fb1de; } }
    * { box-sizing: border-box; }
    html { scroll-behavior: smooth; scroll-padding-top: 3.6rem; }
    body { margin: 0; background: var(--ground); color: var(--ink);
      font: 16px/1.5 system-ui, "Segoe UI", Roboto, "Noto Sans", sans-serif; }
    a { color: var(--accent); }
    :focus-visible { outline: 3px solid var(--accent); outline-offset: 2px; border-radius: 3px; }
    .skip { position: absolute; left: -99rem; } .skip:focus { left: 1rem; top: 1rem; z-index: 9;
      background: var(--card); padding: .5rem 1rem; }
    header, main, footer { max-width: 72rem; margin: 0 auto; padding: 0 1.25rem; }
    header { padding-top: 2.5rem; }
    h1 { font-size: clamp(1.6rem, 4vw, 2.4rem); line-height: 1.15; margin: 0 0 .4rem;
      letter-spacing: -.02em; text-wrap: balance; }
    h2 { font-size: 1.45rem; letter-spacing: -.01em; margin: 0 0 .3rem; }
    h3 { font-size: 1.05rem; margin: 0 0 .2rem; }
    p { margin: 0 0 .8rem; max-width: 46rem; } .soft, .empty { color: var(--soft); }
    .note { color: var(--soft); font-size: .875rem; margin-bottom: .6rem; }
    nav { position: sticky; top: 0; z-index: 5; background: var(--ground);
      border-bottom: 1px solid var(--line); margin: 1.4rem 0 2rem; }
    nav ul { max-width: 72rem; margin: 0 auto; padding: .55rem 1.25rem; list-style: none;
      display: flex; gap: 1.2rem; overflow-x: auto; white-space: nowrap; }
    nav a { text-decoration: none; font-weight: 600; font-size: .92rem; }
    nav a:hover { text-decoration: underline; }
    .figures { display: grid; gap: .9rem; margin-top: 1.6rem;
      grid-template-columns: repeat(auto-fit, minmax(9.5rem, 1fr)); }
    .figure, .card { background: var(--card); border: 1px solid var(--line); border-radius: 10px; }
    .figure { padding: .8rem 1rem; } .figure b { display: block; font-size: 1.7rem;
      line-height: 1.15; font-variant-numeric: tabular-nums; letter-spacing: -.02em; }
    .figure span { color: var(--soft); font-size: .875rem; display: block; line-height: 1.35; }
    section { margin-bottom: 2.6rem; }
    .card { padding: 1.1rem 1.2rem; margin: 0 0 1rem; break-inside: avoid; }
    table { border-collapse: collapse; width: 100%; font-variant-numeric: tabular-nums; }
    th { font-weight: 500; text-align: left; } thead th { color: var(--soft); font-size: .8rem;
      font-weight: 500; vertical-align: bottom; padding: 0 .6rem .3rem 0; }
    .bars td, .bars tbody th { padding: .22rem .6rem .22rem 0; font-size: .92rem;
      border-top: 1px solid var(--line); }
    .bars tbody th { overflow-wrap: anywhere; min-width: 8.5rem; }
    code { font: .92em ui-monospace, "DejaVu Sans Mono", monospace; }
    .bars td:not(.bar), .bars thead th:not(:first-child):not(.bar) { text-align: right; }
    .bars td:not(.bar) { white-space: nowrap; }
    .bars .share { color: var(--soft); } .bars .bar { width: 28%; padding-right: 0; }
    .wide .bars .bar { width: 40%; }
    .bars tfoot td { text-align: left !important; color: var(--soft); font-size: .85rem; }
    svg { display: block; width: 100%; height: .7rem; border-radius: 3px; }
    .track { fill: var(--track); } .good { fill: var(--good); } .fair { fill: var(--fair); }
    .poor { fill: var(--poor); } .bad { fill: var(--bad); } .plain { fill: var(--plain); }
    .legend { display: flex; flex-wrap: wrap; gap: .2rem 1.1rem; margin: 0 0 .7rem; padding: 0;
      list-style: none; font-size: .85rem; color: var(--soft); }
    .legend svg { display: inline-block; width: .8rem; height: .8rem; vertical-align: -.06rem;
      margin-right: .35rem; }
    .aloud { position: absolute; width: 1px; height: 1px; overflow: hidden; clip-path: inset(50%); }
    form { display: flex; flex-wrap: wrap; gap: .8rem; margin: 0 0 .9rem; }
    label { font-size: .85rem; color: var(--soft); flex: 1 1 14rem; }
    input, select { display: block; width: 100%; font: inherit; color: inherit;
      padding: .5rem .6rem;
      background: var(--ground); border: 1px solid var(--line); border-radius: 6px; }
    .scroll { overflow: auto; max-height: 34rem; }
    .every thead th { position: sticky; top: 0; background: var(--card);
      padding: .3rem .9rem .3rem 0; }
    .every td { border-top: 1px solid var(--line); padding: .25rem .9rem .25rem 0;
      font-size: .9rem; }
    .every .number { text-align: right; }
    footer { color: var(--soft); font-size: .85rem; padding-bottom: 3rem; }
    @media screen and (min-width: 64rem) { .cards { columns: 2; column-gap: 1rem; }
      .wide { column-span: all; } .card:not(.wide) + .wide { margin-top: 1rem; } }
    @media (max-width: 46rem) {
      header, main, footer { padding-left: .9rem; padding-right: .9rem; }
      .card { padding: .9rem; } .extra { display: none; }
      .bars .bar, .wide .bars .bar { width: 26%; }
      .bars tbody th { min-width: 6rem; } nav ul { padding-left: .9rem; }
      .figures { grid-template-columns: repeat(2, minmax(0, 1fr)); } }
    @media print { :root { color-scheme: light; --ground: #fff; --card: #fff; --ink: #000;
      --soft: #444; --line: #ccc; --track: #eee; --good: #1b8a6b; --fair: #d79a1e; --poor: #8a94a0;
      --bad: #c2453d; --plain: #3f7fae; }
      nav, form, .skip, #every-figure { display: none; } body { font-size: 10pt; }
      header { padding-top: 0; } .card, .figure { break-inside: avoid; border-radius: 0; }
      section h2, section h2 + .soft { break-after: avoid; }
      a { color: inherit; text-decoration: none; } }
    """

/// Fills the table of every figure and searches it; the rest of the report needs no script.
let reportScript = """
    const tables = JSON.parse(document.getElementById("data").textContent);
    const form = document.getElementById("search"), body = document.getElementById("rows");
    const head = document.getElementById("head"), told = document.getElementById("told");
    for (const table of tables) form.table.add(new Option(table.title, table.name));
    function cell(row, text, tag, type) {
      const made = row.appendChild(document.createElement(tag));
      made.textContent = text;
      if (type === "number") made.className = "number";
    }
    function show() {
      const table = tables.find(table => table.name === form.table.value);
      const words = form.words.value.toLowerCase().split(/\\s+/).filter(Boolean);
      const found = table.rows.filter(row => {
        const text = row.join(" ").toLowerCase();
        return words.every(word => text.includes(word));
      });
      head.replaceChildren();
      body.replaceChildren();
      table.heads.forEach((name, place) =>
        cell(head, name.replaceAll("_", " "), "th", place < table.labels ? "" : "number"));
      for (const row of found.slice(0, 500)) {
        const line = body.insertRow();
        row.forEach((value, place) => cell(line,
          place < table.labels ? value : value.toLocaleString("en"), "td",
          place < table.labels ? "" : "number"));
      }
      told.textContent = found.length > 500
        ? `${found.length.toLocaleString("en")} rows, the first 500 are shown`
        : `${found.length} of ${table.rows.length.toLocaleString("en")} rows`;
    }
    form.addEventListener("input", show);
    form.addEventListener("submit", event => event.preventDefault());
    show();
    """
