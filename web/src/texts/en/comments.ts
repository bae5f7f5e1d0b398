/** Words of what people say about a task. */

export const comments = {
  nothing: "Nobody has said anything yet.",
  earlier: "Show earlier comments",
  write: "Write a comment",
  hint: "Write a comment. @ names somebody.",
  send: "Comment",
  by: (name: string) => `Comment by ${name}`,
  edited: "edited",
  editText: "Text of the comment",
  changed: (text: string) => `It was changed meanwhile, to “${text}”. Save again to keep yours.`,
  menu: (name: string) => `What to do with the comment by ${name}`,
  deleted: "Comment deleted",
  react: "React",
  reactWith: (emoji: string) => `React with ${emoji}`,
  reaction: (emoji: string, count: number) => `${emoji} ${count}`,
  anotherEmoji: "Another emoji",
};
