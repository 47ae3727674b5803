// Shows a page that Python has written in a sandboxed frame, which has no origin and inherits the policy of
// frame.html: no connections. The next page is prepared out of sight to avoid flicker, in an empty frame that
// waits for it, since creating one takes a tenth of a second.

const EMPTY = `<!doctype html><html lang="en"><title>Picture</title><script>addEventListener("message", ({ source, data }) => {
  if (source !== parent) return;
  name = data.name;
  document.open();
  document.write(data.page);
  document.close();
}, { once: true });</script>`;
let shown = null, coming = null, spare = null, report = {};

function empty() {
  const frame = document.createElement("iframe");
  frame.className = "spare";
  frame.inert = true;
  frame.setAttribute("sandbox", "allow-scripts allow-downloads allow-modals");
  frame.srcdoc = EMPTY;
  const loaded = new Promise((done) => frame.addEventListener("load", done, { once: true }));
  document.body.append(frame);
  return { frame, loaded };
}

async function show({ page, state, title, governed }) {
  coming?.remove();
  report = {};
  const { frame, loaded } = spare ?? empty();
  [coming, spare] = [frame, null];
  Object.assign(frame, { className: "coming", title: String(title) });
  await loaded;
  if (coming !== frame) return;
  frame.addEventListener("load", () => coming === frame && swap(governed), { once: true });
  const name = state === undefined ? "" : `${governed ? "governed" : ""}#${state}`;
  frame.contentWindow.postMessage({ page: String(page), name }, "*");
}

function swap(isFollowed) {
  const focused = document.activeElement === shown;
  shown?.remove();
  shown = coming;
  coming = null;
  shown.className = "";
  shown.inert = false;
  if (focused) shown.focus();
  parent.postMessage({ ...report, swapped: true }, location.origin);
  // Only the function's stepper is followed by another.
  if (isFollowed) spare ??= empty();
}

addEventListener("message", ({ source, data, origin }) => {
  if (source === parent && origin === location.origin) {
    if (data?.areYouReady) parent.postMessage({ ready: true }, location.origin);
    else if (typeof data?.page === "string") show(data);
    else if (data?.stepperInputs || typeof data?.stepperState === "string") shown?.contentWindow?.postMessage(data, "*");
  }
  const { stepperState, stepperInputs, stepperHeight } = data ?? {};
  if (shown && source === shown.contentWindow) {
    parent.postMessage({ stepperState, stepperInputs, stepperHeight }, location.origin);
  } else if (coming && source === coming.contentWindow) {
    if (typeof stepperState === "string") report = { stepperState, stepperInputs };
    if (stepperHeight) parent.postMessage({ stepperHeight }, location.origin);
  }
});
parent.postMessage({ ready: true }, location.origin);
