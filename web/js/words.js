// The words of the page itself, in both languages, and how moments are written.

export const config = JSON.parse(document.getElementById("config").textContent);

const KEPT = "warung.language";
const LOCALES = { id: "id-ID", en: "en-GB" };

function kept_language() {
  try {
    const kept = localStorage.getItem(KEPT);
    return kept in config.words ? kept : null;
  } catch {
    return null;
  }
}

export let language = kept_language() ?? config.language;
document.documentElement.lang = language;

/** Whether everything that the words of a key leave open is known: an example needs goods in the shop. */
export function can_say(key, values = {}) {
  const places = (config.words[language][key] ?? "").matchAll(/\{(\w+)\}/g);
  return [...places].every(([, name]) => (values[name] ?? config.places[language]?.[name]) !== undefined);
}

/** The words of a key, with `{places}` filled: by the values, or by what the shop has. */
export function say(key, values = {}) {
  const words = config.words[language][key] ?? key;
  return words.replace(/\{(\w+)\}/g, (_, name) => {
    const value = values[name] ?? config.places[language]?.[name] ?? "";
    return typeof value === "number" ? value.toLocaleString(LOCALES[language]) : String(value);
  });
}

/** Puts words into an element (or one of its attributes) and keeps them right when the language changes. */
export function tell(node, key, values = {}, attribute = null) {
  node.said = (node.said ?? []).filter((said) => said.attribute !== attribute);
  if (key !== null) node.said.push({ key, values, attribute });
  node.toggleAttribute("data-said", node.said.length > 0);
  return refresh(node);
}

function refresh(node) {
  for (const { key, values, attribute } of node.said) {
    const words = say(key, values);
    if (attribute === null) node.textContent = words;
    else node.setAttribute(attribute, words);
  }
  return node;
}

/** Puts the time into an element and keeps it right when the language changes. */
export function tell_moment(node, moment, write) {
  node.moment = { moment, write };
  node.setAttribute("data-moment", "");
  node.textContent = write(moment);
  return node;
}

/** Switches between the two languages. */
export function switch_language() {
  const names = Object.keys(config.words);
  language = names[(names.indexOf(language) + 1) % names.length];
  document.documentElement.lang = language;
  try {
    localStorage.setItem(KEPT, language);
  } catch {
    // Without storage the choice holds until the page is left.
  }
  document.querySelectorAll("[data-said]").forEach(refresh);
  for (const node of document.querySelectorAll("[data-moment]")) {
    node.textContent = node.moment.write(node.moment.moment);
  }
}

function format(moment, options) {
  const zone = config.zone ? { timeZone: config.zone } : {};
  try {
    return new Intl.DateTimeFormat(LOCALES[language], { ...options, ...zone }).format(moment);
  } catch {
    return new Intl.DateTimeFormat(LOCALES[language], options).format(moment);
  }
}

/** `14.35` or `14:35`, in the shop's zone. */
export function time_of(moment) {
  return format(moment, { hour: "2-digit", minute: "2-digit" });
}

/** A key that is the same for moments of one day in the shop's zone. */
export function day_key(moment) {
  return format(moment, { year: "numeric", month: "2-digit", day: "2-digit" });
}

/** `Hari ini`, `Kemarin`, or the date. */
export function day_of(moment) {
  const now = new Date();
  if (day_key(moment) === day_key(now)) return say("today");
  if (day_key(moment) === day_key(new Date(now - 86_400_000))) return say("yesterday");
  return format(moment, { weekday: "long", day: "numeric", month: "long", year: "numeric" });
}
