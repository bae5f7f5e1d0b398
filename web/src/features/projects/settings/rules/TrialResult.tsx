/** What a rule would have done, had it been there. */

import { Alert, List, Text } from "@mantine/core";

import type { TrialItem } from "@/api/schema";
import { texts } from "@/texts";

const words = texts.automation.rules;

type Item = Omit<TrialItem, "changes"> & { changes: Record<string, unknown[]> };

export function TrialResult({ trial }: { trial: { looked_at: number; items: Item[] } }) {
  return (
    <Alert role="status">
      <Text>{words.looked(trial.looked_at, trial.items.length)}</Text>
      <List size="sm">
        {trial.items.slice(0, 20).map((item) => (
          <List.Item key={item.change_id}>
            {item.task_key}: {words.states[item.state]}
            {item.detail === null ? "" : `: ${item.detail}`}{" "}
            {[
              ...Object.entries(item.changes).map(
                ([field, [before, after]]) => `${field}: ${show(before)} → ${show(after)}`,
              ),
              ...item.comments.map(words.says),
            ].join(", ")}
          </List.Item>
        ))}
      </List>
    </Alert>
  );
}

function show(value: unknown): string {
  return typeof value === "string" ? value : JSON.stringify(value ?? null);
}
