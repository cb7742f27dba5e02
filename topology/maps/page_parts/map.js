"use strict";
(() => {
  const byId = (id) => document.getElementById(id);
  const map = byId("map"), card = byId("card"), results = byId("results"), find = byId("find");
  const spans = [...map.querySelectorAll(".s")], nodes = [...map.querySelectorAll(".n")];
  const whole = map.getAttribute("viewBox").split(" ").map(Number);
  const metre = Number(map.dataset.metre); // drawing units in a metre
  let view = whole.slice();

  const make = (tag, text, into) => {
    const made = document.createElement(tag);
    made.textContent = text;
    if (into) into.append(made);
    return made;
  };

  /* -- the window: pan and zoom ---------------------------------------------------------------------------------- */

  let waiting = 0, paper = false;
  const PAPER = [680, 567]; // pixels of 180 by 150 mm, as the style has it: on paper the window's own size says nothing
  const size = () => (paper ? PAPER : [map.clientWidth, map.clientHeight]);
  const draw = () => {
    map.setAttribute("viewBox", view.map((v) => v.toFixed(2)).join(" "));
    const unit = Math.max(view[2] / size()[0], view[3] / size()[1]); // drawing units in a pixel
    map.style.setProperty("--i", unit);
    scale(unit);
    clearTimeout(waiting);
    if (paper) label(unit);
    else waiting = setTimeout(() => label(unit), 60);
  };
  const scale = (unit) => {
    const most = (160 * unit) / metre;
    let metres = 1;
    for (let ten = 1; ten <= most; ten *= 10) for (const n of [1, 2, 5]) if (n * ten <= most) metres = n * ten;
    byId("bar").style.width = `${(metres * metre) / unit}px`;
    byId("barwords").textContent = metres >= 1000 ? `${metres / 1000} km` : `${metres} m`;
  };
  const label = (unit) => {
    const taken = [], many = nodes.length > 150;
    const inside = nodes.filter((n) => {
      const x = Number(n.dataset.x), y = Number(n.dataset.y);
      return x > view[0] && x < view[0] + view[2] && y > view[1] && y < view[1] + view[3];
    });
    const all = !many || inside.length <= 150;
    map.classList.toggle("far", !all);
    inside.sort((a, b) => b.classList.contains("hit") - a.classList.contains("hit") || b.classList.contains("k") - a.classList.contains("k"));
    const meets = (a, b) => a[0] < b[2] && b[0] < a[2] && a[1] < b[3] && b[1] < a[3];
    for (const n of nodes) n.classList.add("quiet");
    const [width, height] = size(), left = (view[0] + view[2] / 2) / unit - width / 2, top = (view[1] + view[3] / 2) / unit - height / 2;
    const within = (a) => a[0] > left && a[2] < left + width && a[1] > top && a[3] < top + height;
    const named = inside.filter((n) => all || n.classList.contains("k") || n.classList.contains("hit"));
    const places = named.map((n) => [Number(n.dataset.x) / unit, Number(n.dataset.y) / unit]);
    for (const [x, y] of places) taken.push([x - 6, y - 6, x + 6, y + 6]); // the marks, then the words
    named.forEach((n, i) => {
      const [x, y] = places[i], wide = n.querySelector("text").textContent.length * 8 + 2;
      const ways = [ // right, left, above, below: where the words lie, and how they are set
        [[x + 7, y - 7, x + 8 + wide, y + 7], 8, 4, "start"], [[x - 8 - wide, y - 7, x - 7, y + 7], -8, 4, "end"],
        [[x - wide / 2, y - 22, x + wide / 2, y - 7], 0, -10, "middle"], [[x - wide / 2, y + 7, x + wide / 2, y + 22], 0, 18, "middle"],
      ];
      const way = ways.find(([box]) => within(box) && !taken.some((other, j) => j !== i && meets(box, other)));
      if (!way) return;
      taken.push(way[0]);
      const text = n.querySelector("text");
      text.setAttribute("x", way[1]);
      text.setAttribute("y", way[2]);
      text.setAttribute("text-anchor", way[3]);
      n.classList.remove("quiet");
    });
  };
  const zoom = (by, x = view[0] + view[2] / 2, y = view[1] + view[3] / 2) => {
    const wide = Math.min(Math.max(view[2] * by, whole[2] / 400), whole[2] * 2);
    by = wide / view[2];
    view = [x - (x - view[0]) * by, y - (y - view[1]) * by, wide, view[3] * by];
    draw();
  };
  const move = (x, y) => {
    view[0] += x * view[2];
    view[1] += y * view[3];
    draw();
  };
  const at = (event) => new DOMPoint(event.clientX, event.clientY).matrixTransform(map.getScreenCTM().inverse());
  map.addEventListener("wheel", (event) => {
    event.preventDefault();
    const p = at(event);
    zoom(event.deltaY > 0 ? 1.2 : 1 / 1.2, p.x, p.y);
  }, { passive: false });
  let held = null, dragged = false;
  map.addEventListener("pointerdown", (event) => { held = at(event); dragged = false; });
  map.addEventListener("pointermove", (event) => {
    if (!held || !event.buttons) return;
    const p = at(event), unit = view[2] / map.clientWidth;
    if (!dragged && Math.hypot(p.x - held.x, p.y - held.y) < 4 * unit) return;
    dragged = true;
    view[0] -= p.x - held.x;
    view[1] -= p.y - held.y;
    draw();
  });
  addEventListener("pointerup", () => { held = null; });
  byId("in").addEventListener("click", () => zoom(1 / 1.5));
  byId("out").addEventListener("click", () => zoom(1.5));
  byId("all").addEventListener("click", () => { view = whole.slice(); draw(); });
  const KEYS = {
    "+": () => zoom(1 / 1.3), "=": () => zoom(1 / 1.3), "-": () => zoom(1.3), "0": () => { view = whole.slice(); draw(); },
    ArrowLeft: () => move(-0.1, 0), ArrowRight: () => move(0.1, 0), ArrowUp: () => move(0, -0.1), ArrowDown: () => move(0, 0.1),
  };
  map.addEventListener("keydown", (event) => {
    if (KEYS[event.key] && !event.ctrlKey && !event.metaKey && !event.altKey) { event.preventDefault(); KEYS[event.key](); }
  });
  document.addEventListener("keydown", (event) => {
    if (event.key === "/" && event.target !== find) { event.preventDefault(); find.focus(); }
    if (event.key === "Escape") { find.value = ""; search(); choose([]); }
  });

  /* -- what is chosen, and the card about it ---------------------------------------------------------------------- */

  const layer = () => map.dataset.layer;
  const words = (thing) => {
    const label = [...thing.classList].find((c) => c !== "s" && c.startsWith(layer()));
    const legend = label && document.querySelector(`[data-class="${label}"] ~ span .w`);
    return legend ? legend.textContent : "";
  };
  const facts = (thing) => {
    const d = thing.dataset, own = thing.querySelector("title").textContent;
    const more = thing.classList.contains("s") ? [`colour: ${words(thing)}`, d[layer()] || ""] : [];
    return [own, ...more, d.g ? `risk groups: ${d.g}` : ""].filter(Boolean);
  };
  const choose = (things, name = "", go = true) => {
    for (const thing of [...spans, ...nodes]) thing.classList.toggle("hit", things.includes(thing));
    card.replaceChildren();
    if (name) make("h2", name, card);
    for (const thing of things.slice(0, 12)) for (const fact of facts(thing)) make("p", fact, card);
    if (things.length > 12) make("p", `and ${things.length - 12} more`, card);
    for (const thing of things) if (thing.classList.contains("s")) thing.parentNode.append(thing);
    if (things.length && go) {
      const boxes = things.map((t) => (t.dataset.x ? { x: +t.dataset.x, y: +t.dataset.y, width: 0, height: 0 } : t.getBBox()));
      const left = Math.min(...boxes.map((b) => b.x)), top = Math.min(...boxes.map((b) => b.y));
      const wide = Math.max(...boxes.map((b) => b.x + b.width)) - left, high = Math.max(...boxes.map((b) => b.y + b.height)) - top;
      const side = Math.max(wide * 1.6, (high * 1.6 * whole[2]) / whole[3], whole[2] / 8);
      view = [left + wide / 2 - side / 2, top + high / 2 - (side * whole[3]) / whole[2] / 2, side, (side * whole[3]) / whole[2]];
    }
    draw();
  };
  map.addEventListener("click", (event) => {
    if (dragged) return;
    const thing = event.target.closest(".s, .n");
    choose(thing ? [thing] : [], thing ? thing.dataset.id : "", false);
  });

  /* -- search ------------------------------------------------------------------------------------------------------ */

  const groups = new Map();
  for (const thing of [...spans, ...nodes]) for (const g of (thing.dataset.g || "").split(" ").filter(Boolean)) {
    if (!groups.has(g)) groups.set(g, []);
    groups.get(g).push(thing);
  }
  const entries = [
    ...[...nodes, ...spans].map((t) => ({ id: t.dataset.id, text: t.querySelector("title").textContent, things: [t] })),
    ...[...groups].map(([g, things]) => ({ id: g, text: `${g}, risk group of ${things.length}`, things })),
  ];
  const search = () => {
    const wanted = find.value.trim().toLowerCase();
    const rank = (e) => { const id = e.id.toLowerCase(); return id === wanted ? 0 : id.startsWith(wanted) ? 1 : 2; };
    const found = wanted ? entries.filter((e) => e.text.toLowerCase().includes(wanted)) : [];
    found.sort((a, b) => rank(a) - rank(b) || (a.id < b.id ? -1 : 1));
    results.replaceChildren();
    for (const e of found.slice(0, 8)) {
      make("button", e.text, make("li", "", results)).addEventListener("click", () => choose(e.things, e.id));
    }
    if (wanted && !found.length) make("li", "nothing has this id or name", results);
    if (found.length > 8) make("li", `and ${found.length - 8} more`, results);
    return found;
  };
  find.addEventListener("input", search);
  byId("search").addEventListener("submit", (event) => {
    event.preventDefault();
    const [first] = search();
    if (first) choose(first.things, first.id);
  });

  /* -- layers, the filtering legend, the table --------------------------------------------------------------------- */

  const show = (key) => {
    map.dataset.layer = key;
    for (const part of document.querySelectorAll("[data-of]")) part.hidden = part.dataset.of !== key;
    filter();
  };
  const filter = () => {
    const off = [...document.querySelectorAll("[data-class]")].filter((box) => !box.checked).map((box) => box.dataset.class);
    for (const span of spans) span.classList.toggle("off", off.some((c) => c.startsWith(layer()) && span.classList.contains(c)));
    for (const box of document.querySelectorAll("[data-hide]")) map.classList.toggle(box.dataset.hide, !box.checked);
  };
  for (const box of document.querySelectorAll("[data-class], [data-hide]")) box.addEventListener("change", filter);
  const picker = byId("layer");
  picker.addEventListener("change", () => show(picker.value));
  byId("table").addEventListener("toggle", () => {
    const body = byId("rows");
    if (body.childElementCount) return;
    for (const span of spans) {
      const row = make("tr", "", body);
      make("button", span.dataset.id, make("td", "", row)).addEventListener("click", () => { choose([span], span.dataset.id); map.focus(); });
      make("td", span.querySelector("title").textContent, row);
      make("td", [words(span), span.dataset[layer()]].filter(Boolean).join(", "), row);
    }
  });
  picker.addEventListener("change", () => { byId("rows").replaceChildren(); byId("table").open = false; });

  addEventListener("resize", draw);
  addEventListener("beforeprint", () => { paper = true; draw(); });
  addEventListener("afterprint", () => { paper = false; draw(); });
  show(map.dataset.layer);
  draw();
  document.documentElement.dataset.ready = "yes";
})();
