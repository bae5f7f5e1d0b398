/** What the tab is called where a page is in parts that the address names. */

/** "Webhooks, Settings"; without a part the page's own name, for an unknown one none. */
export function partTitles(title: string, parts: Record<string, string>) {
  return (part: string | undefined): string | undefined => {
    if (part === undefined) return title;
    return Object.hasOwn(parts, part) ? `${parts[part] ?? ""} · ${title}` : undefined;
  };
}
