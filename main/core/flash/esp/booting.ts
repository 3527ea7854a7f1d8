import { stripVTControlCharacters } from 'node:util';
import { espIdf } from '../../logs/grammar/esp-idf.ts';
import { espPanic } from '../../logs/grammar/esp-panic.ts';
import { espRom } from '../../logs/grammar/esp-rom.ts';

export interface Booting {
  /** It got as far as its second-stage bootloader, or says that it waits to be flashed. */
  isLoaded: boolean;
  /** An application runs. */
  isStarted: boolean;
  /** Its own words for why it does not start; null where it said none, or found something to start after all. */
  said: string | null;
  /** And was reset after those words: it begins again, and will end the same. */
  isOver: boolean;
}

/** The first reset was asked for, and a firmware may ask for one. */
const MOST_WATCHDOG_RESETS = 2;
const MOST_CHARACTERS = 120;

/** How far a board came, by what it said since its reset: whole lines of its ROM, its bootloader and its panic handler. */
export function bootingOf(heard: Uint8Array): Booting {
  const lines = stripVTControlCharacters(Buffer.from(heard).toString('latin1')).split('\n').slice(0, -1);
  const booting: Booting = { isLoaded: false, isStarted: false, said: null, isOver: false };
  /** Since the last banner. */
  let saidNow: string | null = null;
  let resets = 0;
  for (const line of lines) {
    const text = line.trim();
    const event = eventOf(text);
    if (event === 'boot.reset') {
      if (/^rst:[^,]*WDT/.test(text)) resets++;
      if (resets > MOST_WATCHDOG_RESETS) booting.said ??= text;
      booting.isLoaded = false;
      booting.isOver = booting.said !== null;
      saidNow = null;
    } else if (event === 'boot.waiting-for-download') booting.isLoaded = true;
    else if (event === 'boot.entry' || event === 'boot.bootloader') {
      booting.isLoaded = true;
      // A ROM with a second bootloader goes on to that one.
      if (saidNow !== null) booting.said = null;
    } else if (event === 'boot.app-loaded' || event === 'boot.app-started') {
      booting.isStarted = true;
      booting.said = null;
      booting.isOver = false;
    } else if (event === 'boot.invalid-image' || event === 'panic' || event === 'panic.assert') {
      saidNow = text;
      booting.said = text;
    }
  }
  return { ...booting, said: booting.said === null ? null : plain(booting.said) };
}

function eventOf(text: string): string | undefined {
  for (const grammar of [espRom, espIdf, espPanic]) {
    const event = grammar.match(text, null)?.facts.event;
    if (event !== undefined) return event;
  }
  return /^load:0x/i.test(text) ? 'boot.entry' : undefined;
}

function plain(text: string): string {
  return text.replaceAll(/[^\x20-\x7e]/g, '�').slice(0, MOST_CHARACTERS);
}
