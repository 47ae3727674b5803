// The moving product: the gradient leaves its sender, meets the local derivative halfway, arrives and adds up.

const flight = { frame: null, timer: null, to: null };

function bubble(text, [x, y], name = "") {
  const group = shape("g", { class: name }), width = 9.6 * text.length + 16;
  group.append(shape("rect", { x: x - width / 2, y: y - 14, width, height: 28, rx: 14 }), shape("text", { x, y: y + 6 }, text));
  return group;
}

function land() {
  cancelAnimationFrame(flight.frame);
  clearTimeout(flight.timer);
  $("flight").replaceChildren();
  const { to } = flight;
  flight.frame = flight.timer = flight.to = null;
  if (to !== null) {
    drawn[to].text.grad = undefined;
    paintNode(to);
  }
}

// Animate the contribution; the text shows its result from the start.
function fly(step, milliseconds) {
  if (step?.k !== "add" || S.asking || isInside(edges[step.e].c)) return;
  const { to } = ends(step), path = lines[step.e].path, length = path.getTotalLength();
  const at = (t) => { const { x, y } = path.getPointAtLength(length * (S.forward ? t : 1 - t)); return [x, y]; };
  const carried = (t) => (t < 0.5 ? short(step.in) : short(step.z));
  if (still.matches) return stills(step, at);
  const begin = performance.now(), target = drawn[to].grad;
  flight.to = to;
  const before = S.overwrite || step.path < 2 ? null : step.b;
  const frame = (now) => {
    const t = Math.min(1, (now - begin) / (0.75 * milliseconds)), rolled = Math.min(1, Math.max(0, (now - begin) / milliseconds - 0.75) / 0.25);
    const eased = t < 0.5 ? 2 * t * t : 1 - 2 * (1 - t) * (1 - t);
    $("flight").replaceChildren(...(t < 1 ? [bubble(Math.abs(eased - 0.5) < 0.06 ? `×${short(S.now.partials[step.e])}` : carried(eased), at(eased))] : []));
    if (target) target.textContent = t < 1 ? (before === null ? "–" : short(before)) : short(before === null ? step.s : step.b + rolled * step.z);
    if (rolled < 1) flight.frame = requestAnimationFrame(frame);
    else land();
  };
  frame(begin);
}

// Without motion: the gradient at its sender, the product halfway, the product at its receiver.
function stills(step, at) {
  const states = [[short(step.in), 0.06], [`×${short(S.now.partials[step.e])}`, 0.5], [short(step.z), 0.94]];
  const show = (n) => {
    $("flight").replaceChildren(...(n < states.length ? [bubble(states[n][0], at(states[n][1]), "still")] : []));
    if (n < states.length) flight.timer = setTimeout(() => show(n + 1), 700);
  };
  show(0);
}
