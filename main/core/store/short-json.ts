import { depthOf } from './block-check.ts';

/**
 * No packet, chunk or message of ours is as long: the most that a gateway takes is a photo of 4 MiB. JSON is parsed whole each time somebody
 * asks for it, and each value is copied in one step.
 */
export const VALUE_LIMIT_BYTES = 8 << 20;
/** What carries events to the page gives up at a few thousand. */
export const EVENT_DEPTH = 1000;
/** Of JSON that is too long, the values longer than this make it so; whatever else an event says is a word or a few sentences. */
const LONG_CHARACTERS = 256 << 10;

/**
 * JSON of an event with short words in the place of what makes it too long or nest too deep: nothing limits what a tool answers, and our own
 * recordings have that. Works on the text, as to parse it would take many times its length. The text itself where it is short enough, or no JSON.
 */
export function shortJson(json: string): string {
  let short = json;
  if (Buffer.byteLength(short) > VALUE_LIMIT_BYTES)
    short = replaced(short, 1, (value) => (value.length > LONG_CHARACTERS ? inItsPlace(value) : null));
  if (Buffer.byteLength(short) <= VALUE_LIMIT_BYTES && depthOf(short) > EVENT_DEPTH)
    short = replaced(short, EVENT_DEPTH, (value) =>
      value.startsWith('"') ? null : `"left out at the import: nests deeper than ${EVENT_DEPTH}"`,
    );
  return short;
}

/** A text stays a text, and what has fields has one: most events say which of them a field of theirs is. */
function inItsPlace(value: string): string {
  const words = `"left out at the import: ${value.length} characters"`;
  return value.startsWith('"') ? words : `{"leftOut":${words}}`;
}

/** Null leaves a value as it is. */
function replaced(json: string, level: number, by: (value: string) => string | null): string {
  let short = '';
  let end = 0;
  for (const { from, to } of valuesWithin(json, level)) {
    const other = by(json.slice(from, to));
    if (other === null) continue;
    short += json.slice(end, from) + other;
    end = to;
  }
  return short + json.slice(end);
}

/** Texts, lists and objects that are within so many others, each with all that it holds. */
function* valuesWithin(json: string, level: number): Generator<{ from: number; to: number }> {
  let depth = 0;
  let from = 0;
  for (let at = 0; at < json.length; at++) {
    const character = json[at];
    if (character === '"') {
      const start = at;
      for (at++; at < json.length && json[at] !== '"'; at++) if (json[at] === '\\') at++;
      if (depth === level) yield { from: start, to: at + 1 };
    } else if (character === '[' || character === '{') {
      if (depth === level) from = at;
      depth++;
    } else if (character === ']' || character === '}') {
      depth--;
      if (depth === level) yield { from, to: at + 1 };
    }
  }
}
