import type { BuiltInList } from '../library.ts';

/** What one wants to know after each build. */
export const quick: BuiltInList = {
  id: 'quick',
  text: `# Two minutes: it starts, it gets online, it talks.
name: { zh: 快速检查（2 分钟）, en: Quick (2 minutes) }
version: '1'
checks:
  - power.boot
  - identity.device
  - network.attach
  - conversation.greeting
  - uplink.frames
  - uplink.level
  - { check: power.loop, parameters: { windowS: 10 } }
  - { check: memory.heap, optional: true }
`,
};

/** A board a minute or two, nobody at it. */
export const factoryLine: BuiltInList = {
  id: 'factory-line',
  text: `# For the line: nobody is asked. A board that does not start is not kept waiting for.
name: { zh: 产线检查, en: Factory line }
version: '1'
checks:
  - identity.chip
  - identity.sim
  - power.boot
  - { check: power.baseline, after: power.boot }
  - { check: identity.firmware, after: power.boot }
  - { check: identity.device, after: power.boot }
  - { check: network.attach, after: power.boot }
  - { check: conversation.greeting, after: network.attach }
  - { check: uplink.frames, after: conversation.greeting }
  - { check: uplink.level, after: conversation.greeting }
  - { check: uplink.noise, after: conversation.greeting }
  - { check: downlink.playback, after: conversation.greeting }
  - { check: memory.heap, after: power.boot, optional: true }
  - { check: power.loop, after: power.boot, parameters: { windowS: 5 } }
`,
};

/** Half an hour of talking. */
export const soak: BuiltInList = {
  id: 'soak',
  text: `# Half an hour of conversation, and what is left of the board after it.
name: { zh: 长稳测试（30 分钟）, en: Soak (30 minutes) }
version: '1'
checks:
  - power.boot
  - conversation.greeting
  - check: conversation.soak
    parameters: { minutes: 30 }
  - conversation.latency
  - { check: memory.heap, optional: true }
  - power.loop
`,
};
