/** Sending files with a figure of how far each is, which fetch does not tell. */

import { useQueryClient } from "@tanstack/react-query";
import { createContext, useContext, useState } from "react";

import { Problem, problemOf, Unreachable } from "@/api/problems";
import { usable } from "@/api/session";
import { texts } from "@/texts";
import { messageOf, tell } from "@/ui/toasts";

export type Upload = { id: string; file: File; part: number; fault: string | null };
export type Uploads = {
  uploads: readonly Upload[];
  send: (files: readonly File[]) => void;
  again: (upload: Upload) => void;
  forget: (id: string) => void;
};

export const UploadsContext = createContext<Uploads | null>(null);

export function useUploads(): Uploads {
  const uploads = useContext(UploadsContext);
  if (uploads === null) throw new Error("nothing takes files here");
  return uploads;
}

export function useSending(task: string): Uploads {
  const client = useQueryClient();
  const [uploads, setUploads] = useState<readonly Upload[]>([]);
  const mark = (id: string, seen: Partial<Upload>) =>
    setUploads((now) => now.map((upload) => (upload.id === id ? { ...upload, ...seen } : upload)));
  const forget = (id: string) => setUploads((now) => now.filter((upload) => upload.id !== id));
  const start = ({ id, file }: Upload) =>
    post(task, file, id, (part) => mark(id, { part })).then(
      async () => {
        await client.invalidateQueries({ queryKey: ["task", task, "attachments"] });
        forget(id);
        tell(texts.files.attached(file.name));
      },
      (error: unknown) => mark(id, { fault: messageOf(error) }),
    );
  return {
    uploads,
    forget,
    send: (files) => {
      const added = files.map((file) => ({ id: crypto.randomUUID(), file, part: 0, fault: null }));
      setUploads((now) => [...now, ...added]);
      void oneByOne(added, start);
    },
    again: (upload) => {
      mark(upload.id, { part: 0, fault: null });
      void start(upload);
    },
  };
}

/** In a row: a slow line is not slower for the first file because there are others. */
async function oneByOne(uploads: readonly Upload[], start: (upload: Upload) => Promise<void>): Promise<void> {
  for (const upload of uploads) await start(upload);
}

async function post(task: string, file: File, key: string, onPart: (part: number) => void): Promise<void> {
  const session = await usable();
  const form = new FormData();
  form.append("file", file, file.name);
  return new Promise((resolve, reject) => {
    const request = new XMLHttpRequest();
    request.open("POST", `/api/v1/tasks/${encodeURIComponent(task)}/attachments`);
    if (session !== null) request.setRequestHeader("Authorization", `Bearer ${session.token}`);
    // The same file that is sent again after a lost answer is attached once.
    request.setRequestHeader("Idempotency-Key", key);
    request.upload.onprogress = ({ loaded, total }) => onPart(total === 0 ? 0 : loaded / total);
    request.onload = () => (request.status === 201 ? resolve() : reject(refusal(request)));
    request.onerror = () => reject(new Unreachable("network"));
    request.send(form);
  });
}

function refusal(request: XMLHttpRequest): Problem {
  const { status, statusText, responseText } = request;
  let body: unknown = null;
  try {
    body = JSON.parse(responseText);
  } catch {
    // A proxy that refuses says so in its own words.
  }
  return problemOf(new Response(null, { status, statusText }), body);
}
