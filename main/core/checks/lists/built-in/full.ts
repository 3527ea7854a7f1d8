import type { BuiltInList } from '../library.ts';

const talking = `
  # What it sends
  - uplink.frames
  - uplink.level
  - uplink.noise
  - uplink.spectrum
  - { check: uplink.dropouts, after: uplink.spectrum } # where half the band is missing, so are the sounds in it
  - uplink.clock

  # What it plays
  - downlink.playback
  - downlink.buffer

  # Whether it hears itself
  - echo.return
  - echo.doubletalk
  - echo.selfinterrupt

  # The conversation
  - conversation.turns
  - conversation.bargein
  - conversation.tools
  - conversation.call-in
  - { check: conversation.call-out, optional: true }   # where it has an address book
  - conversation.latency

  # A weak network
  - link.delay
  - link.loss
  - link.rate
  - link.stall

  # What takes long, last
  - memory.leak
  - conversation.idle
  - { check: conversation.ota, optional: true }        # where there is firmware to update it with
`;

/** An ESP32 board from "it powers on" to signed off: about 40 minutes. */
export const esp32Full: BuiltInList = {
  id: 'esp32-full',
  text: `# About 40 minutes. What needs a person is asked at its place.
name: { zh: ESP32 完整点检, en: ESP32 full bring-up }
version: '1'
boardKinds: [esp32, esp32s2, esp32s3, esp32c2, esp32c3, esp32c5, esp32c6, esp32c61, esp32p4]
checks:
  # The chip first: asking its loader resets the board.
  - identity.chip
  - memory.flash
  - power.boot
  - power.baseline
  - power.loop
  - identity.firmware
  - identity.device

  # The network
  - network.attach
  - network.dns
  - network.clock
  - network.tcp
  - network.throughput
  - network.quality
  - network.reconnect
  - memory.heap

  - conversation.greeting
  - conversation.wake
${talking}`,
};

/** An LTE cat.1 module: its SIM and network through the AT port, then as any board. */
export const cat1Full: BuiltInList = {
  id: 'cat1-full',
  text: `# About 40 minutes. What needs a person is asked at its place.
name: { zh: Cat.1 完整点检, en: Cat.1 full bring-up }
version: '1'
boardKinds: [cat1]
checks:
  - identity.sim
  - power.boot
  - { check: power.baseline, optional: true }
  - power.loop
  - identity.firmware
  - identity.device

  # The network. A mobile one attaches slower than Wi-Fi, and its round trip is longer.
  - { check: network.attach, limits: { readyMs: { max: 60000 } } }
  - { check: network.dns, optional: true }             # not every module says it in its log
  - network.clock
  - network.tcp
  - network.throughput
  - { check: network.quality, limits: { roundTrip95Ms: { max: 1000 }, lostPercent: { max: 3 } } }
  - network.reconnect
  - { check: memory.heap, optional: true }             # nor this

  - conversation.greeting
  - conversation.wake
${talking}`,
};
