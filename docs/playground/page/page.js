// Small helpers for the whole page.

export const $ = (id) => document.getElementById(id);

export function notice(text) {
  $("notice").textContent = text;
  $("notice").hidden = !text;
}

export const status = (text) => ($("status").textContent = text);

export function theme(name) {
  if (name === "auto") delete document.documentElement.dataset.theme;
  else document.documentElement.dataset.theme = name;
}

export const themed = () => document.documentElement.dataset.theme ?? "auto";
export const changed = () => dispatchEvent(new Event("changed"));
