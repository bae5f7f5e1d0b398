/** Words of files. */

export const files = {
  title: "Files",
  attach: "Attach files",
  hint: "Drop files here, or paste a picture.",
  showAll: (count: number) => `Show all ${count}`,
  drop: "Drop to attach",
  nothing: "No task of this project has files. Open a task, and drop them there.",
  toTasks: "Go to the tasks",
  attached: (name: string) => `${name} attached`,
  pasted: (when: string, ending: string) => `Pasted ${when}.${ending}`,
  sending: (name: string) => `Sending ${name}`,
  forget: (name: string) => `Do not send ${name}`,
  facts: (size: string, who: string, when: string) => `${size}, ${who}, ${when}`,
  menu: (name: string) => `What to do with ${name}`,
  nameOf: (name: string) => `New name of ${name}`,
  download: "Download",
  downloadIt: (name: string) => `Download ${name}`,
  rename: "Rename",
  deleted: (name: string) => `${name} deleted`,
  gone: (name: string) => `${name} is not there any more`,
};
