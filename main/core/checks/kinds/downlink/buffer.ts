import { z } from 'zod';
import type { LogRow } from '../../../../../preload/contract/logs.ts';
import { check } from '../../check.ts';
import { silentLine } from '../uplink/recording.ts';

/** A second more, so that a buffer's end is in the log. */
const AFTER_MS = 1500;
/** `underruns: 0` counts none, whatever else the line tells; 'underrun, 0 ms left' and 'underrun: 0 bytes left' say no such thing. */
const zero =
  /[\w-]*(?:run|flow|err|error|fail|failure|drop|dropped)\w{0,8}(?: (?:frames?|packets?|count))?[\s:=([]{1,3}(?:0x)?0+\b(?!\.?\d)(?!\s*\w+\s+(?:left|avail\w*|remain\w*|buffered|queued))/gi;
/** What firmware calls a player that ran dry, and a buffer that could not take more: TWeTalk's SDK, ESP-ADF and GMF, ALSA and LuatOS. */
const dry =
  /under[- ]?(?:run|flow)|(?:buffer|ring ?buf\w*|fifo|queue)\b.{0,20}\b(?:empty|starv)|\bxrun\b|no data to play|play(?:er|back)? starv/i;
const full =
  /(?<!stack )over[- ]?(?:run|flow)|(?:buffer|ring ?buf\w*|fifo|queue)\b.{0,20}\bfull\b|\bframes? dropped\b|\bdrop(?:ped)? (?:audio|frame|packet)/i;
const undecodable = /(?:decod\w+|opus).{0,30}(?:fail|error|err)|fail\w* to decode/i;

/** A long reply, sent at the pace of its sound: whether the board's player runs dry or over. */
export const downlinkBuffer = check({
  name: 'downlink.buffer',
  group: 'downlink',
  needs: ['conversation', 'port'],
  parameters: z.strictObject({ durationS: z.number().min(5).max(300).default(20) }),
  values: [
    // Of a reply sent at an even pace no board's player may run dry; the pace is 120 ms ahead (downlink.leadMs), and timers are late by some.
    { name: 'underruns', unit: 'count', limit: { max: 0 }, isTimed: { fromMs: 150 }, next: 'underrun' },
    { name: 'overflows', unit: 'count', limit: { max: 0 }, isTimed: { fromMs: 100 }, next: 'overflow' },
    { name: 'decodeFailures', unit: 'count', limit: { max: 0 }, next: 'decode' },
    // The bench's own.
    { name: 'benchUnderruns', unit: 'count' },
  ],
  nexts: ['underrun', 'overflow', 'decode'],
  async measure(bench, { durationS }) {
    const { port } = bench;
    if (port === null) return { skipped: 'no-port' };
    const line = await silentLine(bench, { turns: { interruption: 'off' } });
    if (line === null) return { skipped: 'no-conversation' };
    const sinceUs = bench.clock.nowUs();
    await line.device.play(await bench.measures.farEndSound(durationS * 1000));
    await bench.sleep(AFTER_MS);
    const isTold = ({ direction, level }: LogRow) => direction === 'received' && level !== 'debug' && level !== 'verbose';
    const rows = port.rows(sinceUs).filter(isTold);
    const telling = (trouble: RegExp) => rows.filter(({ text }) => trouble.test(text.replace(zero, '')));
    const found = { underruns: telling(dry), overflows: telling(full) };
    const failures = telling(undecodable);
    const benchUnderruns = line.device.events(sinceUs).filter(({ kind }) => kind === 'downlink.underrun').length;
    const told = [...found.underruns, ...found.overflows, ...failures].toSorted((a, b) => a.seq - b.seq);
    const evidence = told.length === 0 ? [] : [port.evidence(told)];
    return {
      values: {
        underruns: found.underruns.length,
        overflows: found.overflows.length,
        decodeFailures: failures.length,
        benchUnderruns,
      },
      evidence,
    };
  },
});
