/** Takes files that are dropped anywhere on a task, or pasted while it is open. */

import { Overlay, Text } from "@mantine/core";
import { type DragEvent, type ReactNode, useEffect, useEffectEvent, useState } from "react";

import { useOpenTask } from "@/features/tasks/panel/openTask";
import { showInstant } from "@/format/dates";
import { texts } from "@/texts";

import { UploadsContext, useSending } from "./uploading";

export function FileDrop({ children }: { children: ReactNode }) {
  const { task, mayComment } = useOpenTask();
  const uploads = useSending(task.key);
  const [isOver, setOver] = useState(false);
  const onPaste = useEffectEvent((event: ClipboardEvent) => {
    const files = [...(event.clipboardData?.files ?? [])];
    const isElsewhere = event.target instanceof Element && event.target.closest("[role=dialog]") !== null;
    if (files.length === 0 || isElsewhere || !mayComment) return;
    event.preventDefault();
    uploads.send(files.map(named));
  });
  useEffect(() => {
    const listener = (event: ClipboardEvent) => onPaste(event);
    document.addEventListener("paste", listener);
    return () => document.removeEventListener("paste", listener);
  }, []);

  const hasFiles = (event: DragEvent) => mayComment && event.dataTransfer.types.includes("Files");
  const onDragOver = (event: DragEvent) => {
    if (!hasFiles(event)) return;
    event.preventDefault();
    setOver(true);
  };
  const onDrop = (event: DragEvent) => {
    setOver(false);
    if (!hasFiles(event)) return;
    event.preventDefault();
    uploads.send([...event.dataTransfer.files]);
  };
  return (
    <UploadsContext value={uploads}>
      <div
        style={{ position: "relative" }}
        onDragOver={onDragOver}
        onDragLeave={(event) => {
          if (!(event.relatedTarget instanceof Node && event.currentTarget.contains(event.relatedTarget)))
            setOver(false);
        }}
        onDrop={onDrop}
      >
        {children}
        {isOver && (
          <Overlay backgroundOpacity={0.6} zIndex={10} center style={{ pointerEvents: "none" }}>
            <Text c="white" fw={600}>
              {texts.files.drop}
            </Text>
          </Overlay>
        )}
      </div>
    </UploadsContext>
  );
}

/** A pasted picture is called image.png by every browser. */
function named(file: File): File {
  if (!/^image\.\w+$/.test(file.name)) return file;
  const when = showInstant(new Date().toISOString()).replace(/[/\\:]/g, ".");
  return new File([file], texts.files.pasted(when, file.name.split(".").at(-1) ?? "png"), { type: file.type });
}
