import { z } from 'zod';
import { clockDrift } from '../../audio/clock-drift.ts';
import { rounded } from '../../audio/decibels.ts';
import { check } from '../../check.ts';
import { curve, packetEvidence, silentLine } from './recording.ts';

const LOOK_EVERY_MS = 2000;
/** Surer than this nobody needs to be: a crystal's own tolerance. */
const SURE_PPM = 25;
/** As long as it is watched at least, so that one stall is not taken for a clock. */
const LEAST_S = 20;

/** The board's sample clock against the host's. */
export const uplinkClock = check({
  name: 'uplink.clock',
  group: 'uplink',
  needs: ['conversation'],
  parameters: z.strictObject({ windowS: z.number().min(10).max(1800).default(60) }),
  values: [
    // Crystals are good for ±20 to ±50 ppm, with both ends' together ±100 at the worst; a wrong clock tree is off by 300 and more.
    { name: 'driftPpm', unit: 'ppm', limit: { min: -100, max: 100 }, isTimed: true, next: 'sample-clock' },
    { name: 'plusMinusPpm', unit: 'ppm' },
    { name: 'spanS', unit: 's' },
  ],
  nexts: ['sample-clock', 'no-packets'],
  async measure(bench, { windowS }) {
    const line = await silentLine(bench);
    if (line === null) return { skipped: 'no-conversation' };
    // What came before, since the connection was opened, is as good.
    const packetsNow = () => line.device.packets('uplink', 0).filter(({ conversationId }) => conversationId === line.conversationId);
    const untilUs = bench.clock.nowUs() + windowS * 1e6;
    let packets = packetsNow();
    let drift = clockDrift(packets, { surePpm: SURE_PPM });
    while (bench.clock.nowUs() < untilUs && !(drift.kind === 'measured' && drift.spanS >= LEAST_S)) {
      await bench.sleep(LOOK_EVERY_MS);
      packets = packetsNow();
      drift = clockDrift(packets, { surePpm: SURE_PPM });
      bench.progress(Math.min(0.99, drift.spanS / windowS));
    }
    if (packets.length === 0) return { values: {}, next: 'no-packets' };
    // At the window's end ±50 ppm is enough to name a fault of 300.
    if (drift.kind === 'too-short') drift = clockDrift(packets);
    const evidence = [...packetEvidence(packets), curve('drift', 'timeS', 'driftMs', drift.curve)];
    if (drift.kind === 'too-short') return { skipped: 'too-short', evidence };
    return {
      values: { driftPpm: rounded(drift.ppm, 0), plusMinusPpm: rounded(drift.halfWidthPpm, 0), spanS: rounded(drift.spanS, 0) },
      evidence,
    };
  },
});
