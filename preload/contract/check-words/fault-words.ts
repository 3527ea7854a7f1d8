import type { BoardFaultName } from '../board-faults.ts';
import type { InBoth } from './words.ts';

/** A virtual board's fault in words, and the checks whose verdict it spoils (docs/check-faults.md). */
export interface FaultWords extends InBoth {
  foundBy: readonly string[];
}

export const faultWords: Readonly<Record<BoardFaultName, FaultWords>> = {
  deaf: { en: 'Microphone: digital silence', zh: '麦克风：数字静音', foundBy: ['uplink.level'] },
  'quiet-microphone': { en: 'Microphone: too quiet', zh: '麦克风：音量过低', foundBy: ['uplink.level'] },
  'noisy-microphone': { en: 'Microphone: noisy', zh: '麦克风：底噪过大', foundBy: ['uplink.noise'] },
  hum: { en: 'Microphone: 50 Hz hum', zh: '麦克风：50 Hz 工频噪声', foundBy: ['uplink.noise'] },
  clipping: { en: 'Microphone: gain too high, clips', zh: '麦克风：增益过高、削波', foundBy: ['uplink.level'] },
  'dc-offset': { en: 'Microphone: DC offset', zh: '麦克风：直流偏置', foundBy: ['uplink.level'] },
  'narrow-band': { en: 'Microphone: nothing above 2 kHz', zh: '麦克风：2 kHz 以上无声', foundBy: ['uplink.spectrum'] },
  'microphone-clock': { en: 'Microphone: clock fast', zh: '麦克风：时钟偏快', foundBy: ['uplink.clock'] },
  echo: { en: 'Echo: not cancelled', zh: '回声：未做消除', foundBy: ['echo.return'] },
  'half-working-aec': { en: 'Echo: cancelled in part', zh: '回声：消除不彻底', foundBy: ['echo.return'] },
  'half-duplex': { en: 'Echo: hears nothing while it plays', zh: '回声：播放时听不到说话', foundBy: ['echo.doubletalk'] },

  'wrong-frame-size': { en: 'Uplink: frame length not as announced', zh: '上行：帧长与声明不符', foundBy: ['uplink.frames'] },
  'variable-bitrate': { en: 'Uplink: variable bit rate', zh: '上行：码率不恒定', foundBy: ['uplink.frames'] },
  'wrong-bitrate': { en: 'Uplink: wrong bit rate', zh: '上行：码率不对', foundBy: ['uplink.frames'] },
  'dropped-packets': { en: 'Uplink: packets missing', zh: '上行：丢包', foundBy: ['uplink.dropouts'] },
  'packet-bursts': { en: 'Uplink: packets in bursts', zh: '上行：数据包成串发出', foundBy: ['uplink.dropouts'] },
  'missing-bursts': { en: 'Uplink: bursts of packets missing', zh: '上行：成串丢包', foundBy: ['uplink.dropouts'] },
  'corrupt-packets': { en: 'Uplink: corrupt packets', zh: '上行：数据包损坏', foundBy: ['uplink.frames'] },

  mute: { en: 'Speaker: mute', zh: '扬声器：无声', foundBy: ['downlink.playback'] },
  'quiet-speaker': { en: 'Speaker: too quiet', zh: '扬声器：音量过低', foundBy: ['downlink.playback'] },
  'crackling-speaker': { en: 'Speaker: crackles', zh: '扬声器：断续、有杂音', foundBy: ['downlink.playback'] },
  'late-speaker': { en: 'Speaker: late', zh: '扬声器：播放延迟', foundBy: ['downlink.playback'] },
  'speaker-clock': { en: 'Speaker: clock slow', zh: '扬声器：时钟偏慢', foundBy: ['downlink.playback'] },
  'keeps-playing': { en: 'Speaker: plays on when interrupted', zh: '扬声器：被打断后仍在播放', foundBy: ['conversation.bargein'] },
  'no-greeting': { en: 'Speaker: greeting not heard', zh: '扬声器：听不到开场白', foundBy: ['conversation.greeting'] },

  'heap-leak': { en: 'Memory: leaks', zh: '内存：泄漏', foundBy: ['memory.leak'] },
  'low-heap': { en: 'Memory: little heap left', zh: '内存：剩余堆过少', foundBy: ['memory.heap'] },
  'short-stack': { en: 'Memory: task stack too small', zh: '内存：任务栈过小', foundBy: ['memory.heap'] },
  'boot-loop': { en: 'Start: restarts again and again', zh: '启动：反复重启', foundBy: ['power.boot', 'power.loop'] },
  'double-reset': { en: 'Start: starts twice', zh: '启动：连续启动两次', foundBy: ['power.boot'] },
  brownout: { en: 'Start: brownout', zh: '启动：欠压复位', foundBy: ['power.boot'] },
  'new-error': { en: 'Start: an error that good boards do not log', zh: '启动：日志中有合格板没有的错误', foundBy: ['power.baseline'] },
  'panic-sometimes': { en: 'Start: panics after a while', zh: '启动：运行一段时间后崩溃', foundBy: ['power.loop'] },

  'slow-attach': { en: 'Network: slow to attach', zh: '网络：联网慢', foundBy: ['network.attach'] },
  'no-ip': { en: 'Network: gets no address', zh: '网络：得不到 IP 地址', foundBy: ['network.attach'] },
  'never-reconnects': { en: 'Network: does not reconnect', zh: '网络：断开后不重连', foundBy: ['network.reconnect'] },
  'slow-reconnect': { en: 'Network: reconnects late', zh: '网络：重连慢', foundBy: ['network.reconnect'] },
  'loses-voice': { en: 'Network: loses its voice connection', zh: '网络：语音连接中途断开', foundBy: ['conversation.soak'] },
  'wrong-clock': { en: 'Network: clock an hour behind', zh: '网络：时钟慢一小时', foundBy: ['network.clock'] },
  'slow-network': { en: 'Network: 60 kbit/s', zh: '网络：带宽仅 60 kbit/s', foundBy: ['network.throughput'] },

  'missing-triple': { en: 'Identity: not provisioned', zh: '身份：未写入三元组', foundBy: ['identity.device'] },
  'wrong-secret': { en: 'Identity: wrong secret', zh: '身份：密钥错误', foundBy: ['identity.device'] },
  'duplicate-triple': { en: 'Identity: another board has the same', zh: '身份：与另一块板重复', foundBy: ['identity.device'] },
  'wrong-firmware': { en: 'Identity: older firmware', zh: '身份：固件版本旧', foundBy: ['identity.firmware'] },

  'tools-unanswered': { en: 'Application: does not answer tool calls', zh: '应用：不回应工具调用', foundBy: ['conversation.tools'] },
  'ignores-volume': { en: 'Application: ignores the volume', zh: '应用：不响应音量设置', foundBy: ['conversation.tools'] },
  'ignores-calls': { en: 'Application: does not take calls', zh: '应用：不接来电', foundBy: ['conversation.call-in'] },
  'no-contacts': { en: 'Application: has nobody to call', zh: '应用：没有联系人', foundBy: ['conversation.call-out'] },
  'ota-fails': { en: 'Application: update fails', zh: '应用：升级失败', foundBy: ['conversation.ota'] },
  'never-idle': { en: 'Application: never ends the conversation', zh: '应用：空闲时不结束对话', foundBy: ['conversation.idle'] },
};

/** Those of the faults that none of the checks looks for. */
export function unfoundFaults(faults: readonly BoardFaultName[], checks: readonly string[]): BoardFaultName[] {
  return faults.filter((name) => !faultWords[name].foundBy.some((check) => checks.includes(check)));
}
