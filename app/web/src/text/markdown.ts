/**
 * Markdown to HTML that is safe to put into the page.
 *
 * An answer can hold what a cluster's log said, and a log can hold anything: nothing here may load (no images, frames,
 * media), submit, style or run. Loaded only when an answer is Markdown.
 */
import DOMPurify from "dompurify";
import { Marked } from "marked";
import { safeLink } from "./links";

const TAGS = [
  ..."a blockquote br code del em h1 h2 h3 h4 h5 h6 hr li ol p pre strong table tbody td th thead tr ul".split(" "),
];

const purifier = DOMPurify(window);
purifier.addHook("afterSanitizeAttributes", (element) => {
  if (element.tagName !== "A") return;
  const href = safeLink(element.getAttribute("href") ?? "", location.origin);
  if (href === null) {
    element.removeAttribute("href");
    return;
  }
  element.setAttribute("href", href);
  element.setAttribute("target", "_blank");
  element.setAttribute("rel", "noopener noreferrer");
});

// HTML inside Markdown is shown as the text it is; an image as its description. What is purified after is our own markup.
const markdown = new Marked({
  async: false,
  gfm: true,
  breaks: true,
  renderer: { html: (token) => escapeText(token.text), image: (token) => escapeText(token.text) },
});

/** HTML of a Markdown text, with links to http and https only and nothing that loads or runs. */
export function toSafeHtml(text: string): string {
  const html = markdown.parse(text, { async: false });
  return purifier.sanitize(html, {
    ALLOWED_TAGS: TAGS,
    ALLOWED_ATTR: ["href", "start"],
    ALLOW_DATA_ATTR: false,
    ALLOW_ARIA_ATTR: false,
    ALLOWED_URI_REGEXP: /^https?:/i,
    FORBID_TAGS: ["img", "iframe", "form", "style", "svg", "math"],
  });
}

function escapeText(text: string): string {
  return text.replaceAll("&", "&amp;").replaceAll("<", "&lt;").replaceAll(">", "&gt;").replaceAll('"', "&quot;");
}
