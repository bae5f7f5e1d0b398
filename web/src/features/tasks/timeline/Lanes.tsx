/** A lane for each task, the days above them, and a line from what blocks to what waits. */

import { ScrollArea } from "@mantine/core";

import { addDays, daysBetween, showDay, today } from "@/format/dates";
import { texts } from "@/texts";

import type { Bar } from "./bars";
import classes from "./Lanes.module.css";
import { TaskBar } from "./TaskBar";

const LANE = 36;
const HEAD = 28;

type Line = { from: string; to: string };
type Props = { first: string; days: number; bars: Bar[]; lines: Line[]; mayMove: boolean };

export function Lanes({ first, days, bars, lines, mayMove }: Props) {
  const step = stepOf(days);
  const now = daysBetween(first, today());
  const width = Math.max(days * 8, 720);
  return (
    <ScrollArea
      type="auto"
      offsetScrollbars
      viewportProps={{ tabIndex: 0, role: "region", "aria-label": texts.timeline.caption }}
    >
      <div className={classes.lanes} style={{ minWidth: width, height: HEAD + bars.length * LANE }}>
        {Array.from({ length: Math.ceil(days / step) }, (_, index) => (
          <span key={index} className={classes.tick} style={{ insetInlineStart: percent(index * step, days) }}>
            {showDay(addDays(first, index * step))}
          </span>
        ))}
        {now >= 0 && now < days && (
          <span className={classes.now} style={{ insetInlineStart: percent(now + 0.5, days) }} />
        )}
        <Links bars={bars} lines={lines} days={days} />
        <ol className={classes.list} style={{ top: HEAD }}>
          {bars.map((bar) => (
            <li key={bar.task.id} style={{ height: LANE }}>
              <TaskBar bar={bar} days={days} mayMove={mayMove} />
            </li>
          ))}
        </ol>
      </div>
    </ScrollArea>
  );
}

function Links({ bars, lines, days }: { bars: Bar[]; lines: Line[]; days: number }) {
  const places = new Map(bars.map((bar, index) => [bar.task.key, { bar, y: HEAD + index * LANE + LANE / 2 }]));
  const drawn = lines.flatMap(({ from, to }) => {
    const [blocker, blocked] = [places.get(from), places.get(to)];
    return blocker === undefined || blocked === undefined ? [] : [{ from, to, blocker, blocked }];
  });
  return (
    <svg
      className={classes.links}
      aria-hidden={drawn.length === 0}
      role="img"
      aria-label={drawn.map(({ from, to }) => texts.timeline.blocks(from, to)).join("; ")}
    >
      {drawn.map(({ from, to, blocker, blocked }) => (
        <line
          key={`${from} ${to}`}
          x1={percent(blocker.bar.at + blocker.bar.length, days)}
          y1={blocker.y}
          x2={percent(blocked.bar.at, days)}
          y2={blocked.y}
        />
      ))}
    </svg>
  );
}

/** Days between two dates of the head, so that they do not run into each other. */
function stepOf(days: number): number {
  return [1, 2, 7, 14, 28, 91].find((step) => days / step <= 14) ?? 364;
}

function percent(place: number, days: number): string {
  return `${(place / days) * 100}%`;
}
