import { afterEach, expect, test, vi } from 'vitest';
import { createOutput, reportFailure } from '../../../../main/cli/output.ts';
import { TalkError } from '../../../../preload/contract/talk-error.ts';

afterEach(() => void vi.restoreAllMocks());

test('names of files and recipes, and what a board said, move no terminal’s cursor', () => {
  const written: string[] = [];
  for (const stream of [process.stdout, process.stderr])
    vi.spyOn(stream, 'write').mockImplementation((text) => written.push(String(text)) > 0);
  const hostile = 'app\u001b]0;owned\u0007\u009b2J\r.bin';
  const output = createOutput(false);
  output.result({ name: hostile }, ({ name }) => name);
  output.say(hostile);
  output.warn(hostile);
  reportFailure(new TalkError('flash/bad-file', { path: hostile, reason: hostile }), false);
  reportFailure(new TalkError('bad-request', { issues: [{ path: ['name'], message: hostile }] }), false);
  expect(written.join('')).toContain('app�]0;owned��2J�.bin');
  // oxlint-disable-next-line no-control-regex
  expect(written.join('')).not.toMatch(/[\u0000-\u0008\u000b-\u001f\u007f-\u009f]/);
});

test('a place in flash is said as it was typed, and as a number to programs', () => {
  const written: string[] = [];
  for (const stream of [process.stdout, process.stderr])
    vi.spyOn(stream, 'write').mockImplementation((text) => written.push(String(text)) > 0);
  const error = new TalkError('flash/bad-offset', { offset: 0x1234, reason: 'off-sector', name: 'app.bin' });
  reportFailure(error, false);
  reportFailure(error, true);
  expect(written[0]).toBe('error flash/bad-offset (offset=0x1234 reason=off-sector name=app.bin)\n');
  expect(JSON.parse(written.at(-1) ?? '')).toMatchObject({ error: { data: { offset: 0x1234 } } });
});

test('what is not there is said with the list of its kind', () => {
  const written: string[] = [];
  vi.spyOn(process.stderr, 'write').mockImplementation((text) => written.push(String(text)) > 0);
  reportFailure(new TalkError('not-found', { what: 'recipe', id: 'line 7' }), false);
  expect(written.join('')).toContain('talkbench recipes list');
});

test('a Wi-Fi setup’s next step is of the way it went, and of how far it came', () => {
  const written: string[] = [];
  vi.spyOn(process.stderr, 'write').mockImplementation((text) => written.push(String(text)) > 0);
  reportFailure(new TalkError('wifi/no-answer', { method: 'softap', step: 'join-board' }), false);
  reportFailure(new TalkError('wifi/no-answer', { method: 'softap', step: 'reply' }), false);
  reportFailure(new TalkError('wifi/refused', { step: 'token' }), false);
  expect(written.filter((line) => line.startsWith('  next')).map((line) => line.slice(8, 38))).toEqual([
    'is the board still in setup mo',
    'check that the board is in set',
    'it is in the network, but not ',
  ]);
});
