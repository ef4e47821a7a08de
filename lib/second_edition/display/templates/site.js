"use strict";
(() => {
  const by = id => document.getElementById(id);
  const fill = (text, values) => text.replace(/\{(\w+)\}/g, (_, name) => values[name]);

  const filters = by("filters");
  if (filters) {
    const data = JSON.parse(by("rows").textContent);
    const { texts, columns, rows } = data;
    const body = document.querySelector("#list tbody");
    const more = by("more");
    const fields = [...filters.querySelectorAll("select, input")];
    const make = (tag, className, ...inner) => {
      const made = document.createElement(tag);
      if (tag === "th") made.scope = "row";
      if (className) made.className = className;
      made.append(...inner);
      return made;
    };
    // As the pages are made: what is short stays on one line, what is long may be broken anywhere, an ARN between its parts.
    const size = text => {
      if (text.split(/\s+/).some(word => word.length > data.long)) return "long";
      return text.length <= data.short || (/^[\0-\x7f]*$/.test(text) && !text.includes(" ")) ? "short" : "";
    };
    const parted = text => {
      const arn = /^arn(?::[^:/]*){4}:(?:[a-z-]+\/)?([^:]+)$/.exec(text);
      if (arn) {
        const shown = make("abbr", "", arn[1]);
        shown.title = text;
        return [shown];
      }
      const parts = text.includes("/") ? text.split(/(?<=[/:])(?=[\p{L}\p{N}_-])/u) : [text];
      return parts.flatMap((part, place) => place ? [document.createElement("wbr"), part] : [part]);
    };
    const build = ([marked, href, first, ...others]) => {
      const link = make("a", "", texts[first]);
      link.href = texts[href];
      const name = make("th", size(texts[first]), ...(marked ? [make("span", "flag", "▶ ")] : []), link);
      const row = make("tr", marked ? "marked" : "", name);
      for (let place = 1; place < columns.length; place++) {
        const text = texts[others[place - 1]];
        const cell = make("td", size(text), ...parted(text));
        cell.dataset.label = columns[place];
        row.append(cell);
      }
      return row;
    };
    let found = rows, words;
    const tell = () => {
      const shown = body.children.length;
      const text = by("shown").dataset[shown < found.length ? "part" : "text"];
      by("shown").textContent = fill(text, { shown, found: found.length, all: rows.length });
      more.hidden = shown >= found.length;
    };
    const place = field => 2 + columns.length + data.filters.indexOf(field.name);
    const show = () => {
      const chosen = fields.filter(field => field.value);
      const wanted = chosen.filter(field => field.name !== "search").map(field => [place(field), field.value]);
      const sought = filters.elements.search.value.toLowerCase().split(/\s+/).filter(Boolean);
      if (sought.length) words ||= rows.map(row => row.slice(2, 2 + columns.length).map(at => texts[at]).join("\n").toLowerCase());
      found = rows.filter((row, number) => wanted.every(([at, value]) => texts[row[at]] === value)
        && sought.every(word => words[number].includes(word)));
      body.replaceChildren(...found.slice(0, data.first).map(build));
      tell();
      const given = chosen.map(field => [field.name, field.value]);
      history.replaceState(null, "", given.length ? "#" + new URLSearchParams(given) : location.pathname);
    };
    const given = new URLSearchParams(location.hash.slice(1));
    for (const field of fields) {
      const value = given.get(field.name);
      if (value && (!field.options || [...field.options].some(option => option.value === value))) field.value = value;
      field.addEventListener(field.options ? "change" : "input", show);
    }
    filters.addEventListener("submit", event => event.preventDefault());
    more.addEventListener("click", () => {
      const shown = body.children.length;
      body.append(...found.slice(shown, shown + data.page).map(build));
      tell();
      body.children[shown].querySelector("a").focus();
    });
    filters.hidden = false;
    if (fields.some(field => field.value)) show();
    else if (rows.length > data.first) tell();
  }
})();
