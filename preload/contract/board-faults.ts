import { z } from 'zod';

/**
 * What can be wrong with a virtual board that runs the TWeTalk firmware: docs/check-faults.md, which says what notices each. The comment is
 * what the board does, and what `amount` is of, with what it is when it is left out. Nothing of it is chance: what is random is seeded.
 */
export const boardFaultName = z.enum([
  // What its microphone hears
  'deaf', // digital silence
  'quiet-microphone', // everything 40 dB lower
  'noisy-microphone', // a noise of −30 dBFS
  'hum', // 50 Hz of −28 dBFS and its harmonics
  'clipping', // 20 dB too much gain
  'dc-offset', // 3000 of 32768
  'narrow-band', // a microphone path of 4 kHz: nothing above 2 kHz
  'microphone-clock', // 300 ppm fast
  'echo', // nobody cancels it: −10 dB of what the speaker plays
  'half-working-aec', // −20 dB of it is left
  'half-duplex', // hears nothing while it plays

  // What it sends
  'wrong-frame-size', // packets of 20 ms where it said 60 (of 60 where it said 20)
  'variable-bitrate',
  'wrong-bitrate', // 12,000 bit/s where boards send 24,000
  'dropped-packets', // 3 % of its packets
  'packet-bursts', // packets are held back and sent together, 400 ms of them every 4 s
  'missing-bursts', // 400 ms of packets every 4 s never go out
  'corrupt-packets', // 3 % of its packets are no Opus

  // What its speaker plays
  'mute',
  'quiet-speaker', // 40 dB lower
  'crackling-speaker', // 12 ms of silence every 240 ms
  'late-speaker', // 700 ms later
  'speaker-clock', // 300 ppm slow
  'keeps-playing', // who speaks over it: the last of it again and again, 3 s
  'no-greeting', // its speaker is not on yet when it is greeted

  // Memory and starting
  'heap-leak', // 2048 bytes a turn
  'low-heap', // 14,000 bytes free once everything runs
  'short-stack', // 12 Kbytes for the SDK's tasks
  'boot-loop', // panics 1.5 s after each start
  'double-reset', // starts twice, 0.4 s apart
  'brownout', // once, 2.5 s after a reset
  'new-error', // a driver's error in its log that good boards do not have
  'panic-sometimes', // once, 20 s after a reset

  // Network
  'slow-attach', // 15 s to an address
  'no-ip', // joins and never gets an address
  'never-reconnects',
  'slow-reconnect', // 40 s before its first attempt
  'loses-voice', // its voice connection ends by itself after 14 replies
  'wrong-clock', // 3600 s behind
  'slow-network', // 60 kbit/s

  // Who it is
  'missing-triple',
  'wrong-secret',
  'duplicate-triple', // 12 s later another board says that it is this one
  'wrong-firmware', // an older application, 0.9.0

  // What its application does
  'tools-unanswered',
  'ignores-volume',
  'ignores-calls',
  'no-contacts', // it has nobody to call
  'ota-fails',
  'never-idle',
]);

export const boardFault = z.object({ name: boardFaultName, amount: z.number().optional() });

export type BoardFaultName = z.infer<typeof boardFaultName>;
export type BoardFault = z.infer<typeof boardFault>;
