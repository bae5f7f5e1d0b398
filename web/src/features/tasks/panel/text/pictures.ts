/**
 * Pictures of other sites in a text that people wrote. They would tell those sites who reads it, so the browser is not
 * allowed to load them, and would draw a broken frame; a link in their place leads there who wants to.
 */

export function withoutForeignPictures(html: string): string {
  if (!html.includes("<img")) return html;
  // Nothing of this document is loaded or run.
  const { body } = new DOMParser().parseFromString(html, "text/html");
  for (const picture of body.querySelectorAll("img")) {
    const source = picture.getAttribute("src") ?? "";
    if (URL.canParse(source, location.origin) && new URL(source, location.origin).origin === location.origin) continue;
    const link = document.createElement("a");
    if (/^https?:/i.test(source)) link.href = source;
    link.rel = "noopener noreferrer nofollow";
    link.textContent = picture.alt === "" ? source : picture.alt;
    // A link in a link is none.
    if (picture.closest("a") === null) picture.replaceWith(link);
    else picture.replaceWith(picture.alt);
  }
  return body.innerHTML;
}
