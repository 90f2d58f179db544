/** Times and lengths of a live page in its language, as the server writes them. */

export interface Place {
  locale: string;
  timeZone: string;
  imperial: boolean;
}

const FOOT = 0.3048;
const MILE = 1609.344;

export function clockTime(at: string, { locale, timeZone }: Place): string {
  return new Intl.DateTimeFormat(locale, { hour: "numeric", minute: "2-digit", timeZone }).format(new Date(at));
}

export function length(metres: number, { locale, imperial }: Place): string {
  const say = (value: number, unit: string, digits = 0) =>
    new Intl.NumberFormat(locale, { style: "unit", unit, unitDisplay: "short", maximumFractionDigits: digits }).format(value);
  if (!imperial) return metres < 950 ? say(Math.round(metres / 10) * 10, "meter") : say(metres / 1000, "kilometer", 1);
  const feet = Math.round(metres / FOOT / 50) * 50;
  return feet < 1000 ? say(feet, "foot") : say(metres / MILE, "mile", 1);
}
