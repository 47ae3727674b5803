// The visible part of the picture: fitting, zooming, dragging, following the step, the small map.

const MAP_FROM = 1.02, LEAST = 14.2 / 15, MOST = 3;
// Numbers are at least 14 px high, in a lecture 24 px: a picture without room scrolls instead of shrinking.
const least = () => (document.body.classList.contains("lecture") ? 24.9 / 15 : LEAST);
const shownLayout = () => nest ?? D.layout[view.lying];
// The size of the visible part, measured only when it can have changed.
const space = { width: 0, height: 0 };

function fit() {
  const across = scroller.clientWidth - 2, room = scroller.clientHeight - 2;
  if (!(across > 0 && room > 0)) return; // A frame that is not laid out yet: there will be a resize.
  const scaleOf = ({ width, height }) => Math.min(across / width, room / height);
  const { LR, TB } = D.layout ?? {};
  lay(TB && across < 700 && scaleOf(LR) < least() && scaleOf(TB) > 1.1 * scaleOf(LR) ? "TB" : "LR");
  view.fitted = true;
  zoomTo(Math.min(2.2, Math.max(least(), scaleOf(shownLayout()))));
  // What hardly has room loses the same on both sides.
  const over = picture.clientWidth - scroller.clientWidth;
  if (over > 0 && map.hasAttribute("hidden")) scroller.scrollLeft = over / 2;
}

function zoomBy(factor, x = space.width / 2, y = space.height / 2) {
  view.fitted = false;
  const before = view.scale, { scrollLeft, scrollTop } = scroller;
  zoomTo(view.scale * factor);
  const f = view.scale / before;
  scroller.scrollTo(f * (scrollLeft + x) - x, f * (scrollTop + y) - y);
}

function zoomTo(scale) {
  view.scale = Math.min(MOST, Math.max(LEAST, scale));
  const { width, height } = shownLayout();
  picture.setAttribute("width", Math.floor(width * view.scale));
  picture.setAttribute("height", Math.floor(height * view.scale));
  Object.assign(space, { width: scroller.clientWidth, height: scroller.clientHeight });
  buildMap();
}

// The position on the screen, from the scroller's corner, of a point of the picture.
function placeOf([x, y]) {
  const { width, height } = shownLayout();
  const [w, h] = [width * view.scale, height * view.scale];
  return [x * view.scale + Math.max(0, (space.width - w) / 2) - scroller.scrollLeft, y * view.scale + Math.max(0, (space.height - h) / 2) - scroller.scrollTop];
}

// Where a node is seen: itself, or the closed box that has it.
const spot = (i) => (isInside(i) ? nest.at[boxWith(i)] : drawn[i].at);
const extentOf = (i) => (isInside(i) ? nest.size[boxWith(i)] : sizes[i]);
const sizes = nodes.map((_, i) => {
  const ground = drawn[i].group.querySelector(".ground");
  return [Number(ground.getAttribute("width")), Number(ground.getAttribute("height"))];
});

function inSight(i, margin = 0) {
  const [x, y] = placeOf(spot(i)), [w, h] = extentOf(i).map((d) => (d / 2) * view.scale);
  return x - w >= -margin && x + w <= space.width + margin && y - h >= -margin && y + h <= space.height + margin;
}

// The middle of some nodes, if they fit on the screen together.
function middleOf(group) {
  const around = [0, 1].map((axis) => {
    const spans = group.map((i) => [spot(i)[axis] - extentOf(i)[axis] / 2, spot(i)[axis] + extentOf(i)[axis] / 2]);
    return [Math.min(...spans.map(([low]) => low)), Math.max(...spans.map(([, high]) => high))];
  });
  const room = [space.width, space.height], margin = 8;
  const fits = around.every(([low, high], axis) => (high - low) * view.scale <= room[axis] - margin);
  return fits ? around.map(([low, high]) => (low + high) / 2) : null;
}

// Scroll to the receiving node, and to the other end if both fit; else a chip at the border leads there.
function follow() {
  const now = [...S.roles].filter(([, role]) => role !== "source").map(([i]) => i);
  const others = [...S.roles].filter(([, role]) => role === "source").map(([i]) => i);
  const to = now.at(-1);
  if (to === undefined) return tellChip(undefined);
  const both = others.length === 1 ? middleOf([to, others[0]]) : null;
  if (!inSight(to) || (both && !inSight(others[0], 1))) {
    const [x, y] = (both ?? spot(to)).map((d) => d * view.scale);
    scroller.scrollTo({ left: x - space.width / 2, top: y - space.height / 2, behavior: still.matches || S.fast || nodes.length > 150 ? "auto" : "smooth" });
  }
  tellChip(others.find((i) => !inSight(i, 1)));
}

const chip = $("chip");
let chipTo = null;

