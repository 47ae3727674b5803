// Shows a page that Python has written in a sandboxed frame, which has no origin and inherits the policy of
// frame.html: no connections. The next page is prepared out of sight, so that nothing flickers.

let shown = null, coming = null;

function show({ page, state, title }) {
  coming?.frame.remove();
  const frame = document.createElement("iframe");
  frame.className = "coming";
  frame.title = String(title);
  frame.inert = true;
  frame.setAttribute("sandbox", "allow-scripts allow-downloads allow-modals");
  frame.srcdoc = String(page);
  coming = { frame, heard: 0 };
  frame.addEventListener("load", () => {
    if (state !== undefined) frame.contentWindow?.postMessage({ stepperGoverned: true, stepperState: String(state) }, "*");
    else if (coming?.frame === frame) swap();
  });
  document.body.append(frame);
}

function swap() {
  const focused = document.activeElement === shown?.frame;
  shown?.frame.remove();
  shown = coming;
  coming = null;
  shown.frame.className = "";
  shown.frame.inert = false;
  if (focused) shown.frame.focus();
  parent.postMessage({ swapped: true }, location.origin);
}

addEventListener("message", ({ source, data, origin }) => {
  if (source === parent && origin === location.origin) {
    if (data?.areYouReady) parent.postMessage({ ready: true }, location.origin);
    else if (typeof data?.page === "string") show(data);
    else if (data?.stepperInputs || typeof data?.stepperState === "string") shown?.frame.contentWindow?.postMessage(data, "*");
  } else if (coming && source === coming.frame.contentWindow) {
    // The first report is that of the page's own start, the second that of the wanted state.
    if (typeof data?.stepperState === "string" && (coming.heard += 1) > 1) swap();
  }
  if (shown && source === shown.frame.contentWindow) {
    const { stepperState, stepperInputs, stepperHeight } = data ?? {};
    parent.postMessage({ stepperState, stepperInputs, stepperHeight }, location.origin);
  } else if (coming && source === coming.frame.contentWindow && data?.stepperHeight) {
    parent.postMessage({ stepperHeight: data.stepperHeight }, location.origin);
  }
});
parent.postMessage({ ready: true }, location.origin);
