/**
 * Makes text from a cluster safe to look at.
 *
 * Rendering as text keeps markup from running, but not text from lying: bidirectional controls reorder what is read,
 * zero-width characters hide in names, terminal codes clutter logs. Every string passes here once, where it comes in.
 */

// Terminal sequences: CSI (colours, cursor), OSC (titles, links; ended by BEL or ST), and the two-character ones.
// eslint-disable-next-line no-control-regex
const TERMINAL = /\u001b(?:\[[0-?]*[ -/]*[@-~]|\][^\u0007\u001b]*(?:\u0007|\u001b\\)?|[@-Z\\^_`a-z{|}~])|\u009b[0-?]*[ -/]*[@-~]/g;
// C0 but tab and newline, DEL, C1.
const CONTROL = /[\u0000-\u0008\u000b-\u001f\u007f-\u009f]/g;
// Bidirectional controls (UAX 9) and what takes no room: soft hyphen, zero-width space, word joiner, BOM, tag characters.
// ZWJ and ZWNJ stay: scripts and emoji need them.
const HIDDEN = /[\u00ad\u061c\u200b\u200e\u200f\u202a-\u202e\u2060-\u2069\ufeff]|[\u{e0000}-\u{e007f}]/gu;
const SUSPECT = /[\u0000-\u0008\u000b-\u001f\u007f-\u009f\u00ad\u061c\u200b\u200e\u200f\u202a-\u202e\u2060-\u2069\ufeff]|[\u{e0000}-\u{e007f}]/u;

/** Text with terminal codes removed, line ends made one, and every other control character made visible. */
export function clean(text: string): string {
  if (!SUSPECT.test(text)) return text;
  return text
    .replace(TERMINAL, "")
    .replace(/\r\n?/g, "\n")
    .replace(CONTROL, visibleControl)
    .replace(HIDDEN, codePoint);
}

/** Cleans every string inside a JSON value, keys included; the value's shape stays. */
export function cleanDeep(value: unknown): unknown {
  if (typeof value === "string") return clean(value);
  if (Array.isArray(value)) return value.map(cleanDeep);
  if (value !== null && typeof value === "object") {
    return Object.fromEntries(Object.entries(value).map(([key, item]) => [clean(key), cleanDeep(item)]));
  }
  return value;
}

function visibleControl(character: string): string {
  const code = character.charCodeAt(0);
  // The block "Control Pictures" has a picture for each C0 character and one for DEL.
  if (code < 0x20) return String.fromCharCode(0x2400 + code);
  return code === 0x7f ? "\u2421" : codePoint(character);
}

function codePoint(character: string): string {
  const code = character.codePointAt(0) ?? 0;
  return `\u27e8U+${code.toString(16).toUpperCase().padStart(4, "0")}\u27e9`;
}
