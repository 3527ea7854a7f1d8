import type { BuiltInList } from '../library.ts';

/** The vendor's list (设备适配性检查): four points that a chip and its SDK have to meet before anything is adapted. */
export const twetalkSuitability: BuiltInList = {
  id: 'twetalk-suitability',
  text: `# The vendor's four points: network, Opus, echo cancellation, capacity.
name: { zh: TWeTalk 设备适配性检查, en: TWeTalk suitability }
version: '1'
checks:
  - power.boot
  - identity.device

  # 1. The network: above 100 kbit/s, two TCP connections that connect, read, write and disconnect.
  - network.attach
  - check: network.tcp
    title: { zh: '1 联网：两路 TCP 连接、读、写、断开', en: '1 Network: two TCP connections, read, write, disconnect' }
  - check: network.throughput
    title: { zh: '1 联网：稳定在 100 kbit/s 以上', en: '1 Network: steadily above 100 kbit/s' }
    limits: { upKbitS: { min: 100 }, downKbitS: { min: 100 } }

  # 2. Opus: what the board sends is what the cloud takes, and what the cloud sends is what the board plays.
  - conversation.greeting
  - check: uplink.frames
    title: { zh: '2 Opus：上行编码', en: '2 Opus: what the board encodes' }
  - uplink.level
  - check: downlink.playback
    title: { zh: '2 Opus：下行解码（与 output.wav 一致）', en: '2 Opus: what the board plays (as output.wav)' }

  # 3. Echo cancellation: without it the board can only talk half duplex.
  - check: echo.return
    title: { zh: '3 回声消除', en: '3 Echo cancellation' }
  - echo.selfinterrupt

  # 4. Capacity: 100 KB RAM, of it 80 KB heap and 20 KB stack, and 200 KB flash for the SDK.
  - check: memory.heap
    title: { zh: '4 设备容量：RAM', en: '4 Capacity: RAM' }
  - check: memory.flash
    title: { zh: '4 设备容量：Flash', en: '4 Capacity: flash' }
`,
};
