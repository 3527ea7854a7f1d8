import type { LogLevel } from '../../../../preload/contract/logs.ts';
import { alone, type Grammar, newFacts } from './grammar.ts';

const levels: Record<string, LogLevel> = { E: 'error', W: 'warn', I: 'info', D: 'debug', V: 'verbose' };

/** `[   162][D][esp32-hal-cpu.c:259] setCpuFrequencyMhz(): message`, and `[E][main.cpp:12] f(): …` of older cores. */
const line = /^(?:\[ *(\d+)\])?\[([EWIDV])\]\[([^\]:]+):(\d+)\] (?:([\w:~<>]+)\(\):? ?)?(.*)$/s;

/** The log macros of the Arduino core for the ESP32 (esp32-hal-log.h). */
export const espArduino: Grammar = {
  name: 'esp-arduino',
  begins: [line],
  match(text) {
    const found = line.exec(text);
    if (found === null) return null;
    const [, ticks, letter = '', file = '', number, name, message = ''] = found;
    const facts = newFacts(message);
    facts.file = file;
    facts.line = Number(number);
    const level = levels[letter];
    if (level !== undefined) facts.level = level;
    if (ticks !== undefined) facts.deviceMs = Number(ticks);
    if (name !== undefined) facts.function = name;
    return alone(facts);
  },
};
