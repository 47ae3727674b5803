// The stepper in a notebook, as anywidget shows it: the page in a frame, which tells its inputs and takes them.

function render({ model, el }) {
  const frame = document.createElement("iframe");
  frame.setAttribute("sandbox", "allow-scripts allow-downloads allow-modals");
  Object.assign(frame, { title: model.get("title"), srcdoc: model.get("page") });
  frame.style.cssText = "width:100%;height:760px;border:1px solid #8884;border-radius:8px;box-sizing:border-box";
  let reports = 0, telling = false;

  const post = (message) => frame.contentWindow?.postMessage({ stepperInputs: model.get("inputs"), ...message }, "*");
  const take = () => telling || post();

  function hear({ source, data }) {
    if (source !== frame.contentWindow || !data) return;
    if (data.stepperHeight > 0) frame.style.height = `${data.stepperHeight + 2}px`;
    // The first two reports are those of the page's own start.
    if (!data.stepperInputs || (reports += 1) <= 2) return;
    const before = model.get("inputs"), moved = Object.entries(data.stepperInputs).filter(([name, x]) => Number.isFinite(x) && x !== before[name]);
    if (!moved.length) return;
    telling = true;
    model.set("inputs", { ...before, ...Object.fromEntries(moved) });
    telling = false;
    model.save_changes();
  }

  addEventListener("message", hear);
  frame.addEventListener("load", () => post({ stepperState: "" }));
  model.on("change:inputs", take);
  el.append(frame);
  return () => {
    removeEventListener("message", hear);
    model.off("change:inputs", take);
  };
}

export default { render };
