/** What was typed and not yet made a task of. It survives a closed dialog and a closed tab. */

export type Draft = { text: string; description: string };

const DRAFT = "taskapi.quick";
const LAST_PROJECT = "taskapi.quick.project";

/** Of the dialog, or of another place where a line is typed. */
export function readDraft(place?: string): Draft {
  const [text = "", ...description] = (localStorage.getItem(keyOf(place)) ?? "").split("\n");
  return { text, description: description.join("\n") };
}

export function keepDraft({ text, description }: Draft, place?: string): void {
  // The text is one line: what follows it is the description.
  if (text === "" && description === "") localStorage.removeItem(keyOf(place));
  else localStorage.setItem(keyOf(place), description === "" ? text : `${text}\n${description}`);
}

function keyOf(place: string | undefined): string {
  return place === undefined ? DRAFT : `${DRAFT}.${place}`;
}

export function lastProject(): string | null {
  return localStorage.getItem(LAST_PROJECT);
}

export function rememberProject(key: string): void {
  localStorage.setItem(LAST_PROJECT, key);
}
