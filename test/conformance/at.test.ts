import { existsSync, mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, describe, expect, test, vi } from 'vitest';
import { finalOf } from '../../main/core/at/finals.ts';
import { type Cat1Board, type Cat1BoardOptions, createCat1Board } from '../../pipeline/boards/cat1/board.ts';
import { systemClock } from '../../pipeline/clock.ts';
import type { AtBringUp, AtExchange } from '../../preload/contract/at.ts';
import { projectRoot, runCli } from '../fakes/cli.ts';
import { scripted } from '../unit/main/core/at/line.ts';
import { readExamples, readLlcom } from './at-transcripts.ts';

// Each command is a process of its own, and a busy machine starts them slowly.
vi.setConfig({ testTimeout: 60_000 });

const scratch = mkdtempSync(join(tmpdir(), 'talkbench-at-'));
const boards: Cat1Board[] = [];
afterAll(async () => {
  await Promise.all(boards.map((board) => board.close()));
  rmSync(scratch, { recursive: true, force: true });
});

/** A module behind a real terminal; `at` on it is another process. */
async function module(options: Omit<Cat1BoardOptions, 'clock'> = {}) {
  const board = await createCat1Board({ clock: systemClock, isBooted: true, ...options });
  boards.push(board);
  const at = (...args: string[]) => runCli(['at', '--port', board.ptyPath ?? '', '--data', join(scratch, String(boards.length)), ...args]);
  return { board, at };
}

describe('talkbench at, on a modem behind a real terminal', () => {
  test('--bringup --json is one report, exit code 0, identities masked', async () => {
    const { board, at } = await module({ family: 'airm2m', faults: { seed: 3, splitChunks: true, awkwardLines: true } });
    const { code, json, stdout } = await at('--bringup', '--json');
    expect(code).toBe(0);
    const report = json<AtBringUp>();
    expect(report.steps.map(({ number, state }) => [number, state])).toEqual(report.steps.map((_, index) => [index + 1, 'passed']));
    expect(report).toMatchObject({ state: 'passed', family: 'airm2m', firstFailed: null, passed: 15 });
    expect(stdout).not.toMatch(/788596633100008|460081899904186|898604981022C0254186/);
    expect(board.modem.violations).toEqual([]);
  });

  test('a board that fails is exit code 1, with the first cause and the next step', async () => {
    const { at } = await module({ sim: 'absent' });
    const { code, json } = await at('--bringup', '--json', '--no-ping');
    expect([code, json<AtBringUp>().firstFailed]).toEqual([1, 5]);
    const forEyes = await at('--bringup', '--no-ping');
    expect(forEyes.stdout).toMatch(/ 5 {2}FAIL {2}SIM[\s\S]*\+CME ERROR: 10[\s\S]*next: insert a SIM/);
    expect(forEyes.stdout).toMatch(/not ready after .*first cause: step 5, SIM/);
  });

  test('commands are answered in order, a line each; a refused one is exit code 1', async () => {
    const { at } = await module();
    const fine = await at('ATE0', 'AT+CSQ', 'AT+CIMI', '--json', '--identities');
    expect(fine.code).toBe(0);
    expect(fine.lines<AtExchange>().map(({ command, lines }) => [command, lines])).toEqual([
      ['ATE0', []],
      ['AT+CSQ', ['+CSQ: 25,0']],
      ['AT+CIMI', ['460081899904186']],
    ]);
    const refused = await at('AT+CMEE=1', 'AT+CPIN="9999"', '--json');
    expect(refused.code).toBe(1);
    expect(refused.lines<AtExchange>()[1]?.final).toEqual({ kind: 'cme-error', code: 3, meaning: 'not-allowed' });
  });

  test('--prompt gives what a prompt asks for', async () => {
    const { at } = await module();
    const sent = await at('AT+CMGS="10649"', '--prompt', 'hello', '--json');
    expect([sent.code, sent.lines<AtExchange>()[0]?.lines]).toEqual([0, ['+CMGS: 1']]);
  });

  test('commands come from standard input too', async () => {
    const { board } = await module();
    const piped = await runCli(['at', '--port', board.ptyPath ?? '', '--json', '--data', join(scratch, 'piped')], {
      input: 'AT\n\nAT+CFUN?\n',
    });
    expect(piped.lines<AtExchange>().map(({ command }) => command)).toEqual(['AT', 'AT+CFUN?']);
  });

  test('wrong usage is exit code 2; the udev rule needs no port', async () => {
    expect((await runCli(['at', 'AT'])).code).toBe(2);
    expect((await runCli(['at', '--port', 'x', '--bringup', 'AT'])).code).toBe(2);
    const rule = await runCli(['at', '--udev-rule']);
    expect([rule.code, rule.stdout]).toEqual([0, expect.stringContaining('ID_MM_DEVICE_IGNORE')]);
  });
});

/** Recordings of real modems and the vendor's own examples, which are not part of the project. */
const recordings = join(projectRoot, '..', 'shared', 'logs');
const names = existsSync(recordings) ? readdirSync(recordings).filter((name) => name.startsWith('cat1-at-')) : [];

describe.skipIf(names.length === 0)('recorded sessions', () => {
  test.each(names)('%s: each command ends with its own final, and has its own lines', async (name) => {
    const text = readFileSync(join(recordings, name), 'utf8');
    const exchanges = name.includes('manual') ? readExamples(text) : readLlcom(text);
    for (const { command, received } of exchanges) {
      const { send, says } = scripted();
      const outcome = send(command, { data: 'text' });
      await says(received.map((line) => `\r\n${line}\r\n`).join(''));
      const at = received.findIndex((line) => finalOf(line, { dials: true, family: 'eigencomm' }) !== null);
      expect([command, outcome.ended === 'pending']).toEqual([command, at < 0]);
      // Lines of the command's own name before its final are its answer; those after it came by themselves.
      const own = /^AT([+*^]\w+)(=\?|\?)/.exec(command)?.[1];
      if (own === undefined || at < 0) continue;
      const wanted = received.slice(0, at).filter((line) => line.startsWith(`${own}:`));
      expect([command, outcome.exchange?.lines.filter((line) => line.startsWith(`${own}:`))]).toEqual([command, wanted]);
    }
  });
});
