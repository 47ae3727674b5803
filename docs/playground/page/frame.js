// Shows a page that Python has written in a sandboxed frame, which has no origin and inherits the policy of
// frame.html: no connections. The next page is prepared out of sight to avoid flicker.

let shown = null, coming = null, report = {};

function show({ page, state, title, governed }) {
  coming?.remove();
  report = {};
  const frame = document.createElement("iframe");
  frame.className = "coming";
  frame.title = String(title);
  frame.inert = true;
  frame.setAttribute("sandbox", "allow-scripts allow-downloads allow-modals");
  frame.srcdoc = String(page);
  if (state !== undefined) frame.name = `${governed ? "governed" : ""}#${state}`;
  coming = frame;
  frame.addEventListener("load", () => coming === frame && swap());
  document.body.append(frame);
}

function swap() {
  const focused = document.activeElement === shown;
  shown?.remove();
  shown = coming;
  coming = null;
  shown.className = "";
  shown.inert = false;
  if (focused) shown.focus();
  parent.postMessage({ ...report, swapped: true }, location.origin);
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
