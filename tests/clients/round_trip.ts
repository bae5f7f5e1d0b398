// What somebody does first with the generated types of TypeScript; run by the test, compiled beside them.

import assert from "node:assert/strict";
import { randomUUID } from "node:crypto";
import createClient from "openapi-fetch";
import type { components, paths } from "./api.js";

const PASSWORD = "seven-green-lanterns-42";
const client = createClient<paths>({ baseUrl: process.argv[2] });
const name = `user${randomUUID().slice(0, 8)}`;
const key = `P${randomUUID().slice(0, 6).toUpperCase()}`;

const registered = await client.POST("/api/v1/auth/register", {
  body: { username: name, email: `${name}@example.com`, password: PASSWORD },
});
assert.equal(registered.data?.username, name);
const signedIn = await client.POST("/api/v1/auth/login", { body: { username: name, password: PASSWORD } });
assert(signedIn.data);
const token = signedIn.data.access_token;
client.use({
  onRequest({ request }) {
    request.headers.set("Authorization", `Bearer ${token}`);
    return request;
  },
});

const project = await client.POST("/api/v1/projects", { body: { key, name: "Website" } });
assert.equal(project.data?.key, key);
// A title is enough: nothing else is required.
const created = await client.POST("/api/v1/projects/{project}/tasks", {
  params: { path: { project: key }, header: { "Idempotency-Key": randomUUID() } },
  body: { title: "Write" },
});
assert(created.data);
const task = created.data.key;
assert.equal(created.response.headers.get("ETag"), '"1"');

const listed = await client.GET("/api/v1/projects/{project}/tasks", {
  params: { path: { project: key }, query: { status: ["todo"], priority: ["none"] } },
});
assert(listed.data && "items" in listed.data); // with `group_by` it would have groups
assert.deepEqual(listed.data.items.map((item) => item.key), [task]);

const changed = await client.PATCH("/api/v1/tasks/{task}", {
  params: { path: { task }, header: { "If-Match": '"1"' } },
  body: { priority: "high" },
});
assert.equal(changed.data?.priority, "high");
const stale = await client.PATCH("/api/v1/tasks/{task}", {
  params: { path: { task }, header: { "If-Match": '"1"' } },
  body: { title: "Read" },
});
assert.equal(stale.response.status, 412);
const { code, current } = stale.error as components["schemas"]["StaleTask"];
assert.deepEqual([code, current.version], ["precondition_failed", 2]);

const removed = await client.DELETE("/api/v1/tasks/{task}", { params: { path: { task } } });
assert.equal(removed.response.status, 204);
const gone = await client.GET("/api/v1/tasks/{task}", { params: { path: { task } } });
assert.equal(gone.error?.code, "not_found");
console.log("to the end");
