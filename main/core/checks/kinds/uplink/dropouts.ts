import { z } from 'zod';
import { rounded } from '../../audio/decibels.ts';
import { arrivalFacts } from '../../audio/dropouts.ts';
import { check } from '../../check.ts';
import { curve, packetEvidence, speakAndRecord } from './recording.ts';

/** Whether every packet comes, one after the other, and holds what was said. */
export const uplinkDropouts = check({
  name: 'uplink.dropouts',
  group: 'uplink',
  needs: ['conversation', 'voice'],
  parameters: z.strictObject({ windowS: z.number().min(5).max(600).default(20) }),
  values: [
    { name: 'packets', unit: 'count' },
    { name: 'missingPackets', unit: 'count' },
    // One in 333 of 60 ms, the window's length, may be a matter of counting; TCP itself loses none, however late
    // the bench is: which are missing is told by when the first and the last second's came.
    { name: 'missingPercent', unit: '%', limit: { max: 0.5 }, isTimed: 'edges', next: 'missing' },
    // After 300 ms without a packet, those not counted in which the bench itself stood still, the bench ends an utterance (a board that let its button go looks the same).
    { name: 'longestWaitMs', unit: 'ms', limit: { max: 300 }, isTimed: 'share', next: 'bursts' },
    { name: 'waits', unit: 'count' },
    { name: 'largestBurst', unit: 'count' },
    { name: 'jitterMs', unit: 'ms' },
    // The bench's own.
    { name: 'benchLateMs', unit: 'ms' },
    // Of six seconds of speech: one of a hundred.
    { name: 'insertedSilenceMs', unit: 'ms', limit: { max: 60 }, isTimed: 'spoken', next: 'inserted-silence' },
  ],
  nexts: ['missing', 'bursts', 'inserted-silence', 'no-packets'],
  async measure(bench, { windowS }) {
    const sinceUs = bench.clock.nowUs();
    const spoken = await speakAndRecord(bench, windowS * 1000);
    if (spoken === 'no-conversation') return { skipped: spoken };
    if (spoken === 'nobody-there') return { person: spoken };
    const { packets, said } = spoken;
    const [first] = packets;
    if (first === undefined) return { values: { packets: 0 }, next: 'no-packets' };
    const lateness = bench.lateness(sinceUs);
    // What a person said began and ended nobody knows when.
    const speech = said.pcm === null ? undefined : { fromUs: said.startUs, toUs: said.endUs };
    const facts = arrivalFacts(packets, lateness.spans, speech);
    const { pcm } = await bench.measures.soundOf(packets);
    const compared = said.pcm === null ? null : await bench.measures.compareSound(said.pcm, pcm);
    const late = packets.map(({ atUs, mediaUs }): [number, number] => [
      (mediaUs - first.mediaUs) / 1e6,
      (atUs - first.atUs - mediaUs + first.mediaUs) / 1000,
    ]);
    return {
      values: {
        packets: facts.packets,
        missingPackets: facts.missingPackets,
        missingPercent: rounded(facts.missingPercent, 2),
        longestWaitMs: rounded(facts.longestWaitMs),
        waits: facts.waits,
        largestBurst: facts.largestBurst,
        jitterMs: rounded(facts.jitterMs),
        benchLateMs: rounded(lateness.longestMs, 0),
        insertedSilenceMs: Math.round(compared?.isFound === true ? compared.breakMs : await bench.measures.insertedSilenceMs(pcm)),
      },
      evidence: [...packetEvidence(packets), bench.keepSound('uplink', pcm), curve('arrival', 'timeS', 'lateMs', late)],
    };
  },
});