function tellChip(i) {
  chipTo = i ?? null;
  chip.hidden = i === undefined;
  if (i === undefined) return;
  const [x, y] = placeOf(spot(i)), [w, h] = [space.width, space.height];
  const arrow = x < 0 ? "←" : x > w ? "→" : y < 0 ? "↑" : "↓";
  chip.textContent = `${arrow} ${nodes[i].name === undefined ? short(S.now.values[i]) : nodes[i].t}`;
  chip.setAttribute("aria-label", inWords("Go to {name}, the other end", { name: nodes[i].t }));
  chip.style.left = `${Math.min(w - chip.offsetWidth - 8, Math.max(8, x - chip.offsetWidth / 2))}px`;
  chip.style.top = `${Math.min(h - chip.offsetHeight - 8, Math.max(8, y - chip.offsetHeight / 2))}px`;
}

function goTo(i) {
  const [x, y] = spot(i).map((d) => d * view.scale);
  scroller.scrollTo(x - space.width / 2, y - space.height / 2);
}
chip.addEventListener("click", () => chipTo !== null && goTo(chipTo));

// Dragging moves the picture, the wheel zooms; small moves, as on a touchpad, scroll.
let grip = null;
scroller.addEventListener("pointerdown", (event) => {
  if (event.button || event.pointerType === "touch") return;
  grip = { x: event.clientX, y: event.clientY, left: scroller.scrollLeft, top: scroller.scrollTop, moved: false };
});
addEventListener("pointermove", (event) => {
  if (!grip) return;
  const [dx, dy] = [event.clientX - grip.x, event.clientY - grip.y];
  if (Math.abs(dx) + Math.abs(dy) > 4) grip.moved = true;
  if (!grip.moved) return;
  scroller.classList.add("dragged");
  scroller.scrollTo(grip.left - dx, grip.top - dy);
});
addEventListener("pointerup", () => {
  scroller.classList.remove("dragged");
  if (grip?.moved) addEventListener("click", (event) => event.stopPropagation(), { capture: true, once: true });
  setTimeout(() => (grip = null));
});
scroller.addEventListener("wheel", (event) => {
  if (!event.ctrlKey && (event.deltaX || Math.abs(event.deltaY) < 40 || event.shiftKey)) return;
  event.preventDefault();
  const { left, top } = scroller.getBoundingClientRect();
  zoomBy(event.deltaY < 0 ? 1.12 : 1 / 1.12, event.clientX - left, event.clientY - top);
}, { passive: false });

// The small map: the positions of the boxes, and the visible part.
const map = $("map"), mapped = new Map();

function buildMap() {
  const { width, height } = shownLayout();
  map.toggleAttribute("hidden", width * view.scale <= space.width * MAP_FROM && height * view.scale <= space.height * MAP_FROM);
  if (map.hasAttribute("hidden")) return;
  map.setAttribute("viewBox", `0 0 ${width} ${height}`);
  const rectangle = ([x, y], [w, h], name) => shape("rect", { x: x - w / 2, y: y - h / 2, width: w, height: h, ...name });
  const seen = nodes.map((_, i) => (isInside(i) ? `f${boxWith(i)}` : `n${i}`));
  mapped.clear();
  seen.forEach((key, i) => mapped.has(key) || mapped.set(key, rectangle(spot(i), extentOf(i))));
  map.replaceChildren(...(nest ? [...nest.open].filter(isSeen).map((m) => rectangle(nest.at[m], nest.size[m], { class: "around" })) : []), ...mapped.values());
  map.append(shape("rect", { class: "frame" }));
  tellMap();
}

// The map stays in a corner where it covers nothing of the current step.
const CORNERS = ["", "left", "left top", "top"];

function moveMap() {
  const [w, h] = [map.clientWidth + 14, map.clientHeight + 14];
  const covers = (corner) => [...S.roles.keys()].some((i) => {
    const [x, y] = placeOf(spot(i)), [a, b] = extentOf(i).map((d) => (d / 2) * view.scale);
    return (corner.includes("left") ? x - a < w : x + a > space.width - w) && (corner.includes("top") ? y - b < h : y + b > space.height - h);
  });
  map.setAttribute("class", `map ${CORNERS.find((corner) => !covers(corner)) ?? ""}`);
}

function tellMap() {
  if (map.hasAttribute("hidden")) return;
  moveMap();
  const s = view.scale, frame = map.lastElementChild;
  for (const [name, value] of [["x", scroller.scrollLeft / s], ["y", scroller.scrollTop / s], ["width", space.width / s], ["height", space.height / s]]) frame.setAttribute(name, value);
  for (const on of map.querySelectorAll(".on")) on.removeAttribute("class");
  for (const [i, role] of S.roles) if (role !== "source") mapped.get(isInside(i) ? `f${boxWith(i)}` : `n${i}`)?.setAttribute("class", "on");
}
map.addEventListener("click", (event) => {
  const box = map.getBoundingClientRect(), { width, height } = shownLayout();
  const k = Math.min(box.width / width, box.height / height) || 1;
  const x = (event.clientX - box.left - (box.width - width * k) / 2) / k, y = (event.clientY - box.top - (box.height - height * k) / 2) / k;
  scroller.scrollTo(x * view.scale - space.width / 2, y * view.scale - space.height / 2);
});
scroller.addEventListener("scroll", () => (tellMap(), S.roles.size && tellChip([...S.roles].filter(([, role]) => role === "source").map(([i]) => i).find((i) => !inSight(i, 1)))), { passive: true });
