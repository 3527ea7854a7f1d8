import type { LogLevel } from '../../../../preload/contract/logs.ts';
import { type Block, continuing, factsWith, type Grammar, type GrammarMatch, type LineFacts, newFacts, opening } from './grammar.ts';
import { JsonLines, jsonAtEnd } from './json-text.ts';
import { PatternFilter } from './pattern-filter.ts';
import { tuyaMessages } from './tuya-messages.ts';

/**
 * TuyaOpen and TuyaOS (reference/tuya.md §8.1): `[MM-DD HH:MM:SS ty L][file.c:line] text`, with `:ms` after the seconds in
 * ms mode. Closed libraries print `[lr:0x…]`, the caller's address, for the file. A T5 puts its own `ap0:W(ticks):` before it.
 */
const head =
  /^(?:[ac]p\d?:\w?\((\d+)\):)?\[(\d\d-\d\d \d\d:\d\d:\d\d(?::\d{1,3})?) (\w{1,16}) ([EWNIDT])\](?:\[([^\]:]{1,100}):(\w{1,16})\])? ?(.*)$/s;
/** What is left of a head in what people paste. */
const trimmedHead = /^\[(ty|TUYA) ([EWNIDT])\](?:\[([^\]:]{1,100}):(\w{1,16})\])? ?(.*)$/s;
/** Two threads' lines run into each other: a head in the middle of something else. */
const headInside = /\[\d\d-\d\d \d\d:\d\d:\d\d(?::\d{1,3})? (?:ty|TUYA) [EWNIDT]\]\[/;
/** tyutool, whose output stands around a board's in what `tos.py monitor` shows. */
const tool = /^\[(ERROR|WARNING|INFO|DEBUG)\]: (.*)$/s;
const hexDump = /^([0-9A-F]{4,8}) \| ((?:[0-9A-F]{2} )+) *\| /;
/** The chip's own crash dump. */
const memoryDump = /^addr: ?(?:0x)?([0-9a-f]{8}),? +data: ?((?:(?:0x)?[0-9a-f]{8}[ ,]*)+)$/i;

const levels: Readonly<Record<string, LogLevel>> = {
  E: 'error',
  W: 'warn',
  N: 'info',
  I: 'info',
  D: 'debug',
  T: 'verbose',
  ERROR: 'error',
  WARNING: 'warn',
  INFO: 'info',
  DEBUG: 'debug',
};

const BRACKET = 0x5b;

export const tuya: Grammar = {
  name: 'tuya',
  // A head, or the processor's prefix before it.
  begins: [head, trimmedHead, tool, memoryDump],
  match(text, block) {
    // What stands after the bracket tells which of the heads it can be.
    const facts =
      isLetter(text.charCodeAt(1)) && text.charCodeAt(0) === BRACKET ? (trimmedFacts(text) ?? toolFacts(text)) : headFacts(text);
    if (facts !== null) return opened(facts);
    if (block === null) return dumpMatch(text, null);
    const inside = text.includes('][') ? headInside.exec(text) : null;
    return inside === null ? continued(text, block) : opened(interleavedFacts(text, inside.index));
  },
};

function headFacts(text: string): LineFacts | null {
  const found = head.exec(text);
  if (found === null) return null;
  const [, ticks, time, tag, letter = '', file, line, message = ''] = found;
  const facts = newFacts(message);
  if (ticks !== undefined) facts.deviceMs = Number(ticks);
  facts.deviceTime = time;
  return completed(facts, tag, letter, file, line);
}

function trimmedFacts(text: string): LineFacts | null {
  const found = trimmedHead.exec(text);
  if (found === null) return null;
  const [, tag, letter = '', file, line, message = ''] = found;
  return completed(newFacts(message), tag, letter, file, line);
}

/** Level and place, and what the message means. */
function completed(facts: LineFacts, tag = 'ty', letter: string, file: string | undefined, line: string | undefined): LineFacts {
  facts.level = levels[letter];
  if (file === undefined) facts.tag = tag;
  else if (file === 'lr') {
    facts.tag = tag;
    facts.function = `lr:${line}`;
  } else {
    // `ty` and `TUYA` stand in every line and say nothing: where there is a file, it is the label.
    if (tag !== 'ty' && tag !== 'TUYA') facts.tag = tag;
    facts.file = file;
    const number = Number(line);
    if (Number.isInteger(number)) facts.line = number;
  }
  if (!tuyaMessages.read(facts.message, facts)) facts.payload = jsonAtEnd(facts.message);
  return facts;
}

function isLetter(code: number): boolean {
  return (code | 0x20) >= 0x61 && (code | 0x20) <= 0x7a;
}

/** What the other thread had printed so far stays before the message. */
function interleavedFacts(text: string, at: number): LineFacts {
  const facts = headFacts(text.slice(at)) ?? newFacts(text.slice(at));
  facts.message = `${text.slice(0, at)} ${facts.message}`;
  return facts;
}

function toolFacts(text: string): LineFacts | null {
  const found = tool.exec(text);
  if (found === null) return null;
  const [, word = '', message = ''] = found;
  return factsWith(message, { level: levels[word], tag: 'tyutool' });
}

function opened(facts: LineFacts): GrammarMatch {
  const last = facts.message.at(-1);
  return last === '{' || last === '[' ? opening('json', facts, new JsonLines(last)) : opening('line', facts);
}

function continued(text: string, block: Block): GrammarMatch | null {
  const json = block.state;
  if (!(json instanceof JsonLines) || !json.add(text)) return dumpMatch(text, block);
  return continuing(factsWith(text, { payload: json.value() }));
}

/** A dump's rows may follow the line that names it, or stand alone when other lines cut in. */
function dumpMatch(text: string, block: Block | null): GrammarMatch | null {
  const facts = dumpFacts(text);
  if (facts === null) return null;
  return block === null ? opening('dump', facts) : continuing(facts);
}

const dumps = new PatternFilter([[hexDump], [memoryDump]]);

function dumpFacts(text: string): LineFacts | null {
  if (dumps.possible(text) === 0) return null;
  const bytes = hexDump.exec(text);
  if (bytes !== null) {
    const [, offset = '', values = ''] = bytes;
    const payload = { offset: Number.parseInt(offset, 16), bytes: values.trim().split(' ').length };
    return factsWith(text, { event: 'hex-dump', payload });
  }
  const memory = memoryDump.exec(text);
  if (memory === null) return null;
  const [, address = '', words = ''] = memory;
  const payload = {
    address: Number.parseInt(address, 16),
    words: words
      .trim()
      .split(/[ ,]+/)
      .map((word) => Number.parseInt(word, 16)),
  };
  return factsWith(text, { level: 'error', event: 'stack-memory', payload });
}
