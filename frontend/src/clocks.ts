// Badges go on counting between two visits to the server. Their attributes say what is left, in seconds, at `data-at`;
// a clock of working time also says between which instants it counts next (`data-from`, `data-until`).
import { ready } from "./page";

const EVERY = 30_000;
const MANY_DAYS = 100; // from then on its hours say nothing
const TONES: [number, string][] = [[1, "late"], [0.75, "press"], [0.5, "heed"], [0, "calm"]];

type Unit = "hour" | "minute" | "working_hour" | "working_minute";
type Words = Record<Unit | "moments" | "left" | "over", string> & Record<"day" | "working_day", string[]>;

const seenAt = new WeakMap<HTMLElement, number>();

ready(() => {
  tick();
  setInterval(tick, EVERY);
});
document.addEventListener("htmx:load", tick);

function tick(): void {
  const words = readWords();
  if (words) document.querySelectorAll<HTMLElement>("[data-clock]").forEach((face) => show(face, words));
}

function readWords(): Words | null {
  const words = document.getElementById("clock-words")?.dataset.words;
  return words ? (JSON.parse(words) as Words) : null;
}

function show(face: HTMLElement, words: Words): void {
  const left = leftNow(face);
  const target = Number(face.dataset.target);
  const share = target ? Math.max(0, (target - left) / target) : 0;
  const span = spelled(Math.abs(left), face.dataset.day, words);
  const text = (left <= 0 ? words.over : words.left).replace("%(span)s", span);
  const label = face.querySelector(".clock-text");
  if (label && label.textContent !== text) label.textContent = text;
  const bar = face.querySelector("progress");
  if (bar) bar.value = Math.min(100, Math.floor(share * 100));
  retone(face.closest<HTMLElement>(".clock, .clock-card"), target ? share : 0);
}

/** What is left, by the server's time: this computer's clock may be wrong, but it runs as fast as any. */
function leftNow(face: HTMLElement): number {
  const data = face.dataset;
  if (!seenAt.has(face)) seenAt.set(face, Date.now());
  const at = Number(data.at);
  const now = at + (Date.now() - seenAt.get(face)!) / 1000;
  const from = data.from ? Math.max(Number(data.from), at) : at;
  const until = data.until ? Math.min(Number(data.until), now) : now;
  return Number(data.left) - Math.max(0, until - from);
}

function spelled(seconds: number, workingDay: string | undefined, words: Words): string {
  const day = Number(workingDay) || 86_400;
  const days = Math.floor(seconds / day);
  const hours = Math.floor((seconds % day) / 3600);
  const minutes = Math.floor(((seconds % day) % 3600) / 60);
  const dayWord = (workingDay ? words.working_day : words.day)[days === 1 ? 0 : 1] ?? "";
  const worked = workingDay && !days; // nobody sees from hours and minutes that they are worked ones
  const hourWord = worked ? words.working_hour : words.hour;
  const minuteWord = worked && !hours ? words.working_minute : words.minute;
  const parts: [number, string][] = [[days, dayWord], [hours, hourWord], [minutes, minuteWord]];
  const spoken = parts.filter(([count]) => count > 0).map(([count, unit]) => unit.replace("%(n)d", String(count)));
  return spoken.slice(0, days < MANY_DAYS ? 2 : 1).join(" ") || words.moments;
}

function retone(badge: HTMLElement | null, share: number): void {
  const tone = TONES.find(([from]) => share >= from)?.[1];
  if (!badge || !tone || badge.classList.contains(`clock-${tone}`)) return;
  TONES.forEach(([, other]) => badge.classList.remove(`clock-${other}`));
  badge.classList.add(`clock-${tone}`);
}
