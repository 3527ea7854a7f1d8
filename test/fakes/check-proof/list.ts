/**
 * What an ESP32-S3 of the virtual boards has to be, in windows as short as each check allows. One after the other, as on a bench: where sound
 * does not come up as it should, nothing is asked of what would be said.
 */
export const proofList = `
name: Proof
version: '1'
checks:
  # Two resets of its loader first; what has to come after a quiet start waits for power.boot.
  - identity.chip
  - { check: power.boot, parameters: { settleS: 4, connectS: 8 } }
  - { check: memory.flash, after: power.boot }
  - { check: power.baseline, after: power.boot, optional: true }
  - { check: power.loop, parameters: { windowS: 20 } }
  - { check: identity.firmware, after: power.boot, limits: { appVersion: { equals: 1.0.0 } } }
  - { check: network.attach, after: power.boot, parameters: { timeoutS: 25 }, limits: { readyMs: { max: 10000 } } }
  - { check: identity.device, after: power.boot, parameters: { waitS: 6, windowS: 10 } }
  - { check: network.dns, after: identity.device, optional: true }
  - { check: network.clock, after: identity.device }
  - { check: memory.heap, after: identity.device, parameters: { waitS: 8 } }

  - { check: uplink.frames, after: identity.device, parameters: { windowS: 5 } }
  - { check: uplink.level, after: uplink.frames }
  - { check: uplink.noise, after: uplink.level, parameters: { windowS: 4 } }
  # Where half the band is missing, so are the sounds that lie in it: before any of them is looked for.
  - { check: uplink.spectrum, after: uplink.noise }
  - { check: uplink.dropouts, after: uplink.spectrum, parameters: { windowS: 12 } }
  - { check: downlink.playback, after: uplink.dropouts }
  - { check: downlink.buffer, after: downlink.playback, parameters: { durationS: 6 } }
  - { check: echo.return, after: downlink.playback, parameters: { durationS: 6 } }
  - { check: echo.selfinterrupt, after: echo.return }
  - { check: echo.doubletalk, after: echo.return }
  - { check: uplink.clock, after: uplink.dropouts, parameters: { windowS: 60 } }

  - { check: conversation.greeting, after: downlink.playback, parameters: { timeoutS: 15 } }
  - { check: conversation.turns, after: echo.selfinterrupt, parameters: { phrases: [what time is it, tell me a story], timeoutS: 15, replyTimeoutS: 12 } }
  - { check: conversation.bargein, after: echo.selfinterrupt, parameters: { attempts: 1, timeoutS: 15 } }
  - { check: conversation.call-in, after: echo.selfinterrupt, parameters: { ringS: 6, timeoutS: 15 } }
  - { check: conversation.call-out, after: echo.selfinterrupt, parameters: { timeoutS: 15 } }
  - { check: conversation.tools, after: identity.device, parameters: { timeoutS: 15 } }

  - { check: conversation.wake, after: identity.device, parameters: { attempts: 1, timeoutS: 15 } }
  - { check: conversation.soak, after: identity.device, parameters: { minutes: 0.7, pauseS: 0, by: text, timeoutS: 15, replyTimeoutS: 12 } }
  - { check: memory.leak, after: identity.device, parameters: { minutes: 1, turnEveryS: 5, connectS: 15 } }
  - { check: network.tcp, after: identity.device, parameters: { timeoutS: 15 } }
  - { check: network.throughput, after: network.tcp, parameters: { windowS: 4, connectS: 15 } }
  - { check: network.quality, after: network.tcp, parameters: { windowS: 6, connectS: 15 } }
  - { check: conversation.idle, after: identity.device, parameters: { silenceS: 1, reminders: 1, timeoutS: 15 } }
  - { check: conversation.ota, after: identity.device, parameters: { file: proof.bin, timeoutS: 40, restartS: 15 } }
  - { check: network.reconnect, after: identity.device, parameters: { cutS: 1, timeoutS: 15 } }
`;

/** The same of these checks alone, whatever comes before them. */
export function proofOf(checks: readonly string[]): string {
  const [head = '', body = ''] = proofList.split('checks:\n');
  const wanted = body
    .split('\n')
    .filter((line) => checks.some((check) => new RegExp(`(?:- |check: )${check.replace('.', '\\.')}(?:,|$)`).test(line.trim())));
  return `${head}checks:\n${wanted.map((line) => line.replace(/, after: [\w.]+/, '')).join('\n')}\n`;
}

/** Of a bare cat.1 module: what its AT port tells. */
export const moduleList = `
name: Proof of a module
version: '1'
checks:
  - identity.sim
`;
