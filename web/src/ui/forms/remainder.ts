/** What has been typed behind a text while that was sent: it stays in the field. */
export function remainder(typed: string, sent: string): string {
  const text = typed.trimStart();
  return text.startsWith(sent) ? text.slice(sent.length).trimStart() : typed;
}
