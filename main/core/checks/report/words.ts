/** What stands in a report of bring-up checks beside what was measured and the checks' own words. */
export interface ReportWords {
  title: string;
  overview: string;
  serialNumber: string;
  noSerialNumber: string;
  boardKind: string;
  port: string;
  device: string;
  firmware: string;
  list: string;
  operator: string;
  started: string;
  duration: string;
  session: string;
  run: string;
  bench: string;
  board: string;
  verdict: string;
  counts: (counts: Readonly<Record<'passed' | 'failed' | 'skipped' | 'person' | 'error' | 'waiting', number>>) => string;
  yields: (passed: number, boards: number) => string;
  check: string;
  result: string;
  measured: string;
  limit: string;
  took: string;
  failedChecks: string;
  details: string;
  next: string;
  note: string;
  couldNot: (why: string) => string;
  evidence: string;
  rows: (port: string, from: number, to: number, more: number) => string;
  packets: (track: 'uplink' | 'downlink', from: number, to: number, conversation: string) => string;
  turn: (id: number, conversation: string) => string;
  user: string;
  agent: string;
  sound: (label: string, seconds: string) => string;
  soundGone: string;
  soundLeftOut: (megabytes: number) => string;
  soundNotPrinted: string;
  range: (from: string, to: string) => string;
  signOff: string;
  testedBy: string;
  approvedBy: string;
  name: string;
  date: string;
  signature: string;
  identities: string;
  made: (version: string, when: string) => string;
}

export const reportWords: Readonly<Record<'en' | 'zh', ReportWords>> = {
  en: {
    title: 'Bring-up report',
    overview: 'Boards',
    serialNumber: 'Serial number',
    noSerialNumber: 'no serial number',
    boardKind: 'Board',
    port: 'Port',
    device: 'Device',
    firmware: 'Firmware',
    list: 'Check list',
    operator: 'Operator',
    started: 'Started',
    duration: 'Took',
    session: 'Session',
    run: 'Run',
    bench: 'Bench',
    board: 'What is known of the board',
    verdict: 'Verdict',
    counts: ({ passed, failed, skipped, person, error, waiting }) =>
      [
        `${passed} passed`,
        `${failed} failed`,
        ...(person > 0 ? [`${person} need a person`] : []),
        ...(error > 0 ? [`${error} could not be carried out`] : []),
        `${skipped} skipped`,
        ...(waiting > 0 ? [`${waiting} not run`] : []),
      ].join(', '),
    yields: (passed, boards) => `${passed} of ${boards} runs passed`,
    check: 'Check',
    result: 'Result',
    measured: 'Measured',
    limit: 'Limit',
    took: 'Took, s',
    failedChecks: 'Failed checks',
    details: 'Checks in detail',
    next: 'Next step',
    note: 'Note',
    couldNot: (why) => `Could not be carried out: ${why}`,
    evidence: 'Evidence',
    rows: (port, from, to, more) => `Log of ${port}, rows ${from}–${to}${more > 0 ? `, ${more} more in the session` : ''}`,
    packets: (track, from, to, conversation) =>
      `${track === 'uplink' ? 'Uplink' : 'Downlink'} packets ${from}–${to} of conversation ${conversation}, in the session`,
    turn: (id, conversation) => `Turn ${id} of conversation ${conversation}`,
    user: 'User',
    agent: 'Agent',
    sound: (label, seconds) => `Sound: ${label}, ${seconds} s`,
    soundGone: 'This sound is no longer in the library; what was measured of it stays.',
    soundLeftOut: (megabytes) => `Left out: a report holds ${megabytes} MB of sound. Listen to it in the app.`,
    soundNotPrinted: 'In the HTML report and in the app.',
    range: (from, to) => `${from} to ${to}`,
    signOff: 'Sign-off',
    testedBy: 'Tested by',
    approvedBy: 'Approved by',
    name: 'Name',
    date: 'Date',
    signature: 'Signature',
    identities: 'MAC and IMEI say which board this is and are told; secrets, IMSI and ICCID are blacked out.',
    made: (version, when) => `Talkbench ${version}, ${when}`,
  },
  zh: {
    title: '板卡适配检查报告',
    overview: '板卡一览',
    serialNumber: '序列号',
    noSerialNumber: '无序列号',
    boardKind: '板型',
    port: '串口',
    device: '设备',
    firmware: '固件',
    list: '检查清单',
    operator: '操作员',
    started: '开始时间',
    duration: '用时',
    session: '会话',
    run: '检查编号',
    bench: '工作台',
    board: '板卡信息',
    verdict: '结论',
    counts: ({ passed, failed, skipped, person, error, waiting }) =>
      [
        `通过 ${passed} 项`,
        `不通过 ${failed} 项`,
        ...(person > 0 ? [`待人工确认 ${person} 项`] : []),
        ...(error > 0 ? [`未能执行 ${error} 项`] : []),
        `跳过 ${skipped} 项`,
        ...(waiting > 0 ? [`未执行 ${waiting} 项`] : []),
      ].join('，'),
    yields: (passed, boards) => `${boards} 次检查中 ${passed} 次合格`,
    check: '检查项',
    result: '结果',
    measured: '实测',
    limit: '要求',
    took: '用时（s）',
    failedChecks: '不通过的检查项',
    details: '检查详情',
    next: '下一步',
    note: '备注',
    couldNot: (why) => `未能执行：${why}`,
    evidence: '证据',
    rows: (port, from, to, more) => `${port} 的日志，第 ${from}–${to} 行${more > 0 ? `，其余 ${more} 行见会话` : ''}`,
    packets: (track, from, to, conversation) =>
      `对话 ${conversation} 的${track === 'uplink' ? '上行' : '下行'}音频包 ${from}–${to}，见会话`,
    turn: (id, conversation) => `对话 ${conversation} 第 ${id} 轮`,
    user: '用户',
    agent: '智能体',
    sound: (label, seconds) => `声音：${label}，${seconds} s`,
    soundGone: '该声音已不在素材库中，由它得出的测量结果仍在。',
    soundLeftOut: (megabytes) => `未放入：一份报告最多容纳 ${megabytes} MB 声音，请在应用中收听。`,
    soundNotPrinted: '请在 HTML 报告或应用中收听。',
    range: (from, to) => `${from} 至 ${to}`,
    signOff: '签署',
    testedBy: '测试人',
    approvedBy: '审核人',
    name: '姓名',
    date: '日期',
    signature: '签名',
    identities: 'MAC 与 IMEI 用于标识板卡，予以保留；密钥、口令、IMSI 与 ICCID 已隐去。',
    made: (version, when) => `Talkbench ${version}，${when}`,
  },
};
