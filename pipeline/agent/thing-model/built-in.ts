import type { ThingModel } from '../../../preload/contract/agents.ts';

const percent = { type: 'int', min: '0', max: '100', start: '0', step: '1', unit: '%' } as const;
const text = { type: 'string', min: '0', max: '2048' } as const;

/**
 * The thing model a product has until one is imported: the properties of the ESP32 demo and the three actions that seed 000 describes
 * (音量控制, 电量查询, 设定闹钟). `required: false` is ours: the console has no word for an argument that may be left out.
 */
export const builtInThingModel: ThingModel = {
  version: '1.0',
  properties: [
    { id: 'battery', name: '电量', desc: '', mode: 'r', define: percent },
    { id: 'volume', name: '音量', desc: '', mode: 'rw', define: percent },
  ],
  events: [],
  actions: [
    {
      id: 'control_volume',
      name: '音量控制',
      desc: 'Sets, raises or lowers the volume of the device. 控制设备音量。',
      input: [
        {
          id: 'action',
          name: '控制的操作',
          define: { type: 'stringenum', mapping: { set: '设置', increase: '增大', decrease: '减小' } },
        },
        { id: 'volume', name: 'The level to set, or how far to change it. 音量值', required: false, define: percent },
      ],
      output: [{ id: 'volume', name: '音量值', define: percent }],
    },
    {
      id: 'get_battery',
      name: '查询电量',
      desc: 'Reads the battery charge of the device in percent. 查询设备电量。',
      input: [],
      output: [{ id: 'battery', name: '电量', define: percent }],
    },
    {
      id: 'set_alarm_clock',
      name: '闹钟设置',
      desc: 'Sets an alarm clock on the device. 设置闹钟。',
      input: [
        { id: 'hour', name: '小时 0-23', define: text },
        { id: 'minute', name: '分钟 0-59', define: text },
        {
          id: 'frequency',
          name: '频次',
          define: { type: 'stringenum', mapping: { once: '一次', daily: '每天', weekly: '每周' } },
        },
        { id: 'day_choice', name: '提醒的日期 Monday … Sunday, Once or Daily', required: false, define: text },
      ],
      output: [{ id: 'alarm_status', name: '闹钟状态', define: text }],
    },
  ],
};
