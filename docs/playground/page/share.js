// The state in the address: JSON, deflated, in base64url. The contents of an address are validated.

const MOST_LETTERS = 200_000, MOST_BYTES = 400_000, MOST_INPUTS = 200;
const short = (text, most) => typeof text === "string" && text.length <= most;
const isInput = (pair) => Array.isArray(pair) && pair.length === 2 && short(pair[0], 100) && short(pair[1], 100);

export async function encoded(state) {
  const bytes = new Response(new Blob([JSON.stringify(state)]).stream().pipeThrough(new CompressionStream("deflate-raw")));
  const text = Array.from(new Uint8Array(await bytes.arrayBuffer()), (byte) => String.fromCharCode(byte)).join("");
  return btoa(text).replaceAll("+", "-").replaceAll("/", "_").replace(/=+$/, "");
}

export async function decoded(fragment) {
  if (fragment.length > MOST_LETTERS) throw new Error("it is too long");
  if (!/^[\w-]+$/.test(fragment)) throw new Error("it has characters that our links do not have");
  let state;
  try {
    state = JSON.parse(await inflated(fragment));
  } catch (fault) {
    throw new Error(fault instanceof RangeError ? fault.message : "it is damaged");
  }
  if (state?.tab === "code" && short(state.code, MOST_BYTES)) return { tab: "code", code: state.code };
  const inputs = state?.inputs ?? [];
  if (state?.tab !== "expression" || !short(state.text, 20_000)) throw new Error("it contains neither a function nor code");
  if (!Array.isArray(inputs) || inputs.length > MOST_INPUTS || !inputs.every(isInput)) throw new Error("its inputs are not named numbers");
  if (!short(state.stepper ?? "", 4000)) throw new Error("its step and view are damaged");
  return { tab: "expression", text: state.text, inputs, stepper: state.stepper ?? "" };
}

async function inflated(fragment) {
  const text = atob(fragment.replaceAll("-", "+").replaceAll("_", "/"));
  const bytes = Uint8Array.from(text, (letter) => letter.charCodeAt(0));
  const reader = new Blob([bytes]).stream().pipeThrough(new DecompressionStream("deflate-raw")).getReader();
  const decoder = new TextDecoder("utf-8", { fatal: true });
  let found = "", total = 0;
  for (let part = await reader.read(); !part.done; part = await reader.read()) {
    total += part.value.length;
    if (total > MOST_BYTES) throw new RangeError("it is too long");
    found += decoder.decode(part.value, { stream: true });
  }
  return found + decoder.decode();
}
