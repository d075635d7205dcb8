// The place to write: grows with the text, counts near the limit, and does not let go of what is too long.

import { el, icon } from "./dom.js";
import { ACCEPT } from "./files.js";
import { config, tell } from "./words.js";

/** Characters that are left when counting begins. */
const COUNT_FROM = 300;
const MAX_HEIGHT_PX = 140;

/** Characters as the server counts them: code points, not halves of pairs. */
function length_of(text) {
  return Array.from(text).length;
}

/**
 * A composer; `send(text)` is called with what was written and says whether it will be sent, else it stays; `menu()` by the menu button, `attach(file)` with a file that was
 * chosen, dropped or pasted: it gives the key of what to tell when the file could not be sent.
 */
export function make_composer(pane, send, menu, attach) {
  const note = el("p", { class: "note", id: `note-${pane}`, role: "status", hidden: true });
  const field = el("textarea", {
    rows: 1, "aria-describedby": note.id, autocomplete: "off", enterkeyhint: "send", dir: "auto",
  });
  tell(field, "input-label", {}, "aria-label");
  tell(field, "input-placeholder", {}, "placeholder");
  const button = el("button", { class: "send", type: "submit", disabled: true }, icon("send"));
  tell(button, "send", {}, "aria-label");
  const menu_button = el("button", { class: "round", type: "button", onclick: menu }, icon("menu"));
  tell(menu_button, "menu", {}, "aria-label");
  tell(menu_button, "menu", {}, "title");

  const chooser = el("input", { type: "file", accept: ACCEPT, hidden: true, tabindex: -1 });
  const attach_button = el("button", { class: "round", type: "button", onclick: () => chooser.click() }, icon("clip"));
  tell(attach_button, "attach", {}, "aria-label");
  tell(attach_button, "attach", {}, "title");
  const take = async (file) => {
    if (!file || attach_button.disabled) return;
    attach_button.disabled = true;
    note.classList.remove("bad");
    note.hidden = false;
    tell(note, "uploading");
    const problem = await attach(file);
    attach_button.disabled = false;
    note.hidden = problem === null;
    note.classList.toggle("bad", problem !== null);
    if (problem) tell(note, problem);
  };
  chooser.addEventListener("change", () => {
    take(chooser.files[0]);
    chooser.value = "";
  });

  const look = () => {
    field.style.height = "auto";
    field.style.height = `${Math.min(field.scrollHeight, MAX_HEIGHT_PX)}px`;
    const count = length_of(field.value.trim());
    const left = config.maxChars - count;
    const too_long = left < 0;
    field.setAttribute("aria-invalid", String(too_long));
    note.classList.toggle("bad", too_long);
    note.hidden = left > COUNT_FROM;
    if (too_long) {
      tell(note, "too-long", { count, max: config.maxChars });
    } else if (left <= COUNT_FROM) {
      tell(note, "chars-left", { count: left });
    }
    button.disabled = count === 0 || too_long;
  };
  const submit = () => {
    look();
    if (button.disabled) return;
    // Half of a pair cannot be written as JSON that others read.
    const text = field.value.trim();
    if (!send(text.toWellFormed ? text.toWellFormed() : text)) return;
    field.value = "";
    look();
  };
  /** Tells why something was not taken. */
  const warn = (key) => {
    note.classList.add("bad");
    note.hidden = false;
    tell(note, key);
  };
  const form = el("form", {
    class: "composer",
    onsubmit: (event) => {
      event.preventDefault();
      submit();
    },
  }, note, el("div", { class: "row" }, menu_button, attach_button, field, button), chooser);
  field.addEventListener("input", look);
  field.addEventListener("paste", (event) => {
    const file = event.clipboardData?.files?.[0];
    if (!file) return;
    event.preventDefault();
    take(file);
  });
  form.addEventListener("dragover", (event) => event.preventDefault());
  form.addEventListener("drop", (event) => {
    event.preventDefault();
    take(event.dataTransfer?.files?.[0]);
  });
  field.addEventListener("keydown", (event) => {
    // While letters are still being composed (Chinese, Japanese), Enter belongs to them.
    if (event.key !== "Enter" || event.shiftKey || event.isComposing) return;
    event.preventDefault();
    submit();
  });
  return { form, field, warn, focus: () => field.focus({ preventScroll: true }) };
}
