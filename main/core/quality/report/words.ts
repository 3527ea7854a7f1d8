import type { FindingReason, SuiteCaseResult, SuiteHow, SuiteRun } from '../../../../preload/contract/quality.ts';

/** What stands in a suite's report beside what was found. */
export interface SuiteWords {
  title: string;
  started: string;
  duration: string;
  result: string;
  run: Record<SuiteRun['state'], string>;
  state: Record<SuiteCaseResult['state'], string>;
  how: Record<SuiteHow, string>;
  session: string;
  golden: string;
  expected: string;
  found: string;
  budget: string;
  cases: string;
  counts: (counts: SuiteRun['counts']) => string;
  line: (line: number) => string;
  at: (seconds: string, turn: number | null) => string;
  couldNotRun: (code: string, data: string) => string;
  reasons: Record<FindingReason, string>;
}

export const suiteWords: Record<'en' | 'zh', SuiteWords> = {
  en: {
    title: 'Suite report',
    started: 'Started',
    duration: 'Took',
    result: 'Result',
    run: { running: 'running', passed: 'all met', failed: 'not all met', error: 'could not all be run', cancelled: 'cancelled' },
    state: { waiting: 'waiting', running: 'running', passed: 'met', failed: 'not met', error: 'could not be run', skipped: 'skipped' },
    how: { check: 'the recording as it is', resimulate: 'simulated with other settings', rerun: 'spoken again', scenario: 'scenario' },
    session: 'Session',
    golden: 'Golden session',
    expected: 'Expected',
    found: 'Found',
    budget: 'Budget of all cases together',
    cases: 'Cases',
    counts: ({ passed, failed, errors, skipped }) => `${passed} met, ${failed} not met, ${errors} could not be run, ${skipped} skipped`,
    line: (line) => `line ${line}`,
    at: (seconds, turn) => `at ${seconds} s${turn === null ? '' : `, turn ${turn}`}`,
    couldNotRun: (code, data) => `Could not be run: ${code} ${data}`,
    reasons: {
      value: 'Look at the turn; if this is as it should be now, change the expectation.',
      'no-such-turn': 'There is no such turn: look at the session’s turns, and at how many there are.',
      'no-such-event': 'It never happened in this session: check the name, and whether the path to it was taken.',
      unwanted: 'It happened and must not: open the session there.',
      count: 'It happened another number of times: open the session and compare.',
      'too-late': 'It came too late: the turn’s latency parts say where the time went.',
      'tool-missing': 'The agent did not call it: read its reply and the tool’s description.',
      'tool-order': 'It was called, in another order: read the turns.',
      'not-measured': 'Nothing was measured to hold against it: too few turns, or turns that were never answered.',
      'no-such-row': 'No row of the log fits: check the pattern in the monitor.',
      'not-simulated': 'A simulation has no events or log of its own: use check or rerun for this.',
      golden: 'Open both sessions side by side; if the new one is right, make it the golden one.',
    },
  },
  zh: {
    title: '用例集报告',
    started: '开始时间',
    duration: '耗时',
    result: '结果',
    run: { running: '运行中', passed: '全部符合', failed: '有不符合项', error: '有用例无法运行', cancelled: '已取消' },
    state: { waiting: '等待', running: '运行中', passed: '符合', failed: '不符合', error: '无法运行', skipped: '已跳过' },
    how: { check: '检查原录音', resimulate: '换设置仿真', rerun: '重新说一遍', scenario: '场景' },
    session: '会话',
    golden: '基准会话',
    expected: '期望',
    found: '实际',
    budget: '全部用例合计的预算',
    cases: '用例',
    counts: ({ passed, failed, errors, skipped }) => `${passed} 个符合，${failed} 个不符合，${errors} 个无法运行，${skipped} 个跳过`,
    line: (line) => `第 ${line} 行`,
    at: (seconds, turn) => `${seconds} 秒处${turn === null ? '' : `，第 ${turn} 轮`}`,
    couldNotRun: (code, data) => `无法运行：${code} ${data}`,
    reasons: {
      value: '请查看该轮对话；若现在的结果才是对的，请修改期望。',
      'no-such-turn': '没有这一轮：请查看会话中有哪些轮次。',
      'no-such-event': '会话中没有发生该事件：请检查名称，以及流程是否走到那里。',
      unwanted: '发生了不应发生的事：请打开会话查看该处。',
      count: '发生的次数不同：请打开会话对照。',
      'too-late': '来得太晚：该轮的延迟分段会说明时间花在哪里。',
      'tool-missing': '智能体没有调用该工具：请查看它的回复与工具描述。',
      'tool-order': '调用了，但顺序不同：请查看各轮对话。',
      'not-measured': '没有可比较的测量值：轮次太少，或有未得到回答的轮次。',
      'no-such-row': '日志中没有匹配的行：请在日志监视中检查该模式。',
      'not-simulated': '仿真没有自己的事件与日志：请改用 check 或 rerun。',
      golden: '请并排打开两个会话对照；若新的才是对的，请把它设为基准。',
    },
  },
};
