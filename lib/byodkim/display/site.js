"use strict";
(() => {
  const by = id => document.getElementById(id);
  const fill = (text, values) => text.replace(/\{(\w+)\}/g, (_, name) => values[name]);

  const filters = by("filters");
  if (filters) {
    const rows = [...document.querySelectorAll("#list tbody tr")];
    const fields = [...filters.querySelectorAll("select")];
    const show = () => {
      const wanted = fields.filter(field => field.value).map(field => [field.name, field.value]);
      let shown = 0;
      for (const row of rows) {
        row.hidden = !wanted.every(([name, value]) => row.dataset[name] === value);
        shown += !row.hidden;
      }
      by("shown").textContent = fill(by("shown").dataset.text, { shown, all: rows.length });
      const address = wanted.length ? "#" + new URLSearchParams(wanted) : location.pathname;
      history.replaceState(null, "", address);
    };
    const given = new URLSearchParams(location.hash.slice(1));
    for (const field of fields) {
      const value = given.get(field.name);
      if (value && [...field.options].some(option => option.value === value)) field.value = value;
      field.addEventListener("change", show);
    }
    filters.hidden = false;
    if (fields.some(field => field.value)) show();
  }

  const compare = by("compare");
  if (compare) {
    const data = JSON.parse(by("traits").textContent);
    const [one, other] = compare.querySelectorAll("select");
    const cell = (tag, text, scope) => {
      const made = document.createElement(tag);
      made.textContent = text;
      if (scope) made.scope = scope;
      return made;
    };
    const show = () => {
      const pair = [data.runs[one.selectedIndex], data.runs[other.selectedIndex]];
      const body = compare.querySelector("tbody");
      const heads = compare.querySelectorAll("thead th");
      let alike = 0;
      body.replaceChildren();
      pair.forEach((run, place) => { heads[place + 1].textContent = run.id; });
      data.names.forEach((name, place) => {
        const [left, right] = pair.map(run => data.texts[run.values[place]]);
        if (left === right) { alike += left !== ""; return; }
        const row = document.createElement("tr");
        row.append(cell("th", name, "row"));
        [left, right].forEach((text, place) => {
          const made = cell("td", text || "-");
          made.dataset.label = pair[place].id;
          row.append(made);
        });
        body.append(row);
      });
      compare.querySelector("table").hidden = !body.children.length;
      by("counted").textContent = fill(by("counted").dataset.text, { differ: body.children.length, alike });
    };
    one.addEventListener("change", show);
    other.addEventListener("change", show);
    compare.hidden = false;
    show();
  }
})();
