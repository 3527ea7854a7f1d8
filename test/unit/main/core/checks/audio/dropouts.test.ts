import { describe, expect, test } from 'vitest';
import { arrivalFacts, insertedSilenceMs } from '../../../../../../main/core/checks/audio/dropouts.ts';
import { speechLike } from '../../../../../../main/core/checks/audio/speech-like.ts';
import { arrivals, mixed, samplesOf, whiteNoise } from '../../../../../fakes/synthetic-sound.ts';

describe('arrival of packets', () => {
  test('a line with jitter and a clock 300 ppm off misses nothing', () => {
    const facts = arrivalFacts(arrivals({ seconds: 30, jitterMs: 8, ppm: 300 }));
    expect(facts).toMatchObject({ packets: 500, missingPackets: 0, waits: 0 });
    expect(facts.longestWaitMs).toBeLessThan(200);
  });

  test.each([0.01, 0.03, 0.1])('of packets lost at %f as many are counted, give or take the edges', (lost) => {
    const packets = arrivals({ seconds: 30, jitterMs: 3, lost });
    // What was lost before the first and after the last nobody can tell.
    expect(Math.abs(arrivalFacts(packets).missingPackets - (500 - packets.length))).toBeLessThanOrEqual(2);
  });

  test('what was left out in media time is missing too', () => {
    const packets = arrivals({ seconds: 10 }).map((packet, index) =>
      index < 80 ? packet : { ...packet, mediaUs: packet.mediaUs + 300_000 },
    );
    const later = packets.map((packet, index) => (index < 80 ? packet : { ...packet, atUs: packet.atUs + 300_000 }));
    expect(arrivalFacts(later).missingPackets).toBe(5);
  });

  test('a first second that comes late hides no frame that is lost after it', () => {
    let lastUs = 0;
    const lossy = arrivals({ seconds: 12 }).map((packet, index) => {
      // Four frames before the hundredth never came, whatever the bench made of their time. TCP delivers in order.
      lastUs = Math.max(lastUs, packet.atUs + (index < 26 ? 400_000 : 0) + (index < 100 ? 0 : 240_000));
      return { ...packet, atUs: lastUs };
    });
    expect(arrivalFacts(lossy).missingPackets).toBe(4);
    const broken = lossy.map((packet, index) => (index < 100 ? packet : { ...packet, mediaUs: packet.mediaUs + 240_000 }));
    expect(arrivalFacts(broken).missingPackets).toBe(4);
  });

  test('a board that paused for seconds has lost nothing', () => {
    const paused = arrivals({ seconds: 10 }).map((packet, index) =>
      index < 80 ? packet : { ...packet, mediaUs: packet.mediaUs + 3_000_000, atUs: packet.atUs + 3_000_000 },
    );
    expect(arrivalFacts(paused)).toMatchObject({ missingPackets: 0, longestWaitMs: 60 });
  });

  test('frames that were thought lost and came after all, all at once, are none', () => {
    const packets = arrivals({ seconds: 12 }).map((packet, index) => {
      // As the bench's own guess has it: a wait of 300 ms, frames thought never sent, and then they come with those after them.
      const skipped = [40, 90].filter((first) => index >= first).length * 240_000;
      const held = [40, 90].find((first) => index >= first && index < first + 5);
      const atUs = held === undefined ? packet.atUs : packet.atUs + (held + 5 - index) * 60_000;
      return { ...packet, atUs, mediaUs: packet.mediaUs + skipped };
    });
    expect(arrivalFacts(packets)).toMatchObject({ missingPackets: 0 });
  });

  test('a board that is spoken to for longer than its pause has no time for it', () => {
    const paused = arrivals({ seconds: 10 }).map((packet, index) =>
      index < 80 ? packet : { ...packet, mediaUs: packet.mediaUs + 3_000_000, atUs: packet.atUs + 3_000_000 },
    );
    expect(arrivalFacts(paused, [], { fromUs: 0, toUs: 12.5e6 }).longestWaitMs).toBeCloseTo(3060, 0);
  });

  test('a microphone that stops, or begins late, while somebody speaks to it kept silent for so long', () => {
    const packets = arrivals({ seconds: 10 });
    const lastUs = packets.at(-1)?.atUs ?? 0;
    expect(arrivalFacts(packets, [], { fromUs: 1e6, toUs: lastUs + 2e6 }).longestWaitMs).toBeCloseTo(2000, 0);
    expect(arrivalFacts(packets.slice(50), [], { fromUs: 0, toUs: lastUs }).longestWaitMs).toBeGreaterThan(2900);
  });

  test('packets held back for 400 ms are one wait each time, and a burst', () => {
    const facts = arrivalFacts(arrivals({ seconds: 11.9, heldEveryMs: 4000, heldMs: 400 }));
    expect(facts).toMatchObject({ missingPackets: 0, waits: 2 });
    expect(facts.longestWaitMs).toBeGreaterThan(380);
    expect(facts.largestBurst).toBeGreaterThanOrEqual(6);
  });

  test('a bench that stood still waited for nobody', () => {
    const packets = arrivals({ seconds: 11.9, heldEveryMs: 4000, heldMs: 400 });
    const standstills = [4, 8].map((atS) => ({ fromUs: atS * 1e6 - 60_000, toUs: atS * 1e6 + 460_000 }));
    expect(arrivalFacts(packets, standstills).longestWaitMs).toBeLessThan(200);
    expect(arrivalFacts(packets, [{ fromUs: 9.5e6, toUs: 9.9e6 }]).longestWaitMs).toBeGreaterThan(380);
  });

  test('of no packet at all everything is missing', () => {
    expect(arrivalFacts([])).toMatchObject({ packets: 0, missingPercent: 100, longestWaitMs: 0 });
  });
});

describe('inserted silence', () => {
  const noisy = mixed(speechLike({ durationMs: 6000, seed: 1 }), whiteNoise(samplesOf(6000), -62));

  test('speech in a room has none', () => {
    expect(insertedSilenceMs(noisy)).toBe(0);
  });

  test('holes of 40 ms are found where nobody knows what was said', () => {
    const broken = noisy.map((sample, i) => (i % 16_000 < 640 ? 0 : sample));
    expect(insertedSilenceMs(broken)).toBeGreaterThan(100);
    expect(insertedSilenceMs(broken)).toBeLessThan(600);
  });

  test('silence alone is no hole', () => {
    expect(insertedSilenceMs(new Int16Array(16_000))).toBe(0);
  });
});
