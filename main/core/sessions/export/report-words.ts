import type { BreakdownPart, TurnRecord } from '../../../../preload/contract/sessions.ts';

export type ReportLanguage = 'en' | 'zh';

/** What stands in a report beside what was recorded. */
export interface ReportWords {
  title: string;
  session: string;
  started: string;
  duration: string;
  boards: string;
  version: string;
  note: string;
  notes: string;
  identities: { included: string; redacted: string };
  dropped: (count: number) => string;
  conversation: string;
  sound: string;
  user: string;
  agent: string;
  noSound: string;
  soundTooLarge: (megabytes: number) => string;
  latency: string;
  latencyNote: string;
  measure: string;
  censored: string;
  turns: string;
  turn: string;
  at: string;
  heard: string;
  notHeard: string;
  tools: string;
  total: string;
  parts: string;
  unknown: (bounds: string) => string;
  share: string;
  owners: Record<BreakdownPart['owner'], string>;
  partNames: Record<BreakdownPart['key'], string>;
  initiators: Record<TurnRecord['initiator'], string>;
  outcomes: Record<NonNullable<TurnRecord['outcome']> | 'open', string>;
}

export const reportWords: Record<ReportLanguage, ReportWords> = {
  en: {
    title: 'Session report',
    session: 'Session',
    started: 'Started',
    duration: 'Duration',
    boards: 'Boards',
    version: 'Recorded by Talkbench',
    note: 'Note',
    notes: 'Notes',
    identities: { included: 'IMEI, IMSI and ICCID are included', redacted: 'Secrets, IMEI, IMSI and ICCID are blacked out' },
    dropped: (count) => `${count} things could not be kept while recording`,
    conversation: 'Conversation',
    sound: 'Sound',
    user: 'User',
    agent: 'Agent',
    noSound: 'No sound was recorded.',
    soundTooLarge: (megabytes) => `The sound is larger than the ${megabytes} MB that a report holds: export it as WAV or Ogg.`,
    latency: 'Latency',
    latencyNote:
      'From the user’s last speech sample to the first sample heard of the reply, milliseconds. Percentiles by nearest rank; no 99th below 100 turns; turns without an answer are counted as censored.',
    measure: 'Measure',
    censored: 'censored',
    turns: 'Turns',
    turn: 'Turn',
    at: 'At',
    heard: 'Heard',
    notHeard: 'generated, not heard',
    tools: 'Tools',
    total: 'Total',
    parts: 'Where the time went',
    unknown: (bounds) => `not known: ${bounds}`,
    share: 'share of turns',
    owners: { setting: 'setting', engine: 'engine', pipeline: 'Talkbench', device: 'network and device' },
    partNames: {
      vad_silence: 'endpoint silence',
      asr_final_wait: 'final transcript',
      eou_wait: 'end-of-turn decision',
      llm_ttft: 'first answer token',
      text_agg: 'first sentence',
      tts_ttfb: 'first audio',
      send_wait: 'sending',
      transport_device: 'network and device',
      tts_lead_silence: 'silence in the audio',
    },
    initiators: { greeting: 'greeting', 'user-speech': 'speech', 'user-text': 'text', idle: 'reminder', injected: 'injected' },
    outcomes: {
      completed: 'completed',
      interrupted: 'interrupted',
      'no-reply': 'no reply',
      failed: 'failed',
      unanswered: 'unanswered',
      open: 'under way',
    },
  },
  zh: {
    title: '会话报告',
    session: '会话',
    started: '开始时间',
    duration: '时长',
    boards: '设备',
    version: '录制程序 Talkbench',
    note: '备注',
    notes: '笔记',
    identities: { included: '包含 IMEI、IMSI 和 ICCID', redacted: '密钥、IMEI、IMSI 和 ICCID 已遮盖' },
    dropped: (count) => `录制时有 ${count} 项未能保存`,
    conversation: '对话',
    sound: '音频',
    user: '用户',
    agent: '智能体',
    noSound: '没有录到音频。',
    soundTooLarge: (megabytes) => `音频超过报告可容纳的 ${megabytes} MB，请另行导出为 WAV 或 Ogg。`,
    latency: '延迟',
    latencyNote:
      '从用户最后一个语音采样到听见回复的第一个采样，单位毫秒。百分位取最近秩；不足 100 轮不给出 P99；未得到回答的轮次计入“截尾”。',
    measure: '指标',
    censored: '截尾',
    turns: '轮次',
    turn: '轮次',
    at: '时间',
    heard: '听到的内容',
    notHeard: '已生成，未听到',
    tools: '工具',
    total: '总计',
    parts: '时间去向',
    unknown: (bounds) => `未知：${bounds}`,
    share: '轮次占比',
    owners: { setting: '设置', engine: '引擎', pipeline: 'Talkbench', device: '网络与设备' },
    partNames: {
      vad_silence: '端点静音',
      asr_final_wait: '最终识别结果',
      eou_wait: '轮次结束判定',
      llm_ttft: '首个回答词元',
      text_agg: '首句文本',
      tts_ttfb: '首段音频',
      send_wait: '发送',
      transport_device: '网络与设备',
      tts_lead_silence: '音频前导静音',
    },
    initiators: { greeting: '欢迎语', 'user-speech': '语音', 'user-text': '文本', idle: '提醒', injected: '注入' },
    outcomes: { completed: '完成', interrupted: '被打断', 'no-reply': '不回复', failed: '失败', unanswered: '未回答', open: '进行中' },
  },
};
