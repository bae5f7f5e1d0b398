/** What programs call a thing that people call by this name: "In review" is in_review. */

export function keyOf(name: string): string {
  const key = name
    .normalize("NFKD")
    .toLowerCase()
    .replace(/[^a-z0-9]+/g, "_")
    .replace(/^[^a-z]+|_+$/g, "")
    .slice(0, 40);
  // A name in another script leaves nothing to make a key of.
  return key === "" ? `k_${crypto.randomUUID().slice(0, 8)}` : key;
}
