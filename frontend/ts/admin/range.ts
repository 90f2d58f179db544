/** Which slots of the heat-map are chosen: a stretch of days × a stretch of the day, between two corners. Plain values. */

export interface Spot {
  /** 2026-11-21 */
  day: string;
  /** 16:15 */
  time: string;
}

export interface Choice {
  first: string;
  last: string;
  start: string;
  /** The end of the last slot, 00:00 for midnight. */
  until: string;
}

export function spotOf(value: string): Spot {
  const [day = "", time = ""] = value.split("T");
  return { day, time };
}

/** The range between two corners, whichever way they were dragged; slots are `minutes` long. */
export function choiceOf(a: Spot, b: Spot, minutes: number): Choice {
  const [first, last] = a.day <= b.day ? [a.day, b.day] : [b.day, a.day];
  const [start, end] = a.time <= b.time ? [a.time, b.time] : [b.time, a.time];
  return { first, last, start, until: later(end, minutes) };
}

export function holds(choice: Choice, { day, time }: Spot): boolean {
  if (day < choice.first || time < choice.start) return false;
  return day <= choice.last && (choice.until === "00:00" || time < choice.until);
}

function later(time: string, minutes: number): string {
  const [hour = 0, minute = 0] = time.split(":").map(Number);
  const total = (hour * 60 + minute + minutes) % 1440;
  return `${String(Math.floor(total / 60)).padStart(2, "0")}:${String(total % 60).padStart(2, "0")}`;
}
