// Writes the compressed forms of what was built, so that no request waits for one: node compress.mjs FOLDER.
import { readdirSync, readFileSync } from "node:fs";
import { writeFile } from "node:fs/promises";
import { extname, join } from "node:path";
import { promisify } from "node:util";
import { brotliCompress, constants, gzip } from "node:zlib";

const TEXTS = new Set([".css", ".html", ".js", ".json", ".map", ".mjs", ".svg", ".txt", ".webmanifest"]);
// Less is not worth a header.
const LEAST = 256;
// Each is a task of node's thread pool, so that all cores work; what comes out is the same.
const brotlied = promisify(brotliCompress);
const gzipped = promisify(gzip);

async function compress(path) {
  const content = readFileSync(path);
  if (content.length < LEAST) return;
  const params = {
    [constants.BROTLI_PARAM_QUALITY]: constants.BROTLI_MAX_QUALITY,
    [constants.BROTLI_PARAM_SIZE_HINT]: content.length,
  };
  const br = brotlied(content, { params });
  const gz = gzipped(content, { level: constants.Z_BEST_COMPRESSION });
  await Promise.all([writeFile(`${path}.br`, await br), writeFile(`${path}.gz`, await gz)]);
}

const entries = readdirSync(process.argv[2], { recursive: true, withFileTypes: true });
const paths = entries
  .filter((entry) => entry.isFile() && TEXTS.has(extname(entry.name)))
  .map((entry) => join(entry.parentPath, entry.name));
await Promise.all(paths.map(compress));
