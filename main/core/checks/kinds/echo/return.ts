import { z } from 'zod';
import { rounded } from '../../audio/decibels.ts';
import { check } from '../../check.ts';
import { askForQuiet, curve, packetEvidence, packetsSince, silentLine } from '../uplink/recording.ts';
import { LEAST_LOSS_DB, tellDuplex } from './duplex.ts';

/** What comes up before, for the noise; and after, for what is still on its way. */
const [BEFORE_MS, AFTER_MS] = [1500, 1500];

/** The far end speaks, nobody else does: what of it comes back. */
export const echoReturned = check({
  name: 'echo.return',
  group: 'echo',
  needs: ['conversation'],
  parameters: z.strictObject({ durationS: z.number().min(4).max(120).default(10) }),
  values: [
    // Speech at −26 dBFS comes back at −56: under the −40 dBFS at which a voice detector wakes, and as quiet as an office. Telephony asks for
    // 40 dB and more of hands-free terminals (ITU-T P.340, G.131), since people hear echo; an agent's recogniser does not.
    { name: 'lossDb', unit: 'dB', limit: { min: LEAST_LOSS_DB }, isTimed: true, next: 'echo' },
    { name: 'isAtLeast' },
    { name: 'residualDbFs', unit: 'dBFS' },
    { name: 'noiseDbFs', unit: 'dBFS' },
    { name: 'echoDelayMs', unit: 'ms' },
    { name: 'convergedMs', unit: 'ms' },
    { name: 'duplex' },
  ],
  nexts: ['echo', 'no-packets'],
  async measure(bench, { durationS }) {
    const line = await silentLine(bench, { turns: { interruption: 'off' } });
    if (line === null) return { skipped: 'no-conversation' };
    if ((await askForQuiet(bench, durationS + 3)) === 'skip') return { person: 'person-skipped' };
    const far = await bench.measures.farEndSound(durationS * 1000);
    const sinceUs = bench.clock.nowUs();
    await bench.sleep(BEFORE_MS);
    const { firstFrameUs } = await line.device.play(far);
    await bench.sleep(AFTER_MS);
    const packets = await packetsSince(bench, line, sinceUs);
    if (packets.length === 0) return { values: {}, next: 'no-packets' };
    const fromUs = packets.reduce((first, { atUs, durationUs }) => Math.min(first, atUs - durationUs), Number.POSITIVE_INFINITY);
    const uplink = await bench.measures.placedSound(packets, fromUs, bench.clock.nowUs());
    const echo = await bench.measures.echoReturn(far, uplink, Math.round(((firstFrameUs - fromUs) * 16) / 1000));
    const values = {
      lossDb: rounded(echo.lossDb),
      isAtLeast: echo.isAtLeast,
      residualDbFs: rounded(echo.residualDbFs),
      noiseDbFs: rounded(echo.noiseDbFs),
      echoDelayMs: echo.delayMs === null ? null : rounded(echo.delayMs, 0),
      convergedMs: echo.convergedMs,
    };
    const evidence = [
      ...packetEvidence(packets),
      bench.keepSound('far', far),
      bench.keepSound('uplink', uplink),
      curve('echoLoss', 'timeS', 'levelDb', echo.curve),
    ];
    // What is lost in so much noise may be gone or not: the room is too loud to tell.
    if (echo.isAtLeast && echo.lossDb < LEAST_LOSS_DB) return { skipped: 'cannot-tell', evidence };
    return { values: { ...values, duplex: tellDuplex(bench, { check: 'echo.return', values }) }, evidence };
  },
});
